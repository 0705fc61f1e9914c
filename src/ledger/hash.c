/* hash.c - see hash.h. OpenSSL's plain functions: its newer ones look the algorithm up for each
 * digest, which costs more than to hash an entry. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ledger/hash.h"
#include <openssl/sha.h>

_Static_assert((int)HASH_BYTES == SHA256_DIGEST_LENGTH, "SHA-256");

void hash_parts(const str *parts, size_t n, uint8_t ret[HASH_BYTES])
{
    SHA256_CTX c;
    bool good = SHA256_Init(&c);
    for (size_t i = 0; i < n; i++)
        good = good && SHA256_Update(&c, parts[i].p, parts[i].n);
    ASSERT(good && SHA256_Final(ret, &c));
}
