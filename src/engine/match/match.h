/* match.h - is a value an indicator? A million addresses, names, URLs, file hashes and mail
 * addresses in an open-addressing table (24 to 32 bytes an entry and the value's own bytes),
 * networks by longest prefix, patterns by Hyperscan. Built once by one thread, then read by any.
 * Uses: net, lpm, domain, url, fingerprint. */
#pragma once
#include "engine/net/addr.h"

typedef enum {
    MATCH_NONE,
    MATCH_IP,
    MATCH_NETWORK,
    MATCH_DOMAIN,
    MATCH_DOMAIN_TREE,
    MATCH_URL,
    MATCH_MD5,
    MATCH_SHA1,
    MATCH_SHA256,
    MATCH_EMAIL,
    MATCH_PATTERN,
    MATCH_KINDS
} match_kind;
/* MATCH_DOMAIN is the name alone, MATCH_DOMAIN_TREE the name and all below it. */

typedef struct {
    match_kind kind;
    str value;   /* as people write it; normalised here; a pattern for MATCH_PATTERN */
    uint32_t id; /* the caller's: what a hit gives back */
} match_indicator;

typedef struct match match;
typedef struct {
    uint32_t id;
    match_kind kind;
} match_hit;
enum { MATCH_HITS_MAX = 16 };
typedef struct {
    match_hit hit[MATCH_HITS_MAX];
    uint32_t n;
    bool more; /* there were more than MATCH_HITS_MAX */
} match_hits;

/* Builds the table. Values that are not what their kind says are left out and counted in *refused.
 * Several indicators may share a value. Errors: E_INVALID error.flow.pattern for a pattern that
 * does not compile (argument 1 the pattern, 2 the reason). */
MUST_USE err match_build(const match_indicator *in, size_t n, match **ret, size_t *refused);
void match_free(match *m);
size_t match_size(const match *m);
size_t match_bytes(const match *m);

/* Each adds to hits what matches. Values are in normal form already: as domain_normalise,
 * url_normal and lower-case hex give them. */
void match_addr(const match *m, addr a, match_hits *hits);
void match_domain(const match *m, str name, match_hits *hits);
void match_url(const match *m, str normal, match_hits *hits);
void match_hash(const match *m, str hex, match_hits *hits); /* MD5, SHA-1 or SHA-256 by length */
void match_email(const match *m, str lower, match_hits *hits);
/* Patterns over any text; scratch: one per thread, NULL when there are none. */
typedef struct match_scratch match_scratch;
match_scratch *match_scratch_new(const match *m);
void match_scratch_free(match_scratch *s);
void match_text(const match *m, match_scratch *s, str text, match_hits *hits);
