/* lpm.c - flattens nested ranges into disjoint pieces by one sweep with a stack. Pieces are kept
 * per family: IPv4 as 32-bit starts, IPv6 as 128-bit starts, each with an index by its leading
 * bits, so that a search covers a few neighbours only. */
#include "engine/lpm/lpm.h"

#include <stdlib.h>

enum { V4_BITS = 18, V6_BITS = 16 };

typedef struct {
    uint32_t *start4; /* first address of each piece */
    addr *start6;
    uint32_t *entry; /* the piece's entry, or LPM_NONE */
    size_t n, cap;
    uint32_t *index; /* by leading bits: the first piece that begins at or after them */
} pieces;

struct lpm {
    lpm_entry *entries;
    size_t n;
    pieces v4, v6;
};

static void *grab(void *old, size_t n, size_t size)
{
    void *p = reallocarray(old, n ? n : 1, size);
    ASSERT(p != NULL);
    return p;
}

/* Sort: by start, then the wider first, then the later given first, so that the first given of
 * equal ones ends on top of the stack. parent holds the place in the input while sorting. */
static int entry_order(const void *x, const void *y)
{
    const lpm_entry *a = x, *b = y;
    int c = addr_cmp(a->lo, b->lo);
    if (c == 0) c = addr_cmp(b->hi, a->hi);
    return c ? c : a->parent < b->parent ? 1 : -1;
}

static void piece_put(pieces *t, bool v4, addr start, uint32_t entry)
{
    if (t->n > 0 && t->entry[t->n - 1] == entry) return; /* the piece goes on */
    addr last = t->n == 0 ? start : v4 ? addr_v4(t->start4[t->n - 1]) : t->start6[t->n - 1];
    if (t->n > 0 && addr_eq(last, start)) {
        t->entry[t->n - 1] = entry;
        return;
    }
    if (t->n == t->cap) {
        t->cap = t->cap ? t->cap + t->cap / 2 : 1024;
        if (v4)
            t->start4 = grab(t->start4, t->cap, sizeof *t->start4);
        else
            t->start6 = grab(t->start6, t->cap, sizeof *t->start6);
        t->entry = grab(t->entry, t->cap, sizeof *t->entry);
    }
    if (v4)
        t->start4[t->n] = (uint32_t)start.lo;
    else
        t->start6[t->n] = start;
    t->entry[t->n++] = entry;
}

static void put(lpm *l, addr start, uint32_t entry)
{
    if (addr_is_v4(start))
        piece_put(&l->v4, true, start, entry);
    else
        piece_put(&l->v6, false, start, entry);
}

/* A wide IPv6 range may hold all of IPv4 (::/0): its piece is repeated at the family's first
 * address. */
static void sweep(lpm *l, uint32_t *stack)
{
    size_t depth = 0;
    for (size_t i = 0; i <= l->n; i++) {
        const lpm_entry *e = i < l->n ? &l->entries[i] : NULL;
        while (depth > 0 && (!e || addr_cmp(l->entries[stack[depth - 1]].hi, e->lo) < 0)) {
            addr end = l->entries[stack[--depth]].hi, after = addr_next(end);
            while (depth > 0 && addr_cmp(l->entries[stack[depth - 1]].hi, end) <= 0)
                depth--;
            if (addr_is_zero(after)) continue; /* the very last address */
            put(l, after, depth > 0 ? stack[depth - 1] : LPM_NONE);
        }
        if (!e) break;
        l->entries[i].parent = depth > 0 ? stack[depth - 1] : LPM_NONE;
        stack[depth++] = (uint32_t)i;
        put(l, e->lo, (uint32_t)i);
        if (addr_cmp(e->lo, addr_v4(0)) < 0 && addr_cmp(e->hi, addr_v4(UINT32_MAX)) >= 0)
            piece_put(&l->v4, true, addr_v4(0), (uint32_t)i);
    }
}

static void index_build(pieces *t, bool v4)
{
    unsigned bits = v4 ? V4_BITS : V6_BITS;
    size_t cells = (size_t)1 << bits, at = 0;
    t->index = grab(NULL, cells + 1, sizeof *t->index);
    for (size_t c = 0; c < cells; c++) {
        while (at < t->n &&
                (v4 ? t->start4[at] >> (32 - bits) : t->start6[at].hi >> (64 - bits)) < c)
            at++;
        t->index[c] = (uint32_t)at;
    }
    t->index[cells] = (uint32_t)t->n;
}

lpm *lpm_build(const lpm_entry *entries, size_t n)
{
    if (n > (size_t)1 << 31) return NULL;
    lpm *l = calloc(1, sizeof *l);
    ASSERT(l != NULL);
    l->n = n;
    l->entries = grab(NULL, n, sizeof *entries);
    if (n > 0) memcpy(l->entries, entries, n * sizeof *entries);
    for (size_t i = 0; i < n; i++) {
        ASSERT(addr_cmp(entries[i].lo, entries[i].hi) <= 0);
        l->entries[i].parent = (uint32_t)i;
    }
    qsort(l->entries, n, sizeof *entries, entry_order);
    uint32_t *stack = grab(NULL, n, sizeof *stack);
    sweep(l, stack);
    free(stack);
    l->v4.start4 = grab(l->v4.start4, l->v4.n, sizeof *l->v4.start4);
    l->v6.start6 = grab(l->v6.start6, l->v6.n, sizeof *l->v6.start6);
    l->v4.entry = grab(l->v4.entry, l->v4.n, sizeof(uint32_t));
    l->v6.entry = grab(l->v6.entry, l->v6.n, sizeof(uint32_t));
    index_build(&l->v4, true);
    index_build(&l->v6, false);
    return l;
}

void lpm_free(lpm *l)
{
    if (!l) return;
    pieces *t[2] = { &l->v4, &l->v6 };
    for (int i = 0; i < 2; i++) {
        free(t[i]->start4);
        free(t[i]->start6);
        free(t[i]->entry);
        free(t[i]->index);
    }
    free(l->entries);
    free(l);
}

void lpm_free_p(lpm **l)
{
    lpm_free(*l);
}

/* The last piece that begins at or before the address; a cell's pieces are searched, and the piece
 * before them reaches into the cell. */
static uint32_t find4(const pieces *t, uint32_t a)
{
    size_t cell = a >> (32 - V4_BITS), from = t->index[cell], to = t->index[cell + 1];
    while (from < to) {
        size_t mid = (from + to) / 2;
        if (t->start4[mid] <= a)
            from = mid + 1;
        else
            to = mid;
    }
    return from == 0 ? LPM_NONE : t->entry[from - 1];
}

static uint32_t find6(const pieces *t, addr a)
{
    size_t cell = (size_t)(a.hi >> (64 - V6_BITS)), from = t->index[cell], to = t->index[cell + 1];
    while (from < to) {
        size_t mid = (from + to) / 2;
        if (addr_cmp(t->start6[mid], a) <= 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from == 0 ? LPM_NONE : t->entry[from - 1];
}

uint32_t lpm_find(const lpm *l, addr a)
{
    return addr_is_v4(a) ? find4(&l->v4, (uint32_t)a.lo) : find6(&l->v6, a);
}

const lpm_entry *lpm_at(const lpm *l, uint32_t number)
{
    ASSERT(number < l->n);
    return &l->entries[number];
}

size_t lpm_bytes(const lpm *l)
{
    size_t idx = (((size_t)1 << V4_BITS) + ((size_t)1 << V6_BITS) + 2) * sizeof(uint32_t);
    return sizeof *l + l->n * sizeof(lpm_entry) + l->v4.n * 8 + l->v6.n * 20 + idx;
}
