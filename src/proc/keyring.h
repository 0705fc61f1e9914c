/* keyring.h - the secrets of one data folder and what is done with them: people's keys wrapped and
 * unwrapped, subkeys derived, statements signed.
 * Owns the master key and the signing keys, in guarded memory, and their files (mode 0600, made
 * when absent). Opened by the keys process, which alone serves a running Minar, and by a command
 * that works alone under the folder's lock. Constant once open: any thread. */
#pragma once
#include "base/base.h"

enum { KEY_BYTES = 32, KEY_WRAPPED_BYTES = 24 + 32 + 16, SIGNATURE_BYTES = 64 };
enum { KEY_LABEL_MAX = 64, SIGN_BYTES_MAX = 64 << 10 };

/* Subkeys of the master key that the server may have for itself: none of them opens anything that
 * is sealed, and none leads back to the master key. */
typedef enum { DERIVE_MAIL_HASH, DERIVE_CURSOR, DERIVE_BOUNCE, DERIVE_PURPOSES } derive_purpose;

/* What is signed, each with a key of its own: a signature for one purpose is worth nothing for
 * another one, whatever the bytes are. The rows stand in keyring.c. */
typedef enum {
    SIGN_LEDGER_CHECKPOINT, /* a signed note's text, C2SP tlog-checkpoint */
    SIGN_LEDGER_WITNESS,    /* another log's checkpoint under a time, C2SP tlog-cosignature */
    SIGN_PURPOSES
} sign_purpose;
const char *sign_purpose_name(sign_purpose p);

struct letter_key;  /* proc/letter_key.h */
struct token_setup; /* proc/token.h */
struct dkim_key;    /* proc/dkim_key.h */
typedef struct keyring keyring;
/* Opens or makes the master key at that path and, when folder is given, the signing keys in it.
 * Errors: E_IO, E_CONFIG (not a key, or readable by others). */
MUST_USE err keyring_open(const char *master_path, const char *folder, keyring **ret);
/* The same where a token may seal the master key; token, or NULL, lives as long as the keyring:
 * each later change is sealed by it too. Errors: also master_open's. */
MUST_USE err keyring_open_by(const char *master_path, const char *folder,
        const struct token_setup *token, keyring **ret);
void keyring_close(keyring *k); /* wipes */

/* Wraps a person's key (XChaCha20-Poly1305); it opens only under the same label. */
void keyring_wrap(
        const keyring *k, str label, const uint8_t key[KEY_BYTES], uint8_t ret[KEY_WRAPPED_BYTES]);
/* Under the master key, or under one of before that is still there. False: wrapped under another
 * master key or label, or altered. */
MUST_USE bool keyring_unwrap(const keyring *k, str label, str wrapped, uint8_t ret[KEY_BYTES]);

/* ---- a new master key: a command that works alone, while nobody else uses k ---- */
/* Tells two master keys apart and says nothing of them. */
id128 keyring_id(const keyring *k);
/* How many keys of before there are: a change under way has at least one. */
size_t keyring_old(const keyring *k);
/* Makes a new key in folder's file; the one of before opens on and wraps nothing any more. There is
 * none from an earlier change. Errors: E_IO, and then nothing has changed. */
MUST_USE err keyring_renew(keyring *k, const char *folder);
/* The keys of before are destroyed, in the file and here. Errors: E_IO. */
MUST_USE err keyring_forget_old(keyring *k, const char *folder);
typedef enum { WRAPPED_NOW, WRAPPED_BEFORE, WRAPPED_ELSEWHERE } keyring_wrapped;
/* Under which key it is; ret is filled with it wrapped anew when that is one of before. */
MUST_USE keyring_wrapped keyring_rewrap(
        const keyring *k, str label, str wrapped, uint8_t ret[KEY_WRAPPED_BYTES]);

/* ---- a token that seals the master key: as above, a command that works alone ---- */
/* Is its file sealed? */
bool keyring_sealed(const keyring *k);
/* The master key and the backup key, sealed by the settings' token, beside folder's file and
 * proved; keyring_seal_take gives it the name, and nothing else is left of the master key. Errors:
 * sealed_make's. */
MUST_USE err keyring_seal(keyring *k, const char *folder, const uint8_t backup[KEY_BYTES]);
MUST_USE err keyring_seal_take(keyring *k, const char *folder);
/* The file as it is without a token; the backup key is the caller's to keep. Errors: E_IO. */
MUST_USE err keyring_unseal(keyring *k, const char *folder);
/* False: it is not sealed, and the backup key has a file of its own. */
MUST_USE bool keyring_backup(const keyring *k, uint8_t ret[KEY_BYTES]);

void keyring_derive(const keyring *k, derive_purpose p, uint8_t ret[KEY_BYTES]);
/* Ed25519. False: the bytes are not of the form that the purpose's row asks for. */
MUST_USE bool keyring_sign(
        const keyring *k, sign_purpose p, str bytes, uint8_t ret[SIGNATURE_BYTES]);
void keyring_public(const keyring *k, sign_purpose p, uint8_t ret[KEY_BYTES]);
/* Reads the key that signs mail, made when absent; before the keyring is used. Errors: those of
 * dkim_key_make and dkim_key_open. */
MUST_USE err keyring_load_dkim(keyring *k, const char *folder, str selector);
/* NULL: there is none. The keyring's. */
const struct dkim_key *keyring_dkim(const keyring *k);
/* The key that signs letters; NULL: there is none. The keyring's. */
const struct letter_key *keyring_letter(const keyring *k);
