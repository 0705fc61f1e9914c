/* letter_key.h - the key that signs letters, with its certificate: one file, DATA/keys/letter.pem
 * (mode 0600: the private key, its certificate, certificates up to a root). Made at the foundation
 * with a certificate of its own; an administrator may bring another one.
 * Read by the keys process, or by a command that works alone under the folder's lock. Constant once
 * open; one thread. */
#pragma once
#include "base/base.h"

enum { LETTER_DIGEST = 32, LETTER_CMS_MAX = 12000, LETTER_KEY_YEARS = 5 };

typedef struct letter_key letter_key;
/* Makes a key (P-256) and a certificate in that name when there is none. Errors: E_IO. */
MUST_USE err letter_key_make(const char *folder, str name);
/* *ret NULL: there is none. Errors: E_IO, E_CONFIG (error.letter_key.form: no key and certificate
 * that belong together, or readable by others). */
MUST_USE err letter_key_open(const char *folder, letter_key **ret);
void letter_key_close(letter_key *k); /* NULL: nothing */
/* CMS SignedData over a document's SHA-256, detached: signed attributes content-type,
 * message-digest and signing-certificate-v2 and no time (ETSI EN 319 142-1, 6.3). False: it has
 * become too large for LETTER_CMS_MAX. */
MUST_USE bool letter_key_sign(
        const letter_key *k, const uint8_t digest[LETTER_DIGEST], arena *a, str *ret);

/* ---- for commands: nobody else has the folder ---- */
/* Another one in its place: made anew, or read from two PEM files. The private key that was is
 * erased; its certificate stays beside it, letter-SERIAL.crt. */
MUST_USE err letter_key_renew(const char *folder, str name);
MUST_USE err letter_key_take(
        const char *folder, const char *key_file, const char *certificate_file);
/* What a person asks about it. */
typedef struct {
    str name, issuer, serial, sha256;
    instant from, until;
} letter_certificate;
/* E_ABSENT (error.letter_key.none). In a. */
MUST_USE err letter_key_look(const char *folder, arena *a, letter_certificate *ret);
