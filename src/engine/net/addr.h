/* addr.h - internet addresses and prefixes: strict reading, canonical writing, special classes.
 * Owns nothing: values only. Any layer above base may include it; any thread. */
#pragma once
#include "base/base.h"
#include "gen/addresses.h"

/* 128 bits in host order, so that comparing hi then lo sorts; IPv4 is mapped (::ffff:a.b.c.d). */
typedef struct {
    uint64_t hi, lo;
} addr;
typedef struct {
    addr lo, hi; /* first and last address */
    uint8_t len; /* prefix length in the 128-bit form (IPv4 /24 is 120) */
} cidr;

#define ADDR_TEXT_MAX 46 /* longest text and one byte */
#define CIDR_TEXT_MAX 50
#define V4_BASE UINT64_C(0x0000ffff00000000)

static inline addr addr_v4(uint32_t v)
{
    return (addr){ 0, V4_BASE | v };
}
static inline bool addr_is_v4(addr a)
{
    return a.hi == 0 && a.lo >> 32 == 0xffff;
}
static inline bool addr_is_zero(addr a)
{
    return (a.hi | a.lo) == 0;
}
static inline bool addr_eq(addr a, addr b)
{
    return a.hi == b.hi && a.lo == b.lo;
}
static inline int addr_cmp(addr a, addr b)
{
    if (a.hi != b.hi) return a.hi < b.hi ? -1 : 1;
    return a.lo == b.lo ? 0 : a.lo < b.lo ? -1 : 1;
}
addr addr_next(addr a); /* a + 1; the last address wraps to zero */

/* Strict: dotted quad without leading zeros (RFC 6943 section 3.1.1), or RFC 4291 section 2.2 text
 * without a zone. An IPv4-mapped text gives the IPv4 address. *ret is set on success only. */
MUST_USE bool addr_parse(str s, addr *ret);
/* "ADDR/LEN", or an address alone (full length). strict: host bits must be zero, else cleared. */
MUST_USE bool cidr_parse(str s, bool strict, cidr *ret);
cidr cidr_make(addr a, uint8_t len); /* len in the 128-bit form; host bits cleared */

/* Canonical text (RFC 5952), not terminated; returns its length. */
size_t addr_put(char out[ADDR_TEXT_MAX], addr a);
size_t cidr_put(char out[CIDR_TEXT_MAX], cidr c);

/* What an address is for: the narrowest row of data/addresses.json that holds it. */
addr_class addr_class_of(addr a);
