/* reach.c - see reach.h. Organisations are asked by the clause as a whole, with nobody in it;
 * people only where a clause that asks for the person could let them in. A clause only ever adds,
 * so those two together are everybody. Owns nothing; the thread is the transaction's. */
#include "access/reach.h"
#include "base/time.h"
#include "gen/access/queries.h"
#include "store/store.h"
#include <stdlib.h>

uint32_t reach_roles(record_kind kind, bool national)
{
    uint32_t roles = 0;
    for (int b = 0; b < ROLES; b++) {
        viewer v = { .roles = 1u << b, .national = national, .may_write = true };
        if (!failed(permit_use(&v, record_rules[kind].read))) roles |= 1u << b;
    }
    return roles;
}

str reach_list(arena *a, const int64_t *rows, size_t n)
{
    buf b = buf_new(a, 16 * n + 2);
    for (size_t i = 0; i < n; i++) {
        if (!i) buf_byte(&b, ',');
        buf_i64(&b, rows[i]);
        buf_byte(&b, ',');
    }
    return n ? buf_str(&b) : S("");
}

/* ---- rows as they come ---- */

typedef struct {
    arena *a;
    reach *to;
    size_t cap_orgs, cap_named;
    int64_t site;
    uint32_t roles, site_roles;
} reading;

static void *grown(arena *a, void *old, size_t n, size_t *cap, size_t size)
{
    if (n < *cap) return old;
    size_t more = *cap ? 2 * *cap : 64;
    void *p = arena_alloc(a, more * size);
    if (n) memcpy(p, old, n * size);
    *cap = more;
    return p;
}

static reach_org *org_put(reading *x, int64_t org, uint32_t why)
{
    reach *r = x->to;
    r->orgs = grown(x->a, r->orgs, r->n, &x->cap_orgs, sizeof *r->orgs);
    r->orgs[r->n] = (reach_org){ .org = org, .why = why };
    return &r->orgs[r->n++];
}

static err take_org(void *ctx, const cell *out)
{
    reading *x = ctx;
    if (!out[1].i) return OK;
    if (out[2].i)
        (void)org_put(x, out[0].i, (uint32_t)out[1].i);
    else
        x->to->unshown++;
    return OK;
}

static bool role_reads(const reading *x, int64_t org, int64_t roles)
{
    return ((uint32_t)roles & (org == x->site ? x->site_roles : x->roles)) != 0;
}

/* Those whom only their organisation's name keeps out are not counted as unshown: persons. */
static err take_named(void *ctx, const cell *out)
{
    reading *x = ctx;
    reach *r = x->to;
    if (!out[3].i || !out[4].i || !role_reads(x, out[1].i, out[2].i)) return OK;
    r->named = grown(x->a, r->named, r->n_named, &x->cap_named, sizeof *r->named);
    r->named[r->n_named++] =
            (reach_person){ .person = out[0].i, .org = out[1].i, .why = (uint32_t)out[3].i };
    return OK;
}

static int by_org(const void *p, const void *q)
{
    const reach_org *x = p, *y = q;
    return (x->org > y->org) - (x->org < y->org);
}

static const reach_org *find(const reach_org *orgs, size_t n, int64_t org)
{
    return n ? bsearch(&(reach_org){ .org = org }, orgs, n, sizeof *orgs, by_org) : NULL;
}

const reach_org *reach_find(const reach *r, int64_t org)
{
    return find(r->orgs, r->n, org);
}

static void sort_orgs(reach *r)
{
    if (r->n) qsort(r->orgs, r->n, sizeof *r->orgs, by_org);
}

/* Organisations of which only named people see it. */
static void add_orgs_of_named(reading *x)
{
    reach *r = x->to;
    sort_orgs(r);
    for (size_t i = 0, whole = r->n; i < r->n_named; i++) {
        bool there = find(r->orgs, whole, r->named[i].org) != NULL;
        for (size_t k = whole; !there && k < r->n; k++)
            there = r->orgs[k].org == r->named[i].org;
        if (!there) (void)org_put(x, r->named[i].org, 0);
    }
    sort_orgs(r);
}

/* ---- counting ---- */

static err count_people(txn *t, reading *x)
{
    reach_counts_row *c;
    size_t n, i = 0;
    reach_counts_args args = { .site = x->site, .site_roles = x->site_roles, .roles = x->roles };
    TRY(reach_counts(t, &args, x->a, &c, &n));
    for (size_t k = 0; k < x->to->n; k++) {
        reach_org *o = &x->to->orgs[k];
        while (i < n && c[i].org < o->org)
            i++;
        if (!o->why || i == n || c[i].org != o->org) continue;
        o->people = c[i].people;
        o->others = c[i].others;
    }
    return OK;
}

static reach_person *named_find(const reach *r, int64_t person)
{
    for (size_t i = 0; i < r->n_named; i++)
        if (r->named[i].person == person) return &r->named[i];
    return NULL;
}

static err count_keys(txn *t, reading *x, record_kind kind)
{
    reach_keys_row *k;
    size_t n;
    reach_keys_args args = { .now = clock_now(&clock_system),
        .site = x->site,
        .site_roles = x->site_roles,
        .roles = x->roles,
        .reads = str_fmt(x->a, "%% %s %%", permission_rules[record_rules[kind].read].name) };
    TRY(reach_keys(t, &args, x->a, &k, &n));
    for (size_t i = 0; i < n; i++) {
        reach_org *o = (reach_org *)(uintptr_t)reach_find(x->to, k[i].org);
        reach_person *p = named_find(x->to, k[i].person);
        if (p) p->keys = k[i].keys;
        if (o && (o->why || p)) o->keys += k[i].keys;
    }
    return OK;
}

static void sum(reach *r)
{
    for (size_t i = 0; i < r->n_named; i++) {
        reach_org *o = (reach_org *)(uintptr_t)reach_find(r, r->named[i].org);
        ASSERT(o);
        if (!o->why) o->people++;
    }
    for (size_t i = 0; i < r->n; i++) {
        r->people += r->orgs[i].people;
        r->keys += r->orgs[i].keys;
    }
}

/* ---- asking ---- */

static size_t bind(cell *in, txn *t, int64_t row, const reach_audience *as)
{
    in[0] = (cell){ .type = CELL_I64, .i = row };
    in[1] = (cell){ .type = CELL_I64, .i = txn_now(t).us };
    if (!as) return 2;
    in[2] = (cell){ .type = CELL_I64, .i = as->label - 8 }; /* its label, and none of the store's */
    in[3] = (cell){ .type = CELL_I64, .i = as->label };
    in[4] = (cell){ .type = CELL_I64, .i = as->grp };
    in[5] = (cell){ .type = CELL_TEXT, .s = as->people.n ? as->people : S(",") };
    return 6;
}

static reading reading_of(arena *a, const realm *r, record_kind kind, reach *to)
{
    return (reading){ .a = a,
        .to = to,
        .site = r->site_org,
        .roles = reach_roles(kind, false),
        .site_roles = reach_roles(kind, true) };
}

err reach_of(txn *t, const realm *r, const record_def *d, int64_t row, const reach_audience *as,
        arena *a, reach *ret)
{
    cell in[6];
    *ret = (reach){ 0 };
    reading x = reading_of(a, r, d->kind, ret);
    (void)bind(in, t, row, as);
    TRY(stmt_run(t, d->reach_orgs[as != NULL], 0, in, take_org, &x, NULL));
    TRY(stmt_run(t, d->reach_named[as != NULL], 0, in, take_named, &x, NULL));
    add_orgs_of_named(&x);
    TRY(count_people(t, &x));
    TRY(count_keys(t, &x, d->kind));
    sum(ret);
    return OK;
}

static err people_keys(txn *t, reading *x, record_kind kind)
{
    return x->to->n_named ? count_keys(t, x, kind) : OK;
}

typedef struct {
    reading x;
    int64_t last, rows;
} people_reading;

static err take_person(void *ctx, const cell *out)
{
    people_reading *p = ctx;
    p->last = out[0].i;
    p->rows++;
    return take_named(&p->x, out);
}

err reach_people(txn *t, const realm *r, const viewer *v, const reach_people_of *q, arena *a,
        reach_person **ret, size_t *n, bool *ret_more)
{
    reach to = { 0 };
    cell in[5 + VIEWER_CELLS];
    people_reading p = { .x = reading_of(a, r, q->d->kind, &to), .last = q->after };
    const int64_t asked[] = { q->org, q->after, q->limit };
    ASSERT(q->limit > 0);
    (void)bind(in, t, q->row, NULL);
    for (size_t i = 0; i < ARRAY_LEN(asked); i++)
        in[2 + i] = (cell){ .type = CELL_I64, .i = asked[i] };
    viewer_bind(v, in + 5);
    TRY(stmt_run(t, q->d->reach_people, 0, in, take_person, &p, NULL));
    TRY(people_keys(t, &p.x, q->d->kind));
    *ret = to.named;
    *n = to.n_named;
    *ret_more = p.rows == q->limit;
    return OK;
}

/* ---- before and after ---- */

static bool is_named(const reach *r, int64_t person)
{
    return named_find(r, person) != NULL;
}

/* People (and keys) of an organisation who are in `to` and not in `from`. */
static void gained(const reach *from, const reach *to, int64_t org, int64_t *people, int64_t *keys)
{
    const reach_org *f = reach_find(from, org), *x = reach_find(to, org);
    *people = *keys = 0;
    if (!x || (f && f->why)) return;
    if (x->why) {
        *people = x->people - (f ? f->people : 0);
        *keys = x->keys - (f ? f->keys : 0);
        return;
    }
    for (size_t i = 0; i < to->n_named; i++) {
        const reach_person *p = &to->named[i];
        if (p->org != org || is_named(from, p->person)) continue;
        *people += 1;
        *keys += p->keys;
    }
}

static void compare_one(const reach *before, const reach *after, int64_t org, reach_effect *to)
{
    const reach_org *b = reach_find(before, org), *x = reach_find(after, org);
    reach_change c = { .org = org, .begins = !b && x, .ends = b && !x };
    gained(before, after, org, &c.gains, &c.keys_gained);
    gained(after, before, org, &c.loses, &c.keys_lost);
    bool wider = x && x->why && !(b && b->why), narrower = b && b->why && !(x && x->why);
    if (!c.gains && !c.loses && !wider && !narrower) return;
    c.why = x ? x->why : b->why;
    to->begins += c.begins;
    to->ends += c.ends;
    to->all.gains += c.gains;
    to->all.loses += c.loses;
    to->all.keys_gained += c.keys_gained;
    to->all.keys_lost += c.keys_lost;
    to->all.begins |= c.gains || wider;
    to->all.ends |= c.loses || narrower;
    to->orgs[to->n++] = c;
}

void reach_compare(arena *a, const reach *before, const reach *after, reach_effect *ret)
{
    size_t i = 0, k = 0;
    *ret = (reach_effect){ .orgs = NEW_ARRAY(a, reach_change, before->n + after->n + 1) };
    while (i < before->n || k < after->n) {
        int64_t x = i < before->n ? before->orgs[i].org : INT64_MAX;
        int64_t y = k < after->n ? after->orgs[k].org : INT64_MAX;
        compare_one(before, after, x < y ? x : y, ret);
        i += x <= y;
        k += y <= x;
    }
}

/* ---- groups ---- */

typedef struct {
    arena *a;
    reach_count *rows;
    size_t n, cap;
} counting;

static err take_count(void *ctx, const cell *out)
{
    counting *c = ctx;
    if (!out[1].i && !out[2].i) return OK;
    c->rows = grown(c->a, c->rows, c->n, &c->cap, sizeof *c->rows);
    c->rows[c->n++] = (reach_count){ out[0].i, out[1].i, out[2].i, out[3].i };
    return OK;
}

err reach_group(txn *t, const record_def *d, int64_t grp, str into, str out, str orgs, arena *a,
        reach_count **ret, size_t *n)
{
    counting c = { .a = a };
    const str none = S(",");
    cell in[] = { { .type = CELL_I64, .i = txn_now(t).us }, { .type = CELL_I64, .i = grp },
        { .type = CELL_TEXT, .s = out.n ? out : none },
        { .type = CELL_TEXT, .s = into.n ? into : none },
        { .type = CELL_TEXT, .s = orgs.n ? orgs : none } };
    TRY(stmt_run(t, d->reach_group, 0, in, take_count, &c, NULL));
    *ret = c.rows;
    *n = c.n;
    return OK;
}
