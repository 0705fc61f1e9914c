/* key.h - the backup key and its shares. The key opens everything of a backup, the installation's
 * own keys included. It is split by exclusive or: for every two custodians there is a random half
 * that one has and its counterpart that the other has, so that any two of n give the key and one
 * alone knows nothing of it, whatever can be computed. Owns nothing; pure but for chance; any
 * thread. */
#pragma once
#include "base/base.h"

enum { BACKUP_KEY = 32, BACKUP_KEY_ID = 8, CUSTODIANS_MAX = 5, CARD_BYTES_MAX = 4096 };

/* What tells two keys apart and says nothing of them: 16 hexadecimal digits. */
void backup_key_id(const uint8_t key[BACKUP_KEY], char ret[2 * BACKUP_KEY_ID + 1]);
/* A subkey; use: 1 wraps the set's key, 2 is the id. */
void backup_key_sub(const uint8_t key[BACKUP_KEY], uint64_t use, uint8_t ret[BACKUP_KEY]);

typedef struct {
    char key_id[2 * BACKUP_KEY_ID + 1];
    char split[17];                           /* which ceremony: cards of two do not go together */
    int n, mine;                              /* of n custodians, number mine (from 1) */
    uint8_t half[CUSTODIANS_MAX][BACKUP_KEY]; /* [k - 1]: what goes with custodian k's */
} share;

/* n from 2 to CUSTODIANS_MAX. */
void shares_make(const uint8_t key[BACKUP_KEY], int n, share ret[CUSTODIANS_MAX]);
/* False: not two cards of one ceremony, or not whole. */
MUST_USE bool shares_join(const share *x, const share *y, uint8_t ret[BACKUP_KEY]);

/* A card as it is printed: lines that a person can type again; each ends in a check of its own. */
str share_card(arena *a, const share *s, str custodian);
/* E_INVALID (error.backup.card) with the row that is wrong. */
MUST_USE err share_read(str card, share *ret);
