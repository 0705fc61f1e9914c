/* owner.c - four tables, asked from the most to the least specific. Within one network the chain of
 * wider ones is walked until a claim holds at the time asked for. */
#include "flow/owner.h"

#include <stdlib.h>

#include "engine/domain/domain.h"
#include "engine/fingerprint/fingerprint.h"
#include "engine/lpm/lpm.h"
#include "engine/url/url.h"

/* A claim under a 64-bit key (an AS number, a name's fingerprint, a country's letters). */
typedef struct {
    uint64_t key;
    owner_claim claim;
} keyed;

typedef struct {
    keyed *k;
    size_t n;
} table;

struct owners {
    owner_org *org;
    size_t n_org;
    owner_claim *network; /* by the prefix's value */
    size_t n_network;
    lpm *networks;
    table asn, domain, country;
};

enum { DOMAIN_KIND = 200 };

static void *copy(const void *p, size_t n, size_t size)
{
    void *c = calloc(n + 1, size);
    ASSERT(c != NULL);
    if (n > 0) memcpy(c, p, n * size);
    return c;
}

static int keyed_order(const void *x, const void *y)
{
    const keyed *a = x, *b = y;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return a->claim.org < b->claim.org ? -1 : a->claim.org > b->claim.org;
}

static void table_make(table *t, size_t room)
{
    t->k = copy(NULL, 0, sizeof *t->k * (room + 1));
}
static void table_add(table *t, uint64_t key, owner_claim c)
{
    t->k[t->n++] = (keyed){ key, c };
}
static void table_sort(table *t)
{
    qsort(t->k, t->n, sizeof *t->k, keyed_order);
}

static uint64_t cc_key(const char *p)
{
    return (uint64_t)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static void networks_build(owners *o, const owner_input *in)
{
    lpm_entry *e = calloc(in->n_network + 1, sizeof *e);
    o->network = copy(NULL, 0, sizeof *o->network * (in->n_network + 1));
    ASSERT(e != NULL);
    for (size_t i = 0; i < in->n_network; i++) {
        o->network[i] = in->network[i].claim;
        e[i] = (lpm_entry){ in->network[i].net.lo, in->network[i].net.hi, (uint32_t)i, 0 };
    }
    o->n_network = in->n_network;
    o->networks = lpm_build(e, in->n_network);
    free(e);
}

static size_t domains_build(owners *o, const owner_input *in)
{
    size_t refused = 0;
    arena *a = arena_new((size_t)64 << 20);
    table_make(&o->domain, in->n_domain);
    for (size_t i = 0; i < in->n_domain; i++) {
        str name;
        if (domain_normalise(a, str_trim(in->domain[i].domain), &name))
            table_add(&o->domain, fp_text(DOMAIN_KIND, name.p, name.n), in->domain[i].claim);
        else
            refused++;
        arena_reset(a);
    }
    arena_free(a);
    table_sort(&o->domain);
    return refused;
}

owners *owners_build(const owner_input *in, size_t *refused)
{
    owners *o = copy(NULL, 0, sizeof *o);
    o->org = copy(in->org, in->n_org, sizeof *o->org);
    o->n_org = in->n_org;
    networks_build(o, in);
    *refused = domains_build(o, in);
    table_make(&o->asn, in->n_asn);
    for (size_t i = 0; i < in->n_asn; i++)
        table_add(&o->asn, in->asn[i].asn, in->asn[i].claim);
    table_make(&o->country, in->n_country);
    for (size_t i = 0; i < in->n_country; i++)
        table_add(&o->country, cc_key(in->country[i].cc), in->country[i].claim);
    table_sort(&o->asn);
    table_sort(&o->country);
    return o;
}

void owners_free(owners *o)
{
    if (!o) return;
    lpm_free(o->networks);
    free(o->network);
    free(o->asn.k);
    free(o->domain.k);
    free(o->country.k);
    free(o->org);
    free(o);
}

size_t owners_bytes(const owners *o)
{
    return lpm_bytes(o->networks) + o->n_network * sizeof *o->network + o->n_org * sizeof *o->org +
           (o->asn.n + o->domain.n + o->country.n) * sizeof(keyed);
}

static bool holds(const owner_claim *c, int64_t t)
{
    return (c->from_us == 0 || t >= c->from_us) && (c->to_us == 0 || t < c->to_us);
}

static owner_answer answer(
        const owners *o, const owner_claim *c, owner_why why, bool conflict, str text)
{
    ASSERT(c->org < o->n_org);
    return (owner_answer){ &o->org[c->org], (uint8_t)(why | (conflict ? OWNER_CONFLICT : 0)),
        text };
}

/* Another organisation claims the very same range at that time. */
static bool rival(const owners *o, const lpm_entry *e, const owner_claim *c, int64_t t)
{
    for (uint32_t i = e->parent; i != LPM_NONE; i = lpm_at(o->networks, i)->parent) {
        const lpm_entry *w = lpm_at(o->networks, i);
        if (!lpm_same_range(e, w)) return false;
        const owner_claim *d = &o->network[w->value];
        if (d->org != c->org && holds(d, t)) return true;
    }
    return false;
}

static str range_text(arena *a, const lpm_entry *e)
{
    uint64_t hi = e->lo.hi ^ e->hi.hi, lo = e->lo.lo ^ e->hi.lo;
    int free_bits = hi ? 128 - __builtin_clzll(hi) : lo ? 64 - __builtin_clzll(lo) : 0;
    char *out = arena_alloc(a, CIDR_TEXT_MAX);
    return (str){ out, cidr_put(out, (cidr){ e->lo, e->hi, (uint8_t)(128 - free_bits) }) };
}

static bool by_network(const owners *o, arena *a, const owner_question *q, owner_answer *ret)
{
    if (addr_is_zero(q->ip)) return false;
    for (uint32_t i = lpm_find(o->networks, q->ip); i != LPM_NONE;
            i = lpm_at(o->networks, i)->parent) {
        const lpm_entry *e = lpm_at(o->networks, i);
        const owner_claim *c = &o->network[e->value];
        if (!holds(c, q->time_us)) continue;
        *ret = answer(o, c, OWNER_NETWORK, rival(o, e, c, q->time_us), range_text(a, e));
        return true;
    }
    return false;
}

/* The first claim under key that holds, and whether a second organisation has one too. */
static const owner_claim *table_find(const table *t, uint64_t key, int64_t time_us, bool *conflict)
{
    size_t from = 0, to = t->n;
    const owner_claim *found = NULL;
    *conflict = false;
    while (from < to) {
        size_t mid = (from + to) / 2;
        if (t->k[mid].key < key)
            from = mid + 1;
        else
            to = mid;
    }
    for (; from < t->n && t->k[from].key == key; from++) {
        const owner_claim *c = &t->k[from].claim;
        if (!holds(c, time_us)) continue;
        if (!found)
            found = c;
        else if (found->org != c->org)
            *conflict = true;
    }
    return found;
}

static bool by_asn(const owners *o, arena *a, const owner_question *q, owner_answer *ret)
{
    bool conflict;
    const owner_claim *c = q->asn ? table_find(&o->asn, q->asn, q->time_us, &conflict) : NULL;
    if (!c) return false;
    *ret = answer(o, c, OWNER_ASN, conflict, str_fmt(a, "AS%u", q->asn));
    return true;
}

static bool by_domain(const owners *o, const owner_question *q, owner_answer *ret)
{
    str name = q->name;
    if (name.n == 0 || o->domain.n == 0) return false;
    do {
        bool conflict;
        const owner_claim *c =
                table_find(&o->domain, fp_text(DOMAIN_KIND, name.p, name.n), q->time_us, &conflict);
        if (!c) continue;
        *ret = answer(o, c, OWNER_DOMAIN, conflict, name);
        return true;
    } while (domain_parent(&name));
    return false;
}

static bool by_country(const owners *o, const owner_question *q, owner_answer *ret)
{
    bool conflict;
    if (q->cc.n != 2) return false;
    const owner_claim *c = table_find(&o->country, cc_key(q->cc.p), q->time_us, &conflict);
    if (!c) return false;
    *ret = answer(o, c, OWNER_COUNTRY, conflict, q->cc);
    return true;
}

owner_answer owners_find(const owners *o, arena *a, const owner_question *q)
{
    owner_answer r = { 0 };
    if (by_network(o, a, q, &r) || by_asn(o, a, q, &r) || by_domain(o, q, &r)) return r;
    (void)by_country(o, q, &r);
    return r;
}

/* The name that says most of whose it is: as the feed said, the URL's host, the reverse name. */
static str row_name(const flow_batch *b, size_t r)
{
    url u;
    if (b->text[FT_SOURCE_FQDN][r].n) return b->text[FT_SOURCE_FQDN][r];
    if (b->text[FT_SOURCE_URL][r].n && url_parse(b->a, b->text[FT_SOURCE_URL][r], &u) &&
            !u.host_is_ip)
        return u.host;
    return b->text[FT_SOURCE_REVERSE_DNS][r];
}

static addr row_address(const flow_batch *b, size_t r)
{
    addr ip = flow_source_ip(b, r);
    cidr c;
    if (addr_is_zero(ip) && b->text[FT_SOURCE_NETWORK][r].n &&
            cidr_parse(b->text[FT_SOURCE_NETWORK][r], false, &c))
        ip = c.lo;
    return ip;
}

void owners_batch(const owners *o, flow_batch *b)
{
    for (size_t r = 0; r < b->n; r++) {
        owner_question q = { row_address(b, r), b->source_asn[r], { 0 }, b->text[FT_SOURCE_CC][r],
            b->time_source[r] };
        owner_answer w = { 0 };
        bool found = by_network(o, b->a, &q, &w) || by_asn(o, b->a, &q, &w);
        if (!found) {
            q.name = row_name(b, r);
            found = by_domain(o, &q, &w) || by_country(o, &q, &w);
        }
        if (!found) continue;
        b->owner[r] = w.org->row;
        b->owner_why[r] = w.why;
        b->owner_text[r] = w.text;
    }
}
