/* hash.h - SHA-256 over parts, by the machine's own instructions where it has them: the ledger
 * hashes a dozen blocks an entry, and proving it reads millions. Pure; any thread. */
#pragma once
#include "base/base.h"

enum { HASH_BYTES = 32 };

void hash_parts(const str *parts, size_t n, uint8_t ret[HASH_BYTES]); /* of their concatenation */
