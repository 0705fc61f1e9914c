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
