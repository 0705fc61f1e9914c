/* id.c - ids of 128 random bits, written like a UUID version 4 (RFC 9562, section 5.4).
 * Owns nothing; any layer, any thread. */
#include "base/base.h"

#include <errno.h>
#include <sys/random.h>

id128 id_new(void)
{
    id128 id;
    ssize_t n;
    do
        n = getrandom(id.b, sizeof id.b, 0);
    while (n < 0 && errno == EINTR);
    ASSERT(n == (ssize_t)sizeof id.b);
    id.b[6] = (uint8_t)((id.b[6] & 0x0F) | 0x40);
    id.b[8] = (uint8_t)((id.b[8] & 0x3F) | 0x80);
    return id;
}

bool id_eq(id128 a, id128 b)
{
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

bool id_is_zero(id128 a)
{
    return id_eq(a, (id128){ 0 });
}

static bool is_dash_place(int i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

void id_put(char out[36], id128 id)
{
    static const char hex[] = "0123456789abcdef";
    for (int i = 0, nibble = 0; i < 36; i++) {
        if (is_dash_place(i)) {
            out[i] = '-';
            continue;
        }
        uint8_t b = id.b[nibble / 2];
        out[i] = hex[nibble % 2 ? b & 15 : b >> 4];
        nibble++;
    }
}

str id_text(arena *a, id128 id)
{
    char *p = arena_alloc(a, 36);
    id_put(p, id);
    return (str){ p, 36 };
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool id_parse(str s, id128 *ret)
{
    id128 id = { 0 };
    if (s.n != 36) return false;
    for (int i = 0, nibble = 0; i < 36; i++) {
        if (is_dash_place(i)) {
            if (s.p[i] != '-') return false;
            continue;
        }
        int v = hex_value(s.p[i]);
        if (v < 0) return false;
        id.b[nibble / 2] |= (uint8_t)(nibble % 2 ? v : v << 4);
        nibble++;
    }
    *ret = id;
    return true;
}
