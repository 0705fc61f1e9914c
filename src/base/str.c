/* str.c - text slices: compare, search, split, numbers, UTF-8.
 * Owns nothing and allocates nothing; any layer may call it, on any thread. The functions that make
 * new text stand in arena.c. */
#include "base/base.h"

#include <math.h>
#include <stdlib.h>

enum { NUMBER_MAX_BYTES = 1024 }; /* longest spelling of a number that is read */

str str_of(const char *z)
{
    return z ? (str){ z, strlen(z) } : (str){ 0 };
}

bool str_eq(str a, str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static unsigned char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : (unsigned char)c;
}

bool str_eq_nocase(str a, str b)
{
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i])) return false;
    return true;
}

int str_cmp(str a, str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    if (c) return c < 0 ? -1 : 1;
    return a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

bool str_starts(str s, str prefix)
{
    return s.n >= prefix.n && str_eq((str){ s.p, prefix.n }, prefix);
}

bool str_ends(str s, str suffix)
{
    return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, suffix.n), suffix);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

str str_trim(str s)
{
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    while (s.n && is_blank(s.p[0]))
        s.p++, s.n--;
    return s;
}

str str_sub(str s, size_t from, size_t n)
{
    if (from >= s.n) return (str){ s.n ? s.p + s.n : s.p, 0 };
    if (n > s.n - from) n = s.n - from;
    return (str){ s.p + from, n };
}

ptrdiff_t str_find(str s, str needle)
{
    if (needle.n == 0) return 0;
    if (s.n < needle.n) return -1;
    const char *p = memmem(s.p, s.n, needle.p, needle.n);
    return p ? p - s.p : -1;
}

ptrdiff_t str_find_byte(str s, char c)
{
    const char *p = s.n ? memchr(s.p, c, s.n) : NULL;
    return p ? p - s.p : -1;
}

size_t str_count_byte(str s, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == c;
    return n;
}

bool str_only(str s, const char *bytes)
{
    for (size_t i = 0; i < s.n; i++)
        if (!s.p[i] || !strchr(bytes, s.p[i])) return false;
    return s.n > 0;
}

/* Nothing left is a NULL pointer, so that "a," gives two parts, the second one empty. */
bool str_split(str *rest, char sep, str *part)
{
    if (!rest->p) return false;
    ptrdiff_t at = str_find_byte(*rest, sep);
    if (at < 0) {
        *part = *rest;
        *rest = (str){ 0 };
        return true;
    }
    *part = (str){ rest->p, (size_t)at };
    *rest = (str){ rest->p + at + 1, rest->n - (size_t)at - 1 };
    return true;
}

bool str_to_i64(str s, int64_t *ret)
{
    bool minus = s.n && s.p[0] == '-';
    size_t i = minus || (s.n && s.p[0] == '+');
    if (i == s.n) return false;
    int64_t v = 0; /* kept negative: the negative side reaches one further */
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        if (__builtin_mul_overflow(v, (int64_t)10, &v)) return false;
        if (__builtin_sub_overflow(v, (int64_t)(s.p[i] - '0'), &v)) return false;
    }
    if (!minus && v == INT64_MIN) return false;
    *ret = minus ? v : -v;
    return true;
}

static size_t count_digits(str s, size_t from)
{
    size_t i = from;
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
        i++;
    return i - from;
}

/* Decimal spelling only: no hexadecimal, no infinity, no NaN, no surrounding space. */
static bool is_decimal(str s)
{
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
    size_t whole = count_digits(s, i), part = 0;
    i += whole;
    if (i < s.n && s.p[i] == '.') {
        part = count_digits(s, ++i);
        i += part;
    }
    if (whole + part == 0) return false;
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i++;
        if (i < s.n && (s.p[i] == '-' || s.p[i] == '+')) i++;
        size_t exponent = count_digits(s, i);
        if (exponent == 0) return false;
        i += exponent;
    }
    return i == s.n;
}

bool str_to_f64(str s, double *ret)
{
    char z[NUMBER_MAX_BYTES + 1];
    if (s.n > NUMBER_MAX_BYTES || !is_decimal(s)) return false;
    memcpy(z, s.p, s.n);
    z[s.n] = 0;
    double v = strtod(z, NULL);
    if (!isfinite(v)) return false;
    *ret = v;
    return true;
}

/* Length of the valid UTF-8 sequence at p (RFC 3629, section 4), 0 when there is none. */
size_t utf8_len(const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;
    if (n == 0) return 0;
    if (p[0] < 0x80) return 1;
    if (p[0] < 0xC2 || p[0] > 0xF4) return 0;
    size_t len = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (n < len) return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    if (p[0] == 0xE0 && p[1] < 0xA0) return 0; /* overlong */
    if (p[0] == 0xED && p[1] > 0x9F) return 0; /* surrogate */
    if (p[0] == 0xF0 && p[1] < 0x90) return 0; /* overlong */
    if (p[0] == 0xF4 && p[1] > 0x8F) return 0; /* above U+10FFFF */
    return len;
}

bool str_is_utf8(str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t len = utf8_len(s.p + i, s.n - i);
        if (len == 0 || s.p[i] == 0) return false;
        i += len;
    }
    return true;
}
