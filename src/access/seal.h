/* seal.h - personal text under a key per person, so that destroying the key erases it everywhere,
 * in backups too. Owns table person_key and the master key that wraps it (XChaCha20-Poly1305).
 * seal_init once at start; everything else on the transaction's thread. */
#pragma once
#include "base/base.h"

struct txn;

/* Where a sealed value stands: it cannot be moved to another place unnoticed. */
typedef struct {
    const char *table, *column;
    id128 id; /* the record's */
} seal_place;

/* Reads the master key, or makes it (mode 0600) when path does not exist. Errors: E_IO, E_CONFIG
 * (not a key, or readable by others). */
MUST_USE err seal_init(const char *path);
/* A key for the person at this row, unless there is one. In a writing transaction. */
MUST_USE err seal_new_key(struct txn *t, int64_t person);
/* E_CONFLICT when the person's key is destroyed or was never made. The ciphertext is t's arena's.
 */
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
