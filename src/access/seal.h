/* seal.h - personal text under a key per person, so that destroying the key erases it everywhere,
 * in backups too. Owns table person_key. The master key that wraps its rows is behind proc/keys;
 * people's keys that were used lately are kept (seal_cache.h), so that a page asks once.
 * seal_begin or seal_init once at start; everything else on the transaction's thread. */
#pragma once
#include "base/base.h"

struct txn;

/* Where a sealed value stands: it cannot be moved to another place unnoticed. */
typedef struct {
    const char *table, *column;
    id128 id; /* the record's */
} seal_place;

struct keys;
/* Takes the door to the master key, which stays the caller's until seal_end. Errors: keys_derive's.
 */
MUST_USE err seal_begin(struct keys *k);
/* Forgets the door and every key. */
void seal_end(void);
/* The same for a process that works alone: the master key at path, made (mode 0600) when absent.
 * Errors: E_IO, E_CONFIG (not a key, or readable by others). */
MUST_USE err seal_init(const char *path);
/* A key for the person at this row, unless there is one. In a writing transaction. */
MUST_USE err seal_new_key(struct txn *t, int64_t person);
/* E_CONFLICT when the person's key is destroyed or was never made; E_BUSY: no keys process now. The
 * ciphertext is t's arena's. */
MUST_USE err seal_text(struct txn *t, int64_t person, const seal_place *at, str plain, str *ret);
/* A destroyed or missing key gives empty text and *ret_lost true. E_INVALID: the value was tampered
 * with. The text is t's arena's. */
MUST_USE err open_text(
        struct txn *t, int64_t person, const seal_place *at, str sealed, str *ret, bool *ret_lost);
/* Ends a person's key for good. In a writing transaction. */
MUST_USE err seal_destroy_key(struct txn *t, int64_t person);
/* Keyed hash of the folded address (trimmed, ASCII lower case), for finding a person by mail. */
enum { SEAL_MAIL_HASH = 32 };
void seal_mail_hash(str mail, uint8_t ret[SEAL_MAIL_HASH]);

/* ---- a key of a thing's own; whoever has the thing keeps its wrapped form ---- */
enum { SEAL_KEY = 32, SEAL_WRAPPED = 72 };
/* A fresh key, and how it is kept: it opens only under the same label (at most 64 bytes). E_BUSY.
 */
MUST_USE err seal_key_make(str label, uint8_t key[SEAL_KEY], uint8_t wrapped[SEAL_WRAPPED]);
/* E_CONFIG: not wrapped here; E_BUSY: no keys process now. Keys used lately are kept. */
MUST_USE err seal_key_open(str label, str wrapped, uint8_t key[SEAL_KEY]);
/* The key is destroyed: it is not kept here either. */
void seal_key_drop(str wrapped);
/* In a, sealed under key; place says where it stands and is authenticated with it. */
str seal_bytes(arena *a, const uint8_t key[SEAL_KEY], str place, str plain);
/* False: altered, or from another place. */
MUST_USE bool seal_open_bytes(
        arena *a, const uint8_t key[SEAL_KEY], str place, str sealed, str *ret);
