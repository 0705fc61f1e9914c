/* reach.c - routes of who may see a thing: exactly, with why, for the people of its owner who may
 * know; to everybody else that sees it, the own organisation's part (decision 22). Runs in the
 * pool and changes nothing. */
#include "desk/office/reach.h"
#include "access/audience.h"
#include "gen/access/queries.h"
#include "gen/records/finding.h"
#include "gen/records/indicator.h"
#include "gen/records/notice.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "gen/records/sharing_group.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { NAMED_MAX = 50 };

/* ---- the thing ---- */

/* The organisation without which it is not shown; 0: none. */
static int64_t shown_with(const thing *x)
{
    if (x->d->kind == RECORD_finding) return x->h->owner;
    if (x->d->kind == RECORD_notice) return ((const notice_handle *)(const void *)x->h)->now.org;
    return 0;
}

/* Is the organisation seen that it is shown with, and for a part, that of its whole? */
static err is_shown(call *c, const thing *x)
{
    const organisation_handle *o;
    const void *whole;
    if (shown_with(x)) TRY(organisation_read_row(c->t, &c->viewer, shown_with(x), &o));
    if (!x->d->has_parent) return OK;
    const record_def *up = record_whole(x->d, (const char *)x->h + x->d->now_at);
    if (!up) return ERR(E_ABSENT, "error.api.absent");
    TRY(record_get_row(c->t, &c->viewer, up, RECORD_READ, x->h->parent, &whole));
    return is_shown(c, &(thing){ up, whole });
}

static err find(call *c, const record_def *d, id128 id, thing *ret)
{
    const void *h;
    TRY(record_get(c->t, &c->viewer, d, RECORD_READ, id, &h));
    thing x = { d, h };
    TRY(is_shown(c, &x));
    *ret = x;
    return OK;
}

err thing_find(call *c, const record_def *d, thing *ret)
{
    id128 id;
    TRY(call_id(c, &id));
    return find(c, d, id, ret);
}

err thing_find_id(call *c, const record_def *d, id128 id, thing *ret)
{
    TRY(permit_use(&c->viewer, record_rules[d->kind].read));
    return find(c, d, id, ret);
}

bool thing_whole(const call *c, const thing *x)
{
    return x->h->owner == c->viewer.org && !failed(permit_use(&c->viewer, PERMISSION_reads_read));
}

/* ---- organisations in order ---- */

err org_order(call *c, bool whole, org_has *has, const void *ctx, int64_t **ret, size_t *n)
{
    reach_orgs_seen_row *seen;
    size_t all = 0;
    *n = 0;
    if (whole) TRY(reach_orgs_seen(c->t, &c->viewer, c->a, &seen, &all));
    *ret = NEW_ARRAY(c->a, int64_t, all + 1);
    if (!whole && has(ctx, c->viewer.org)) (*ret)[(*n)++] = c->viewer.org;
    for (size_t i = 0; i < all; i++)
        if (has(ctx, seen[i].row)) (*ret)[(*n)++] = seen[i].row;
    return OK;
}

/* A cursor names the last one; where it is gone by now, its place. */
err org_page_of(
        call *c, const int64_t *orgs, size_t n, str cursor_text, int64_t limit, org_page *ret)
{
    cursor k;
    bool found;
    TRY(cursor_read(c, cursor_text, &k, &found));
    size_t at = found ? (size_t)k.n[1] : 0;
    for (size_t i = 0; found && i < n; i++)
        if (orgs[i] == k.n[0]) at = i + 1;
    if (at > n) at = n;
    size_t end = n - at > (size_t)limit ? at + (size_t)limit : n;
    *ret = (org_page){ orgs, n, at, end };
    return OK;
}

void org_page_next(call *c, const org_page *p)
{
    jw_key(&c->out, S("next"));
    if (p->end < p->n)
        jw_str(&c->out, cursor_make(c, &(cursor){ .n = { p->orgs[p->end - 1], (int64_t)p->end } }));
    else
        jw_null(&c->out);
}

/* ---- as JSON ---- */

err put_org(call *c, str key, int64_t row)
{
    reach_org_name_row *o;
    err e = reach_org_name(c->t, &c->viewer, &(reach_org_name_args){ .row = row }, c->a, &o);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    jw_key(&c->out, key);
    reach_org_name_json(&c->out, o);
    return OK;
}

err put_about(call *c, const record_def *up, int64_t row)
{
    const void *whole;
    TRY(record_get_row(c->t, &c->viewer, up, RECORD_READ, row, &whole));
    jw_key(&c->out, S("about"));
    jw_obj(&c->out);
    jw_kstr(&c->out, "kind", str_of(up->name));
    jw_kid(&c->out, "id", ((const record_head *)whole)->id.id);
    jw_end_obj(&c->out);
    return OK;
}

err put_person_ref(call *c, str key, int64_t row)
{
    const person_handle *p;
    jsonw *w = &c->out;
    err e = row ? person_read_row(c->t, &c->viewer, row, &p) : ERR(E_ABSENT, "error.api.absent");
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    jw_key(w, key);
    if (failed(e)) {
        jw_null(w);
        return OK;
    }
    jw_obj(w);
    jw_kid(w, "id", p->id.id);
    jw_key(w, S("name"));
    if (p->now.name.n)
        jw_str(w, p->now.name);
    else
        jw_null(w);
    jw_end_obj(w);
    return OK;
}

err put_audience(call *c, int label, int64_t grp)
{
    const sharing_group_handle *g;
    err e = ERR(E_ABSENT, "error.api.absent");
    jw_kstr(&c->out, "tlp", tlp_name(label));
    jw_key(&c->out, S("group"));
    if (grp) e = sharing_group_read_row(c->t, &c->viewer, grp, &g);
    if (err_code_of(e) == E_ABSENT) {
        jw_null(&c->out);
        return OK;
    }
    TRY(e);
    jw_obj(&c->out);
    jw_kid(&c->out, "id", g->id.id);
    jw_kraw(&c->out, "name", g->now.name);
    jw_kstr(&c->out, "kind", g->now.kind);
    jw_end_obj(&c->out);
    return OK;
}

void put_whys(call *c, uint32_t why)
{
    jw_key(&c->out, S("why"));
    jw_arr(&c->out);
    for (int b = 0; b < REACH_WHYS; b++)
        if (why >> b & 1) jw_str(&c->out, str_of(reach_why_names[b]));
    jw_end_arr(&c->out);
}

/* Writes nothing about a person whom the viewer does not see. */
static err put_person(call *c, const reach_person *p, const char *change)
{
    const person_handle *h;
    err e = person_read_row(c->t, &c->viewer, p->person, &h);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    jw_obj(&c->out);
    jw_kid(&c->out, "id", h->id.id);
    jw_key(&c->out, S("name"));
    if (h->now.name.n)
        jw_str(&c->out, h->now.name);
    else
        jw_null(&c->out);
    put_whys(c, p->why);
    jw_ki64(&c->out, "keys", p->keys);
    if (change) jw_kstr(&c->out, "change", str_of(change));
    jw_end_obj(&c->out);
    return OK;
}

static bool is_in(const reach *r, const reach_person *p)
{
    const reach_org *o = r ? reach_find(r, p->org) : NULL;
    if (o && o->why) return true; /* with the whole organisation */
    for (size_t i = 0; r && i < r->n_named; i++)
        if (r->named[i].person == p->person) return true;
    return false;
}

err put_named(call *c, const reach *r, const reach * not, int64_t org, const char *change)
{
    size_t told = 0;
    for (size_t i = 0; i < r->n_named && told < NAMED_MAX; i++) {
        const reach_person *p = &r->named[i];
        if (p->org != org || !(p->why & WHY_personal) || is_in(not, p)) continue;
        TRY(put_person(c, p, change));
        told++;
    }
    return OK;
}

static err put_row(call *c, const reach *r, int64_t org)
{
    const reach_org *o = reach_find(r, org);
    ASSERT(o);
    jw_obj(&c->out);
    TRY(put_org(c, S("org"), org));
    jw_kbool(&c->out, "own", org == c->viewer.org);
    put_whys(c, o->why);
    jw_ki64(&c->out, "people", o->people);
    jw_ki64(&c->out, "others", o->others);
    jw_ki64(&c->out, "keys", o->keys);
    jw_key(&c->out, S("named"));
    jw_arr(&c->out);
    TRY(put_named(c, r, NULL, org, NULL));
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- the answer ---- */

typedef struct {
    thing x;
    reach r;
    bool whole;
    int64_t *orgs;
    size_t n;
} answer;

static bool has_org(const void *ctx, int64_t org)
{
    return reach_find(ctx, org) != NULL;
}

/* Sums over all, or over what the viewer is told of. */
static void put_sums(call *c, const answer *w)
{
    reach_org named = { 0 };
    size_t n = w->whole ? w->r.n : w->n;
    for (size_t i = 0; i < w->n; i++) {
        const reach_org *o = reach_find(&w->r, w->orgs[i]);
        named.people += o->people;
        named.keys += o->keys;
    }
    jw_ki64(&c->out, "organisations", (int64_t)n);
    jw_ki64(&c->out, "people", w->whole ? w->r.people : named.people);
    jw_ki64(&c->out, "keys", w->whole ? w->r.keys : named.keys);
    jw_ki64(&c->out, "unshown", w->whole ? w->r.unshown : 0);
    jw_key(&c->out, S("unnamed"));
    jw_obj(&c->out);
    jw_ki64(&c->out, "organisations", (int64_t)(n - w->n));
    jw_ki64(&c->out, "people", w->whole ? w->r.people - named.people : 0);
    jw_ki64(&c->out, "keys", w->whole ? w->r.keys - named.keys : 0);
    jw_end_obj(&c->out);
}

static err put_head(call *c, const answer *w)
{
    int label;
    int64_t grp;
    TRY(audience_read(c->t, w->x.h->audience, &label, &grp));
    jw_kstr(&c->out, "kind", str_of(w->x.d->name));
    jw_kid(&c->out, "id", w->x.h->id.id);
    jw_ki64(&c->out, "version", w->x.h->version);
    TRY(put_audience(c, label, grp));
    TRY(put_org(c, S("owner"), w->x.h->owner));
    jw_kbool(&c->out, "whole", w->whole);
    put_sums(c, w);
    return OK;
}

static err put_organisations(call *c, const struct reach_query *q, const answer *w)
{
    org_page p;
    TRY(org_page_of(c, w->orgs, w->n, q->cursor, page_limit(q->has_limit ? q->limit : 0), &p));
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = p.at; i < p.end; i++)
        TRY(put_row(c, &w->r, w->orgs[i]));
    jw_end_arr(&c->out);
    org_page_next(c, &p);
    return OK;
}

/* One organisation of those: its people by name, as far as the viewer sees them. */
static err put_people(call *c, const struct reach_query *q, const answer *w, int64_t org)
{
    cursor k;
    bool found, more;
    reach_person *p;
    size_t n;
    TRY(cursor_read(c, q->cursor, &k, &found));
    reach_people_of of = { w->x.d, w->x.h->row, org, found ? k.n[0] : 0,
        page_limit(q->has_limit ? q->limit : 0) };
    TRY(reach_people(c->t, c->realm, &c->viewer, &of, c->a, &p, &n, &more));
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    if (reach_find(&w->r, org)) TRY(put_row(c, &w->r, org));
    jw_end_arr(&c->out);
    jw_key(&c->out, S("persons"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        TRY(put_person(c, &p[i], NULL));
    jw_end_arr(&c->out);
    org_page next = { .orgs = n ? &p[n - 1].person : NULL, .n = more && n ? 2 : 0, .end = 1 };
    org_page_next(c, &next);
    return OK;
}

static err answer_reach(call *c, const record_def *d, const struct reach_query *q)
{
    const organisation_handle *o = NULL;
    answer w = { 0 };
    TRY(thing_find(c, d, &w.x));
    w.whole = thing_whole(c, &w.x);
    if (q->has_org) TRY(organisation_read(c->t, &c->viewer, (organisation_id){ q->org }, &o));
    if (o && !w.whole && o->row != c->viewer.org) return ERR(E_ABSENT, "error.api.absent");
    TRY(reach_of(c->t, c->realm, d, w.x.h->row, NULL, c->a, &w.r));
    TRY(org_order(c, w.whole, has_org, &w.r, &w.orgs, &w.n));
    jw_obj(&c->out);
    TRY(put_head(c, &w));
    TRY(o ? put_people(c, q, &w, o->row) : put_organisations(c, q, &w));
    jw_end_obj(&c->out);
    return OK;
}

err h_finding_reach(call *c)
{
    return answer_reach(c, &finding_def, c->query);
}

err h_notice_reach(call *c)
{
    return answer_reach(c, &notice_def, c->query);
}

err h_indicator_reach(call *c)
{
    return answer_reach(c, &indicator_def, c->query);
}

err h_reach_read(call *c)
{
    const struct thing_query *q = c->query;
    const record_def *d = record_kind_named(q->kind);
    ASSERT(d);
    TRY(permit_use(&c->viewer, record_rules[d->kind].read));
    struct reach_query r = { .org = q->org,
        .has_org = q->has_org,
        .cursor = q->cursor,
        .has_cursor = q->has_cursor,
        .limit = q->limit,
        .has_limit = q->has_limit };
    return answer_reach(c, d, &r);
}
