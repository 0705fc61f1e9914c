/* cache.c - prepared statements of one connection, found by statement and mask; and a statement's
 * text put together from its pieces. The thread is the connection's. */
#include "store/conn.h"

#include <stdlib.h>

static size_t slot_of(const cache *c, const stmt_def *s, uint32_t mask)
{
    uint64_t h = ((uint64_t)(uintptr_t)s >> 4) * UINT64_C(0x9e3779b97f4a7c15) +
                 mask * UINT64_C(0x85ebca6b);
    size_t i = (size_t)(h >> 20) & (c->cap - 1);
    while (c->slots[i].s && !(c->slots[i].s == s && c->slots[i].mask == mask))
        i = (i + 1) & (c->cap - 1);
    return i;
}

static void grow(cache *c)
{
    cache old = *c;
    c->cap = old.cap ? old.cap * 2 : 256;
    c->slots = calloc(c->cap, sizeof *c->slots);
    ASSERT(c->slots);
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].s) c->slots[slot_of(c, old.slots[i].s, old.slots[i].mask)] = old.slots[i];
    free(old.slots);
}

cache_slot *cache_find(cache *c, const stmt_def *s, uint32_t mask)
{
    if (c->n * 2 >= c->cap) grow(c);
    cache_slot *slot = &c->slots[slot_of(c, s, mask)];
    if (!slot->s) {
        *slot = (cache_slot){ .s = s, .mask = mask };
        c->n++;
    }
    return slot;
}

void cache_free(cache *c, void (*drop)(conn *owner, void *prepared), conn *owner)
{
    for (size_t i = 0; i < c->cap; i++)
        if (c->slots[i].prepared) drop(owner, c->slots[i].prepared);
    free(c->slots);
    *c = (cache){ 0 };
}

str stmt_text(arena *a, const stmt_def *s, uint32_t mask, bool pg)
{
    const char *const *pieces = pg ? s->pg : s->sqlite;
    buf b = buf_new(a, 512);
    ASSERT(s->n_optional <= 32);
    for (int i = 0; i <= 2 * s->n_optional; i++)
        if (i % 2 == 0 || mask >> (i / 2) & 1) buf_put(&b, str_of(pieces[i]));
    buf_byte(&b, 0);
    return (str){ b.p, b.n - 1 };
}
