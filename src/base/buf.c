/* buf.c - growable bytes in an arena.
 * Owns nothing: the bytes are the arena's. Any layer, the thread that holds the arena. */
#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>

buf buf_new(arena *a, size_t cap)
{
    if (cap < 16) cap = 16;
    return (buf){ .a = a, .p = arena_alloc(a, cap), .cap = cap };
}

char *buf_room(buf *b, size_t n)
{
    if (b->cap - b->n < n) {
        ASSERT(n <= SIZE_MAX / 4 && b->cap <= SIZE_MAX / 4);
        size_t cap = b->cap * 2 >= b->n + n ? b->cap * 2 : b->n + n;
        b->p = arena_extend(b->a, b->p, b->cap, cap);
        b->cap = cap;
    }
    return b->p + b->n;
}

void buf_put(buf *b, str s)
{
    if (s.n == 0) return;
    memcpy(buf_room(b, s.n), s.p, s.n);
    b->n += s.n;
}

void buf_byte(buf *b, char c)
{
    *buf_room(b, 1) = c;
    b->n++;
}

void buf_fmt(buf *b, const char *fmt, ...)
{
    ASSERT(fmt);
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    ASSERT(n >= 0);
    vsnprintf(buf_room(b, (size_t)n + 1), (size_t)n + 1, fmt, again);
    va_end(again);
    b->n += (size_t)n;
}

void buf_i64(buf *b, int64_t v)
{
    char digits[20];
    size_t n = 0;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do
        digits[n++] = (char)('0' + u % 10);
    while (u /= 10);
    char *p = buf_room(b, n + 1);
    if (v < 0) *p++ = '-', b->n++;
    b->n += n;
    while (n)
        *p++ = digits[--n];
}
