/* smime_key.h - the key and certificate that sign mail by S/MIME: DATA/keys/smime.pem (mode 0600:
 * the private key, its certificate, those above it), and smime-next.pem, a key that waits for its
 * certificate. It signs and does nothing else: nobody can write to Minar.
 * Read by the keys process at its start, or by a command that the folder's owner runs: a new one
 * counts from the next start. Constant once open; one thread. */
#pragma once
#include "net/smime_cert.h"

typedef struct smime_key smime_key;
/* *ret NULL: there is none that has its certificate. Errors: E_IO, E_CONFIG (error.smime.form). */
MUST_USE err smime_key_open(const char *folder, smime_key **ret);
void smime_key_close(smime_key *k); /* NULL: nothing */
/* As net/smime_cert.h describes one; empty: k is NULL. */
str smime_key_listing(const smime_key *k, arena *a, instant now);
/* CMS SignedData (SHA-256, with signing time and signing-certificate-v2) over an entity that stands
 * beside it; DER, in a. Empty: k is NULL, or its certificate does not count at this time. */
str smime_key_sign(const smime_key *k, str entity, instant now, arena *a);

/* ---- for commands ---- */
/* Makes the key (RSA, 3072 bits) that waits. Errors: E_CONFLICT (error.smime.waits), E_IO. */
MUST_USE err smime_key_make(const char *folder);
/* PKCS#10 for the key that waits, PEM: a name, and an address for e-mail protection. Errors:
 * E_ABSENT (error.smime.none_waits). */
MUST_USE err smime_key_request(const char *folder, arena *a, str name, str address, str *ret);
/* What the authority gave: a certificate of the key that waits, or anew of the one in use; with
 * those above it. It is in use from here on, and the private key of before is gone; its certificate
 * stays beside, smime-SERIAL.crt. Errors: E_INVALID (error.smime.other_key, and those of
 * smime_judge). */
MUST_USE err smime_key_take(
        const char *folder, arena *a, str brought, str address, instant now, smime_cert *ret);
typedef enum { SMIME_WAITS, SMIME_USED } smime_which;
/* Errors: E_ABSENT (error.smime.none_waits, error.smime.none_used). */
MUST_USE err smime_key_drop(const char *folder, smime_which w);
typedef struct {
    bool waits, used; /* is there one? */
    smime_cert certificate;
    str listing; /* of it */
} smime_state;
MUST_USE err smime_key_look(const char *folder, arena *a, instant now, smime_state *ret);
