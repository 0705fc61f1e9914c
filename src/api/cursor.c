/* cursor.c - opaque cursors: numbers and a short text, sealed so that they tell nothing and cannot
 * be made up, bound to viewer, realm and route. The nonce is drawn from the content (as in SIV), so
 * that equal answers are equal bytes. Owns nothing; any thread. The fuzz target is fuzz/cursor.c.
 */
#include "api/cursor_in.h"
#include "base/seeded.h"
#include <sodium.h>

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    PLAIN_MAX = 4 * 10 + CURSOR_TEXT_MAX,
    SEALED_MAX = NONCE + PLAIN_MAX + TAG,
};

/* Whose cursor and where it is good. */
static void scope_hash(const cursor_scope *s, uint8_t out[32])
{
    crypto_generichash_state h;
    crypto_generichash_init(&h, s->key, 32, 32);
    if (!SEEDED(cursor_of_anybody)) {
        crypto_generichash_update(&h, s->person.b, sizeof s->person.b);
        crypto_generichash_update(&h, s->org.b, sizeof s->org.b);
    }
    crypto_generichash_update(&h, (const uint8_t *)s->realm.p, s->realm.n);
    crypto_generichash_update(&h, (const uint8_t *)"/", 1);
    crypto_generichash_update(&h, (const uint8_t *)s->route.p, s->route.n);
    crypto_generichash_final(&h, out, 32);
}

/* Zigzag and base 128: small numbers take few bytes. */
static size_t put_number(uint8_t *to, int64_t v)
{
    uint64_t u = ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
    size_t n = 0;
    for (; u >= 0x80; u >>= 7)
        to[n++] = (uint8_t)(u | 0x80);
    to[n++] = (uint8_t)u;
    return n;
}

static bool take_number(str *in, int64_t *ret)
{
    uint64_t u = 0;
    for (size_t i = 0; i < in->n && i < 10; i++) {
        u |= (uint64_t)((uint8_t)in->p[i] & 0x7f) << (7 * i);
        if ((uint8_t)in->p[i] & 0x80) continue;
        *ret = (int64_t)(u >> 1) ^ -(int64_t)(u & 1);
        *in = str_sub(*in, i + 1, in->n);
        return true;
    }
    return false;
}

size_t cursor_seal(const cursor_scope *s, const cursor *k, char out[CURSOR_BYTES])
{
    uint8_t plain[PLAIN_MAX], sealed[SEALED_MAX], scope[32];
    size_t n = 0;
    ASSERT(k->s.n <= CURSOR_TEXT_MAX);
    for (int i = 0; i < 4; i++)
        n += put_number(plain + n, k->n[i]);
    if (k->s.n) memcpy(plain + n, k->s.p, k->s.n);
    n += k->s.n;
    scope_hash(s, scope);
    crypto_generichash(sealed, NONCE, plain, n, scope, sizeof scope);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
            sealed + NONCE, NULL, plain, n, scope, sizeof scope, NULL, sealed, s->key);
    sodium_bin2base64(
            out, CURSOR_BYTES, sealed, NONCE + n + TAG, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return strlen(out);
}

bool cursor_open(const cursor_scope *s, arena *a, str text, cursor *ret)
{
    uint8_t sealed[SEALED_MAX], plain[PLAIN_MAX], scope[32];
    size_t n;
    unsigned long long plain_n;
    if (text.n >= CURSOR_BYTES ||
            sodium_base642bin(sealed, sizeof sealed, text.p, text.n, NULL, &n, NULL,
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
            n < NONCE + TAG)
        return false;
    scope_hash(s, scope);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &plain_n, NULL, sealed + NONCE, n - NONCE,
                scope, sizeof scope, sealed, s->key) != 0)
        return false;
    cursor k = { 0 };
    str rest = { (const char *)plain, (size_t)plain_n };
    for (int i = 0; i < 4; i++)
        if (!take_number(&rest, &k.n[i])) return false;
    k.s = str_copy(a, rest);
    *ret = k;
    return true;
}
