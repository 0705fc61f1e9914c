/* master_sealed.h - the file of the master key where a token seals it: the master key's own form
 * and the backup key, sealed twice, so that either opens it: what the token opens, or the backup
 * key, which custodians' cards give. Neither secret is in the folder any more. Owns nothing; any
 * thread. Included by proc/keyring and by main. */
#pragma once
#include "proc/master_file.h"
#include "proc/token.h"

#define SEALED_FRESH "sealed.key.new" /* below keys/; names that end so are in no backup */
enum {
    SEALED_BOX_MAX = 24 + MASTER_FILE_MAX + 16, /* nonce, text, tag */
    SEALED_FILE_MAX = 24 << 10,
};
typedef struct {
    token_lock lock;
    size_t n_old; /* keys of before that are in it */
    uint8_t token_box[SEALED_BOX_MAX], cards_box[SEALED_BOX_MAX];
    size_t n_token_box, n_cards_box;
} master_sealed;

/* False: not of this form. */
MUST_USE bool sealed_parse(str bytes, master_sealed *ret);
/* What sealed_parse reads, in a. */
str sealed_text(arena *a, const master_sealed *s);

/* What the file says without being opened. */
typedef struct {
    bool sealed;
    char token[TOKEN_LABEL + 1], serial[TOKEN_SERIAL + 1];
    size_t n_old;
    token_lock lock; /* where sealed */
} master_state;
/* Errors: as master_read. */
MUST_USE err master_look(const char *path, master_state *ret);

/* Of either form: by t's backup key where it has one, else by the token. ret_lock: what opened it;
 * n_wrapped is 0 when it was not sealed. t NULL: no token. Errors: as master_read, token_open;
 * E_AUTH (error.token.cards: the backup key is another one), E_CONFIG (error.token.sealed_other).
 */
MUST_USE err master_open(
        const char *path, const token_setup *t, master_keys *ret, token_lock *ret_lock);
/* Writes m, which has the backup key, sealed beside folder's file of the master key, and has the
 * token open what was written; then sealed_take gives it the name. same: the key that seals now, or
 * NULL: the settings'. Errors: as token_seal; E_IO. */
MUST_USE err sealed_make(
        const char *folder, const token_setup *t, const token_lock *same, const master_keys *m);
MUST_USE err sealed_take(const char *folder);
