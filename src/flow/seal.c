/* seal.c - the marker for a secret. */
#include "flow/seal.h"

#include <sodium.h>

str flow_seal(arena *a, const flow_seal_key *key, str value)
{
    unsigned char h[16];
    if (value.n == 0) return value;
    int rc = crypto_generichash(
            h, sizeof h, (const unsigned char *)value.p, value.n, key->key, sizeof key->key);
    ASSERT(rc == 0);
    size_t head = sizeof FLOW_SEAL_PREFIX - 1;
    char *out = arena_alloc(a, head + 2 * sizeof h + 1);
    memcpy(out, FLOW_SEAL_PREFIX, head);
    sodium_bin2hex(out + head, 2 * sizeof h + 1, h, sizeof h);
    return (str){ out, head + 2 * sizeof h };
}
