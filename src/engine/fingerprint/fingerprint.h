/* fingerprint.h - short keys for long values: xxHash (XXH3), 64 bits for tables, 128 bits where a
 * collision would join two things. Not a cryptographic hash. Pure; any thread. Uses: net. */
#pragma once
#include "engine/net/addr.h"

typedef struct {
    uint64_t hi, lo;
} fp128;

/* What makes two events the same finding. Texts may be empty, ip zero, port 0. */
typedef struct {
    uint64_t owner;             /* organisation row, 0 none */
    str type, identifier, name; /* name: the fqdn or URL that stands in for a missing address */
    addr ip;
    uint16_t port;
} finding_key;

uint64_t fp_text(
        uint8_t kind, const void *p, size_t n); /* kind keeps equal bytes of two kinds apart */
fp128 fp_finding(const finding_key *k);
static inline bool fp_eq(fp128 a, fp128 b)
{
    return a.hi == b.hi && a.lo == b.lo;
}
