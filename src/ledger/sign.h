/* sign.h - a signing key of the ledger, as far as it may be held here: its public half, and a way
 * to ask whoever has the rest (proc/keys.h). Any thread. */
#pragma once
#include "proc/keys.h"

enum { SIGN_PUBLIC = 32, SIGN_BYTES = 64 };

typedef struct signer signer;
/* k outlives it. E_BUSY: no keys process now. */
MUST_USE err signer_open(keys *k, sign_purpose p, signer **ret);
void signer_close(signer *s); /* NULL allowed */
const uint8_t *signer_public(const signer *s);
/* Errors: those of keys_sign. */
MUST_USE err signer_sign(const signer *s, str bytes, uint8_t ret[SIGN_BYTES]);
