/* lpm.h - the most specific range that holds an address: networks of organisations, indicators,
 * address data. Sorted ranges with an index by leading bits: 1 M prefixes take about 60 MB and a
 * look-up some tens of nanoseconds; no table of 2^24 cells. Built once, then read by any thread. */
#pragma once
#include "engine/net/addr.h"

typedef struct lpm lpm;
#define LPM_NONE UINT32_MAX

typedef struct {
    addr lo, hi;     /* the range */
    uint32_t value;  /* the caller's */
    uint32_t parent; /* number of the next wider entry around it (or an equal one), or LPM_NONE */
} lpm_entry;

/* Builds from entries in any order (value, lo and hi set; parent is filled in). Ranges nest, as
 * prefixes do; of two that cross, the one that begins later wins in the common part. Equal ranges
 * stand one behind the other by parent: the first given is found first. NULL when n is over 2^31.
 */
lpm *lpm_build(const lpm_entry *entries, size_t n);
void lpm_free(lpm *l);
void lpm_free_p(lpm **l);
/* The number of the most specific entry that holds a, or LPM_NONE. */
uint32_t lpm_find(const lpm *l, addr a);
const lpm_entry *lpm_at(const lpm *l, uint32_t number);
static inline bool lpm_same_range(const lpm_entry *a, const lpm_entry *b)
{
    return addr_eq(a->lo, b->lo) && addr_eq(a->hi, b->hi);
}
size_t lpm_bytes(const lpm *l);
