/* token.h - a token (hardware module, card, stick) that opens what was sealed to a key which never
 * leaves it, through the PKCS#11 module that its maker gives. Each question has a child process of
 * its own, which loads the module, asks once and ends: neither the module nor the PIN is ever in a
 * process that goes on. Owns nothing; before rights go, any thread. Included by the file of the
 * master key, and by main. */
#pragma once
#include "base/conf.h"
#include "proc/keyring.h"

enum { TOKEN_ID_MAX = 64, TOKEN_WRAPPED_MAX = 1024, TOKEN_LABEL = 32, TOKEN_SERIAL = 16 };

/* Where the token is, as the settings say (data/conf.json, token.). Slices live longer than it. */
typedef struct token_setup {
    str module; /* empty: no token is used */
    str label;  /* the token's label or serial number */
    str key;    /* the key's label */
    str pin_file;
    const char *folder;    /* DATA/keys: a PIN that was refused is remembered there */
    const uint8_t *backup; /* the backup key, of two cards: opens instead of the token; or NULL */
} token_setup;
/* folder, and c's texts, must live as long as the setup. */
token_setup token_setup_of(const conf *c, const char *folder);

/* Which key of which token opens a secret of KEY_BYTES, and that secret under it (RSA-OAEP). */
typedef struct {
    char label[TOKEN_LABEL + 1], serial[TOKEN_SERIAL + 1];
    uint8_t id[TOKEN_ID_MAX];
    size_t n_id;
    bool sha256; /* OAEP's hash; false: SHA-1, for tokens that know no other */
    uint8_t wrapped[TOKEN_WRAPPED_MAX];
    size_t n_wrapped;
} token_lock;

/* Seals secret to the key of same, or, when that is NULL, to the key of the settings' label, which
 * is made when the token has none; and has it opened once, as proof. Errors: E_CONFIG
 * (error.token.* that says what to do), E_FULL (error.token.full), E_BUSY (error.token.lost: the
 * module ended or did not answer). */
MUST_USE err token_seal(const token_setup *t, const token_lock *same,
        const uint8_t secret[KEY_BYTES], token_lock *ret);
/* Errors: as token_seal. A PIN that the token refused is not tried again before its file is written
 * anew: tokens lock themselves. */
MUST_USE err token_open(const token_setup *t, const token_lock *lock, uint8_t ret[KEY_BYTES]);
/* Is that token there, would it take a PIN? Needs none. Errors: as token_seal. */
MUST_USE err token_look(const token_setup *t, const token_lock *lock);
