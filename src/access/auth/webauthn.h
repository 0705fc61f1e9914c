/* webauthn.h - what a browser brings back from an authenticator, checked: W3C Web Authentication
 * level 2, sections 7.1 (a passkey is made) and 7.2 (a passkey is shown). Pure: bytes in, verdict
 * out; signatures and authenticator data by libfido2. Whether a challenge is ours and unspent is
 * passkey.h's. Any thread. */
#pragma once
#include "base/base.h"

enum {
    WEBAUTHN_CLIENT_MAX = 4096, /* bytes of client data, attestation and authenticator data */
    WEBAUTHN_OBJECT_MAX = 8192,
    WEBAUTHN_CREDENTIAL_MAX = 1023, /* section 4, credential id */
    WEBAUTHN_KEY_MAX = 264,
};

/* Where passkeys of this site count: from the configured public address, never from a request. */
typedef struct {
    str rp_id, origin; /* "minar.example", "https://minar.example:8420" */
} passkey_site;
/* false: the address has no name of its own (a number), or is neither https nor this machine, so
 * that no browser makes a passkey there. */
MUST_USE bool passkey_site_of(arena *a, str public_url, passkey_site *ret);

typedef struct {
    int alg;                       /* COSE: -7 ES256, -8 EdDSA, -257 RS256 */
    uint8_t key[WEBAUTHN_KEY_MAX]; /* as libfido2 writes it */
    size_t key_n;
    str credential;
    uint32_t counter;
} webauthn_made;

/* Client data: type ("webauthn.create", "webauthn.get"), origin, not within another site's frame.
 * *ret_challenge: its bytes, in a. E_INVALID: error.access.passkey_bad, passkey_origin. */
MUST_USE err webauthn_client(
        arena *a, const passkey_site *s, str client_data, str type, str *ret_challenge);
/* A fresh passkey: attestation "none", or "packed" by its own key. E_INVALID:
 * error.access.passkey_bad, passkey_unverified (nobody showed that it is them). */
MUST_USE err webauthn_register(
        arena *a, const passkey_site *s, str client_data, str attestation, webauthn_made *ret);
/* Authenticator data before anybody is known: for this site, person present and verified. Errors
 * as above; *ret_counter: the signature counter. */
MUST_USE err webauthn_shown(const passkey_site *s, str auth_data, uint32_t *ret_counter);
/* The signature by this key. */
MUST_USE bool webauthn_signed(
        const passkey_site *s, str client_data, str auth_data, str signature, int alg, str key);
