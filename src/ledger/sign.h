/* sign.h - the door to a signing key of the ledger. Whoever holds a signer gets signatures and the
 * public half, never the key: that is behind proc/keys. Any thread; signing waits for the keys. */
#pragma once
#include "base/base.h"
#include "proc/keyring.h"

enum { SIGN_PUBLIC = KEY_BYTES, SIGN_BYTES = SIGNATURE_BYTES };

struct keys; /* proc/keys.h */
typedef struct signer signer;
/* Asks for the public half, once. k outlives the signer. E_BUSY: no keys process now. */
MUST_USE err signer_open(struct keys *k, sign_purpose p, signer **ret);
void signer_close(signer *s); /* NULL allowed */
const uint8_t *signer_public(const signer *s);
/* Errors: keys_sign's. */
MUST_USE err signer_sign(const signer *s, str bytes, uint8_t ret[SIGN_BYTES]);
