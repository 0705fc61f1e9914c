/* arena.c - memory that goes with its request or batch, and the text made in it.
 * Owns the blocks of each arena. Any layer may call it; one arena belongs to one thread at a time.
 * Under AddressSanitizer unused space is poisoned, so that running over an allocation is seen. */
#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
enum { GAP = 0 };
#endif

enum { ARENA_MAGIC = 0x6172656e, ALIGN = 16, FIRST_BYTES = 8192, BLOCK_MAX_BYTES = 1 << 20 };

typedef struct block block;
struct block {
    block *prev;
    size_t used, cap;
    size_t dirty; /* bytes that may not be zero any more: the block was used before a reset */
    _Alignas(ALIGN) char mem[];
};

struct arena {
    uint32_t magic;
    size_t limit, total; /* total: bytes handed out */
    size_t next_cap;
    block *top, *first;
};

static block *block_new(size_t cap, block *prev)
{
    block *b = calloc(1, sizeof(block) + cap);
    ASSERT(b);
    b->prev = prev;
    b->cap = cap;
    ASAN_POISON_MEMORY_REGION(b->mem, cap);
    return b;
}

static void block_free(block *b)
{
    ASAN_UNPOISON_MEMORY_REGION(b->mem, b->cap);
    free(b);
}

arena *arena_new(size_t limit_bytes)
{
    arena *a = calloc(1, sizeof *a);
    ASSERT(a);
    a->magic = ARENA_MAGIC;
    a->limit = limit_bytes;
    a->first = a->top = block_new(FIRST_BYTES, NULL);
    a->next_cap = 2 * FIRST_BYTES;
    return a;
}

static void free_down_to(arena *a, block *keep)
{
    while (a->top != keep) {
        block *prev = a->top->prev;
        block_free(a->top);
        a->top = prev;
    }
}

void arena_free(arena *a)
{
    if (!a) return;
    ASSERT(a->magic == ARENA_MAGIC);
    free_down_to(a, NULL);
    a->magic = 0;
    free(a);
}

void arena_free_p(arena **a)
{
    arena_free(*a);
    *a = NULL;
}

void arena_reset(arena *a)
{
    ASSERT(a->magic == ARENA_MAGIC);
    free_down_to(a, a->first);
    if (a->first->dirty < a->first->used) a->first->dirty = a->first->used;
    a->first->used = 0;
    a->total = 0;
    a->next_cap = 2 * FIRST_BYTES;
    ASAN_POISON_MEMORY_REGION(a->first->mem, a->first->cap);
}

size_t arena_used(const arena *a)
{
    return a->total;
}

static size_t rounded(size_t n)
{
    ASSERT(n <= SIZE_MAX / 2);
    return (n + GAP + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static void *block_take(block *b, size_t n, size_t step)
{
    char *p = b->mem + b->used;
    ASAN_UNPOISON_MEMORY_REGION(p, n);
    if (b->used < b->dirty) memset(p, 0, n < b->dirty - b->used ? n : b->dirty - b->used);
    b->used += step;
    return p;
}

static block *arena_grow(arena *a, size_t step)
{
    size_t cap = step > a->next_cap ? step : a->next_cap;
    if (a->next_cap < BLOCK_MAX_BYTES) a->next_cap *= 2;
    a->top = block_new(cap, a->top);
    return a->top;
}

void *arena_alloc(arena *a, size_t n)
{
    ASSERT(a->magic == ARENA_MAGIC);
    size_t step = rounded(n ? n : 1);
    ASSERT(step <= a->limit && a->total <= a->limit - step); /* the arena's limit_bytes is passed */
    a->total += step;
    block *b = a->top;
    if (b->cap - b->used < step) b = arena_grow(a, step);
    return block_take(b, n, step);
}

void *arena_alloc_array(arena *a, size_t n, size_t size)
{
    size_t bytes;
    ASSERT(!__builtin_mul_overflow(n, size, &bytes));
    return arena_alloc(a, bytes);
}

void *arena_extend(arena *a, void *p, size_t old_n, size_t new_n)
{
    ASSERT(a->magic == ARENA_MAGIC && new_n >= old_n);
    block *b = a->top;
    size_t old_step = rounded(old_n ? old_n : 1), step = rounded(new_n) - old_step;
    bool is_last = p && b->used >= old_step && (char *)p == b->mem + b->used - old_step;
    if (is_last && b->cap - b->used >= step && a->limit - a->total >= step) {
        a->total += step;
        b->used += step;
        ASAN_UNPOISON_MEMORY_REGION((char *)p, new_n);
        if (b->dirty > b->used - step) memset((char *)p + old_n, 0, new_n - old_n);
        return p;
    }
    void *q = arena_alloc(a, new_n);
    if (old_n) memcpy(q, p, old_n);
    return q;
}

str str_copy(arena *a, str s)
{
    if (s.n == 0) return (str){ "", 0 };
    char *p = arena_alloc(a, s.n);
    memcpy(p, s.p, s.n);
    return (str){ p, s.n };
}

char *str_z(arena *a, str s)
{
    char *p = arena_alloc(a, s.n + 1);
    if (s.n) memcpy(p, s.p, s.n);
    return p;
}

str str_fmt(arena *a, const char *fmt, ...)
{
    ASSERT(fmt);
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    ASSERT(n >= 0);
    char *p = arena_alloc(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return (str){ p, (size_t)n };
}

str str_lower(arena *a, str s)
{
    char *p = arena_alloc(a, s.n);
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        p[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return (str){ p, s.n };
}

str str_cat(arena *a, str x, str y)
{
    char *p = arena_alloc(a, x.n + y.n);
    if (x.n) memcpy(p, x.p, x.n);
    if (y.n) memcpy(p + x.n, y.p, y.n);
    return (str){ p, x.n + y.n };
}
