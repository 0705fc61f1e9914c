/* files.h - files that hang on records: taken in, named, opened, let go. Their bytes are in the
 * vault, sealed under a key of each one's own, which the master key wraps; name and report are
 * sealed under it too, so that destroying it erases all of a file but its hash and length.
 * Owns table file_key. Called by desks; transactions' thread, but for what says otherwise. */
#pragma once
#include "common/files/look.h"
#include "common/files/vault.h"
#include "gen/records/attachment.h"

enum { FILES_PER_THING = 500, FILES_NAME_MAX = 200 };

/* A file that was taken in and has no record yet. */
typedef struct {
    id128 object;
    vault_sum sum;
    file_look look;
    uint8_t wrapped[72];
    str name, report; /* sealed */
    id128 preview;    /* object of the plain picture; zero: none */
} files_taken;
/* Seals the bytes of fd into the vault and has the sandbox look at them. Any thread that may wait.
 * Errors: E_IO, E_BUSY (no keys process). */
MUST_USE err files_take(
        const vault_place *p, struct sandbox *s, int fd, str name, arena *a, files_taken *ret);
/* What was taken is not wanted: nothing of it stays. */
void files_untake(const vault_place *p, const files_taken *f);

/* The record of it, at a whole that v sees, with the whole's owner and this audience. In a writing
 * transaction. Errors: record_insert's, E_FULL. */
typedef struct {
    str about;
    int64_t parent, owner, audience;
} files_whole;
MUST_USE err files_insert(txn *t, const viewer *v, const files_whole *w, const files_taken *f,
        const attachment_handle **ret);

/* The key of a file that is not erased; E_ABSENT (error.files.erased). Wipe it. */
MUST_USE err files_key(txn *t, const attachment_handle *h, uint8_t key[VAULT_KEY]);
/* Its name and report (either may be NULL), in a; empty when it is erased. wrapped: file_key's. */
MUST_USE err files_words(
        arena *a, id128 object, str wrapped, str name, str report, str *ret_name, str *ret_report);
MUST_USE err files_words_of(
        txn *t, arena *a, const attachment_handle *h, str *ret_name, str *ret_report);

/* Keeps the plain picture that a look gave, if it gave one; *ret is zero otherwise. Any thread. */
MUST_USE err files_picture_put(
        const vault_place *p, const uint8_t key[VAULT_KEY], const file_look *l, id128 *ret);
/* What the sandbox made of it now, with its picture, into its draft. */
MUST_USE err files_look_again(
        txn *t, const attachment_handle *h, const file_look *l, id128 preview, attachment_draft *d);
/* Destroys its key, and lists its objects for files_sweep. In a writing transaction, with the
 * record's change. */
MUST_USE err files_erase(txn *t, const attachment_handle *h);
/* All of it goes, its record too: by its age. In a writing transaction. */
MUST_USE err files_go(txn *t, int64_t row);
/* Removes the objects that no durable file is made of any more, some at a time; what cannot be
 * removed is tried again the next time. Any thread that may wait. */
MUST_USE err files_sweep(struct store *s, const vault_place *p);
/* An object that no record ever spoke of, or does no more. Any thread; zero: nothing. */
void files_object_remove(const vault_place *p, id128 object);
