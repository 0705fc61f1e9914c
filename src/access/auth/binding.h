/* binding.h - API keys bound to a certificate: such a key is good for nothing without it. Owns
 * table key_certificate. Any thread, within the transaction given. Included by auth and the key
 * routes. */
#pragma once
#include "base/base.h"

struct txn;

enum { BINDING_HASH = 32 };
typedef enum { BOUND_TO_NOTHING, BOUND_TO_CERTIFICATE, BOUND_TO_PUBLIC_KEY } binding_kind;
typedef struct {
    binding_kind kind;
    uint8_t hash[BINDING_HASH]; /* SHA-256 of the certificate (DER) or of its SubjectPublicKeyInfo
                                 */
} key_binding;

/* A fingerprint as people have it: 64 hexadecimal digits, with or without colons, or 43 of
 * base64url (x5t#S256, RFC 8705 section 3.1). E_INVALID otherwise. binds: certificate|public_key.
 */
MUST_USE err binding_parse(str fingerprint, str binds, key_binding *ret);
MUST_USE err binding_keep(struct txn *t, int64_t key, const key_binding *b);
/* BOUND_TO_NOTHING when there is none. */
MUST_USE err binding_of(struct txn *t, int64_t key, key_binding *ret);
/* As it stands in a row; no words: it is bound to nothing. */
key_binding binding_from(str binds, str hash);
/* "certificate" or "public_key"; empty for nothing. */
str binding_name(binding_kind k);
/* Is what the client showed (32 bytes each, or empty) what the key wants? Pure. */
bool binding_fits(const key_binding *b, str cert_hash, str cert_key_hash);
