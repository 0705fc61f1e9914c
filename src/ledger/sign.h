/* sign.h - the door to a signing key of the ledger. Whoever holds a signer gets signatures and the
 * public half, never the key: what stands behind the door may be a file or another process. Any
 * thread. */
#pragma once
#include "base/base.h"

enum { SIGN_PUBLIC = 32, SIGN_BYTES = 64 };

typedef struct signer signer;
/* The Ed25519 seed (32 bytes) in a file that its owner alone may read; `make`: makes it when it is
 * not there. E_ABSENT: not there; E_CONFIG (error.ledger.key): another length or others may read
 * it. */
MUST_USE err signer_open(const char *path, bool make, signer **ret);
void signer_close(signer *s); /* NULL allowed */
const uint8_t *signer_public(const signer *s);
MUST_USE err signer_sign(const signer *s, str bytes, uint8_t ret[SIGN_BYTES]);
