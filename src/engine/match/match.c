/* match.c - the table: a slot is fingerprint, place of the value in one pool, and id; a hit is
 * believed only after the value itself was compared. Equal values sit in neighbouring slots. */
#include "engine/match/match.h"

#include <stdlib.h>

#include "engine/domain/domain.h"
#include "engine/fingerprint/fingerprint.h"
#include "engine/lpm/lpm.h"
#include "engine/match/pattern.h"
#include "engine/url/url.h"

typedef struct {
    uint32_t check; /* upper half of the fingerprint; the lower half gives the place */
    uint32_t value; /* place in the pool, in units of 4 bytes, plus 1; 0: free */
    uint32_t id;
} slot;

struct match {
    slot *slots;
    size_t mask, n;
    char *pool; /* records: kind, length (2 bytes, little end first), bytes; 4-aligned */
    size_t pool_n, pool_cap;
    lpm *networks;
    patterns *patterns;
};

struct match_scratch {
    pattern_scratch *s;
};

enum { RECORD_HEAD = 3, RECORD_MAX = 65535 };

typedef struct {
    match_kind kind;
    const void *p;
    size_t n;
} key;

static uint32_t pool_put(match *m, const key *k)
{
    size_t need = (RECORD_HEAD + k->n + 3) & ~(size_t)3;
    if (m->pool_n + need > m->pool_cap) {
        m->pool_cap = m->pool_cap * 3 / 2 + need + 4096;
        m->pool = realloc(m->pool, m->pool_cap);
        ASSERT(m->pool != NULL);
    }
    size_t at = m->pool_n;
    char *r = m->pool + at;
    r[0] = (char)k->kind;
    r[1] = (char)(k->n & 255);
    r[2] = (char)(k->n >> 8);
    memcpy(r + RECORD_HEAD, k->p, k->n);
    m->pool_n += need;
    ASSERT(at / 4 < UINT32_MAX);
    return (uint32_t)(at / 4) + 1;
}

static bool pool_is(const match *m, uint32_t value, const key *k)
{
    const unsigned char *r = (const unsigned char *)m->pool + (size_t)(value - 1) * 4;
    return r[0] == k->kind && ((size_t)r[1] | (size_t)r[2] << 8) == k->n &&
           memcmp(r + RECORD_HEAD, k->p, k->n) == 0;
}

static void insert(match *m, const key *k, uint32_t id)
{
    uint64_t f = fp_text((uint8_t)k->kind, k->p, k->n);
    uint32_t check = (uint32_t)(f >> 32), value = 0;
    size_t i = f & m->mask;
    for (; m->slots[i].value; i = (i + 1) & m->mask) {
        const slot *s = &m->slots[i];
        if (!value && s->check == check && pool_is(m, s->value, k)) value = s->value;
    }
    m->slots[i] = (slot){ check, value ? value : pool_put(m, k), id };
    m->n++;
}

static void hit_add(match_hits *h, match_kind kind, uint32_t id)
{
    for (uint32_t i = 0; i < h->n; i++)
        if (h->hit[i].id == id) return;
    if (h->n == MATCH_HITS_MAX) {
        h->more = true;
        return;
    }
    h->hit[h->n++] = (match_hit){ id, kind };
}

static void find(const match *m, const key *k, match_hits *hits)
{
    uint64_t f = fp_text((uint8_t)k->kind, k->p, k->n);
    uint32_t check = (uint32_t)(f >> 32);
    for (size_t i = f & m->mask; m->slots[i].value; i = (i + 1) & m->mask) {
        const slot *s = &m->slots[i];
        if (s->check == check && pool_is(m, s->value, k)) hit_add(hits, k->kind, s->id);
    }
}

static int hex_nibble(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hexadecimal text into bytes; the kind by its length, MATCH_NONE when it is not a hash. */
static match_kind hash_bytes(str hex, unsigned char out[32])
{
    match_kind kind = hex.n == 32   ? MATCH_MD5
                      : hex.n == 40 ? MATCH_SHA1
                      : hex.n == 64 ? MATCH_SHA256
                                    : MATCH_NONE;
    if (kind == MATCH_NONE) return kind;
    for (size_t i = 0; i < hex.n; i += 2) {
        int h = hex_nibble(hex.p[i]), l = hex_nibble(hex.p[i + 1]);
        if (h < 0 || l < 0) return MATCH_NONE;
        out[i / 2] = (unsigned char)(h << 4 | l);
    }
    return kind;
}

static bool email_normal(arena *a, str s, str *ret)
{
    str lower = str_lower(a, str_trim(s));
    ptrdiff_t at = str_find_byte(lower, '@');
    if (at < 1 || lower.n > 320 || (size_t)at + 1 >= lower.n) return false;
    *ret = lower;
    return true;
}

/* Puts one indicator into the table in its normal form; false when it is not of its kind. */
static bool take(match *m, arena *a, const match_indicator *in)
{
    addr ip;
    url u;
    str text = str_trim(in->value);
    unsigned char bytes[32];
    key k = { in->kind, NULL, 0 };
    switch (in->kind) {
    case MATCH_IP:
        if (!addr_parse(text, &ip)) return false;
        k.p = &ip;
        k.n = sizeof ip;
        break;
    case MATCH_DOMAIN:
    case MATCH_DOMAIN_TREE:
        if (!domain_normalise(a, text, &text)) return false;
        break;
    case MATCH_URL:
        if (!url_parse(a, text, &u)) return false;
        text = url_normal(a, &u);
        break;
    case MATCH_EMAIL:
        if (!email_normal(a, text, &text)) return false;
        break;
    default:
        if (hash_bytes(text, bytes) != in->kind) return false;
        k.p = bytes;
        k.n = text.n / 2;
    }
    if (!k.p) {
        k.p = text.p;
        k.n = text.n;
    }
    if (k.n == 0 || k.n > RECORD_MAX) return false;
    insert(m, &k, in->id);
    return true;
}

static err build_networks(match *m, const match_indicator *in, size_t n, size_t *refused)
{
    size_t count = 0, k = 0;
    for (size_t i = 0; i < n; i++)
        count += in[i].kind == MATCH_NETWORK;
    lpm_entry *e = calloc(count + 1, sizeof *e);
    ASSERT(e != NULL);
    for (size_t i = 0; i < n; i++) {
        cidr c;
        if (in[i].kind != MATCH_NETWORK) continue;
        if (cidr_parse(str_trim(in[i].value), false, &c))
            e[k++] = (lpm_entry){ c.lo, c.hi, in[i].id, 0 };
        else
            ++*refused;
    }
    m->networks = k > 0 ? lpm_build(e, k) : NULL;
    free(e);
    return OK;
}

static err build_patterns(match *m, const match_indicator *in, size_t n)
{
    size_t count = 0, k = 0;
    for (size_t i = 0; i < n; i++)
        count += in[i].kind == MATCH_PATTERN;
    if (count == 0) return OK;
    str *text = calloc(count, sizeof *text);
    uint32_t *ids = calloc(count, sizeof *ids);
    ASSERT(text && ids);
    for (size_t i = 0; i < n; i++) {
        if (in[i].kind != MATCH_PATTERN) continue;
        text[k] = in[i].value;
        ids[k++] = in[i].id;
    }
    err e = patterns_build(text, ids, k, &m->patterns);
    free(text);
    free(ids);
    return e;
}

err match_build(const match_indicator *in, size_t n, match **ret, size_t *refused)
{
    match *m = calloc(1, sizeof *m);
    size_t cap = 16;
    while (cap < n * 3 / 2 + 1)
        cap *= 2;
    m->slots = calloc(cap, sizeof *m->slots);
    ASSERT(m->slots != NULL);
    m->mask = cap - 1;
    *refused = 0;
    arena *a = arena_new((size_t)64 << 20);
    for (size_t i = 0; i < n; i++) {
        if (in[i].kind == MATCH_NETWORK || in[i].kind == MATCH_PATTERN) continue;
        if (in[i].kind <= MATCH_NONE || in[i].kind >= MATCH_KINDS || !take(m, a, &in[i]))
            ++*refused;
        if ((i & 1023) == 0) arena_reset(a);
    }
    arena_free(a);
    err e = build_networks(m, in, n, refused);
    if (!failed(e)) e = build_patterns(m, in, n);
    if (failed(e)) {
        match_free(m);
        return e;
    }
    *ret = m;
    return OK;
}

void match_free(match *m)
{
    if (!m) return;
    lpm_free(m->networks);
    patterns_free(m->patterns);
    free(m->slots);
    free(m->pool);
    free(m);
}

size_t match_size(const match *m)
{
    return m->n;
}

size_t match_bytes(const match *m)
{
    return (m->mask + 1) * sizeof(slot) + m->pool_cap + (m->networks ? lpm_bytes(m->networks) : 0);
}

void match_addr(const match *m, addr a, match_hits *hits)
{
    if (addr_is_zero(a)) return;
    find(m, &(key){ MATCH_IP, &a, sizeof a }, hits);
    uint32_t e = m->networks ? lpm_find(m->networks, a) : LPM_NONE;
    while (e != LPM_NONE) {
        const lpm_entry *entry = lpm_at(m->networks, e);
        hit_add(hits, MATCH_NETWORK, entry->value);
        e = entry->parent;
    }
}

void match_domain(const match *m, str name, match_hits *hits)
{
    if (name.n == 0) return;
    find(m, &(key){ MATCH_DOMAIN, name.p, name.n }, hits);
    do {
        find(m, &(key){ MATCH_DOMAIN_TREE, name.p, name.n }, hits);
    } while (domain_parent(&name));
}

void match_url(const match *m, str normal, match_hits *hits)
{
    if (normal.n > 0) find(m, &(key){ MATCH_URL, normal.p, normal.n }, hits);
}

void match_email(const match *m, str lower, match_hits *hits)
{
    if (lower.n > 0) find(m, &(key){ MATCH_EMAIL, lower.p, lower.n }, hits);
}

void match_hash(const match *m, str hex, match_hits *hits)
{
    unsigned char bytes[32];
    match_kind kind = hash_bytes(hex, bytes);
    if (kind != MATCH_NONE) find(m, &(key){ kind, bytes, hex.n / 2 }, hits);
}

match_scratch *match_scratch_new(const match *m)
{
    if (!m->patterns) return NULL;
    match_scratch *s = calloc(1, sizeof *s);
    ASSERT(s != NULL);
    s->s = pattern_scratch_new(m->patterns);
    return s;
}

void match_scratch_free(match_scratch *s)
{
    if (!s) return;
    pattern_scratch_free(s->s);
    free(s);
}

static void pattern_hit(void *ctx, uint32_t id)
{
    hit_add(ctx, MATCH_PATTERN, id);
}

void match_text(const match *m, match_scratch *s, str text, match_hits *hits)
{
    if (s) patterns_scan(m->patterns, s->s, text, pattern_hit, hits);
}
