/* fingerprint.c - keys by XXH3 over the parts with their lengths, so that "ab","c" is not "a","bc".
 */
#include "engine/fingerprint/fingerprint.h"

#include <xxhash.h>

uint64_t fp_text(uint8_t kind, const void *p, size_t n)
{
    return XXH3_64bits_withSeed(p, n, (uint64_t)kind * UINT64_C(0x9e3779b97f4a7c15));
}

enum { INLINE_TEXT = 400 };

static size_t text_put(char *out, str s)
{
    uint32_t n = (uint32_t)s.n;
    memcpy(out, &n, sizeof n);
    if (s.n > 0 && s.n <= INLINE_TEXT) memcpy(out + sizeof n, s.p, s.n);
    if (s.n <= INLINE_TEXT) return sizeof n + s.n;
    XXH128_hash_t h = XXH3_128bits(s.p, s.n);
    memcpy(out + sizeof n, &h, sizeof h);
    return sizeof n + sizeof h;
}

fp128 fp_finding(const finding_key *k)
{
    char key[3 * (INLINE_TEXT + 4) + 32];
    size_t n = 0;
    memcpy(key, &k->owner, 8);
    memcpy(key + 8, &k->ip, 16);
    memcpy(key + 24, &k->port, 2);
    n = 26;
    n += text_put(key + n, k->type);
    n += text_put(key + n, k->identifier);
    n += text_put(key + n, k->name);
    XXH128_hash_t h = XXH3_128bits(key, n);
    return (fp128){ h.high64, h.low64 };
}
