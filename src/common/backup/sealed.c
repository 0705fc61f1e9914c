/* sealed.c - see sealed.h. The name is additional data of every part; the last part says so. */
#include "common/backup/sealed.h"

#include <sodium.h>

static_assert(SEALED_HEAD == crypto_secretstream_xchacha20poly1305_HEADERBYTES, "head");
static_assert(SEALED_TAG == crypto_secretstream_xchacha20poly1305_ABYTES, "tag");
static_assert(SEALED_KEY == crypto_secretstream_xchacha20poly1305_KEYBYTES, "key");

typedef crypto_secretstream_xchacha20poly1305_state state;
enum { LAST = crypto_secretstream_xchacha20poly1305_TAG_FINAL };

size_t sealed_bytes(size_t n)
{
    return SEALED_HEAD + n + SEALED_TAG;
}

static void push(state *s, str name, str plain, bool last, char *to)
{
    crypto_secretstream_xchacha20poly1305_push(s, (uint8_t *)to, NULL, (const uint8_t *)plain.p,
            plain.n, (const uint8_t *)name.p, name.n, last ? LAST : 0);
}

static bool pull(state *s, str name, str sealed, bool *ret_last, char *to)
{
    uint8_t tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(s, (uint8_t *)to, NULL, &tag,
                (const uint8_t *)sealed.p, sealed.n, (const uint8_t *)name.p, name.n) != 0)
        return false;
    *ret_last = tag == LAST;
    return true;
}

void sealed_put_one(const uint8_t key[SEALED_KEY], str name, str plain, char *to)
{
    state s;
    crypto_secretstream_xchacha20poly1305_init_push(&s, (uint8_t *)to, key);
    push(&s, name, plain, true, to + SEALED_HEAD);
    sodium_memzero(&s, sizeof s);
}

bool sealed_get_one(const uint8_t key[SEALED_KEY], str name, str sealed, char *ret, size_t *ret_n)
{
    state s;
    bool last = false;
    if (sealed.n < SEALED_HEAD + SEALED_TAG) return false;
    crypto_secretstream_xchacha20poly1305_init_pull(&s, (const uint8_t *)sealed.p, key);
    bool good = pull(&s, name, str_sub(sealed, SEALED_HEAD, sealed.n), &last, ret) && last;
    sodium_memzero(&s, sizeof s);
    if (good) *ret_n = sealed.n - SEALED_HEAD - SEALED_TAG;
    return good;
}

str sealed_put(arena *a, const uint8_t key[SEALED_KEY], str name, str plain)
{
    state s;
    buf b = buf_new(a, plain.n + (plain.n / SEALED_PART + 2) * SEALED_TAG + SEALED_HEAD);
    crypto_secretstream_xchacha20poly1305_init_push(&s, (uint8_t *)buf_room(&b, SEALED_HEAD), key);
    b.n = SEALED_HEAD;
    for (bool last = false; !last;) {
        str part = str_sub(plain, 0, SEALED_PART);
        plain = str_sub(plain, part.n, plain.n);
        last = plain.n == 0;
        push(&s, name, part, last, buf_room(&b, part.n + SEALED_TAG));
        b.n += part.n + SEALED_TAG;
    }
    sodium_memzero(&s, sizeof s);
    return buf_str(&b);
}

bool sealed_get(arena *a, const uint8_t key[SEALED_KEY], str name, str sealed, str *ret)
{
    state s;
    buf b = buf_new(a, sealed.n + 1);
    if (sealed.n < SEALED_HEAD + SEALED_TAG) return false;
    crypto_secretstream_xchacha20poly1305_init_pull(&s, (const uint8_t *)sealed.p, key);
    str rest = str_sub(sealed, SEALED_HEAD, sealed.n);
    bool last = false, good = true;
    while (good && !last && rest.n >= SEALED_TAG) {
        str part = str_sub(rest, 0, SEALED_PART + SEALED_TAG);
        rest = str_sub(rest, part.n, rest.n);
        good = pull(&s, name, part, &last, buf_room(&b, part.n));
        if (good) b.n += part.n - SEALED_TAG;
    }
    sodium_memzero(&s, sizeof s);
    if (good && last && rest.n == 0) *ret = buf_str(&b);
    return good && last && rest.n == 0;
}
