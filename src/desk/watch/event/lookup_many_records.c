/* lookup_many_records.c - whose each observable is, which indicators match it, which findings are
 * about it: each asked of the store for all of them at once, with the viewer's clause in the
 * question. */
#include "desk/watch/event/lookup_many.h"

#include "access/model.h"
#include "desk/watch/event/lookup.h"
#include "engine/url/url.h"
#include "flow/flow.h"
#include "gen/desk/watch/event/queries.h"
#include "store/store.h"

static str list_of(arena *a, many_answer **of, size_t n)
{
    jsonw w = jsonw_new(a, 1024);
    jw_arr(&w);
    for (size_t i = 0; i < n; i++)
        jw_str(&w, of[i]->o->value);
    jw_end_arr(&w);
    return jsonw_done(&w);
}

static str rows_of(arena *a, const int64_t *rows, size_t n)
{
    jsonw w = jsonw_new(a, 1024);
    jw_arr(&w);
    for (size_t i = 0; i < n; i++)
        jw_i64(&w, rows[i]);
    jw_end_arr(&w);
    return jsonw_done(&w);
}

/* ---- whose it is ---- */

static str owner_members(arena *a, const lookup_many_claims_row *r)
{
    jsonw w = jsonw_new(a, 256);
    jw_obj(&w);
    jw_kid(&w, "id", r->id);
    jw_kstr(&w, "key", r->key);
    jw_kraw(&w, "name", r->name);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

static void owner_take(many *m, const flow_owner *by, const lookup_many_claims_row *rows, size_t n)
{
    for (size_t i = 0; i < m->x->n_found; i++)
        for (size_t k = 0; by[i].org && k < n; k++) {
            if (rows[k].org != by[i].org || !str_eq(rows[k].value, by[i].text)) continue;
            m->of[i].owner = owner_members(m->c->a, &rows[k]);
            m->of[i].owner_why = by[i].text;
            break;
        }
}

/* By the claims that the viewer sees: whose claim is not seen has no name here. */
static err owners_read(many *m)
{
    call *c = m->c;
    size_t n_orgs = 0, n;
    lookup_many_claims_row *rows;
    int64_t *orgs = NEW_ARRAY(c->a, int64_t, m->x->n_found + 1);
    flow_owner *by = NEW_ARRAY(c->a, flow_owner, m->x->n_found + 1);
    owner_question ask;
    jsonw claims = jsonw_new(c->a, 1024);
    jw_arr(&claims);
    for (size_t i = 0; i < m->x->n_found; i++) {
        if (!lookup_owner_question(c->a, m->of[i].o, txn_now(c->t), &ask)) continue;
        by[i] = flow_owner_of(c->realm, c->a, &ask);
        if (!by[i].org) continue;
        jw_str(&claims, by[i].text);
        orgs[n_orgs++] = by[i].org;
    }
    jw_end_arr(&claims);
    if (n_orgs == 0) return OK;
    lookup_many_claims_args args = { .orgs = rows_of(c->a, orgs, n_orgs),
        .claims = jsonw_done(&claims) };
    TRY(lookup_many_claims(c->t, &c->viewer, &args, c->a, &rows, &n));
    owner_take(m, by, rows, n);
    return OK;
}

/* ---- indicators ---- */

static void indicator_take(many_answer *r, str value, str source)
{
    if (r->indicators++) return;
    r->indicator = value;
    r->indicator_source = source;
}

static err indicators_of_kind(many *m, observable_kind k)
{
    call *c = m->c;
    lookup_many_indicators_row *rows;
    size_t n_of, n;
    many_answer **of = many_of_kind(m, k, &n_of);
    if (n_of == 0) return OK;
    lookup_many_indicators_args args = {
        .kind = observable_kind_name(k), .values = list_of(c->a, of, n_of), .now = txn_now(c->t)
    };
    TRY(lookup_many_indicators(c->t, &c->viewer, &args, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        many_answer *r = many_by_value(of, n_of, rows[i].value);
        if (r) indicator_take(r, rows[i].value, rows[i].source);
    }
    return OK;
}

/* What the pipeline would match: networks that hold an address, names above a name, and for a URL
 * those of its host. */
static size_t matches(const many *m, const observable *o, int64_t ret[2 * MATCH_HITS_MAX])
{
    static const match_kind kinds[OBSERVABLE_KINDS] = { [OBSERVABLE_IP] = MATCH_IP,
        [OBSERVABLE_DOMAIN] = MATCH_DOMAIN,
        [OBSERVABLE_URL] = MATCH_URL,
        [OBSERVABLE_MD5] = MATCH_MD5,
        [OBSERVABLE_SHA1] = MATCH_SHA1,
        [OBSERVABLE_SHA256] = MATCH_SHA256,
        [OBSERVABLE_EMAIL] = MATCH_EMAIL };
    realm *r = m->c->realm;
    url u;
    if (!kinds[o->kind]) return 0;
    size_t n = flow_matches_of(r, kinds[o->kind], o->range.lo, o->value, ret);
    if (o->kind != OBSERVABLE_URL || !url_parse(m->c->a, o->value, &u)) return n;
    return n + flow_matches_of(r, u.host_is_ip ? MATCH_IP : MATCH_DOMAIN, u.ip, u.host, ret + n);
}

typedef struct {
    int64_t row[2 * MATCH_HITS_MAX];
    size_t n;
} matched;

static void matched_take(many *m, const matched *by, const lookup_many_matched_row *x)
{
    for (size_t i = 0; i < m->x->n_found; i++) {
        const observable *o = m->of[i].o;
        bool same = str_eq(o->value, x->value) && str_eq(observable_kind_name(o->kind), x->kind);
        for (size_t k = 0; !same && k < by[i].n; k++) {
            if (by[i].row[k] != x->row) continue;
            indicator_take(&m->of[i], x->value, x->source);
            break;
        }
    }
}

static err indicators_that_hold(many *m)
{
    call *c = m->c;
    size_t n_all = 0, n;
    lookup_many_matched_row *rows;
    matched *by = NEW_ARRAY(c->a, matched, m->x->n_found + 1);
    int64_t *all = NEW_ARRAY(c->a, int64_t, (m->x->n_found + 1) * 2 * MATCH_HITS_MAX);
    for (size_t i = 0; i < m->x->n_found; i++) {
        by[i].n = matches(m, m->of[i].o, by[i].row);
        for (size_t k = 0; k < by[i].n; k++)
            all[n_all++] = by[i].row[k];
    }
    if (n_all == 0) return OK;
    lookup_many_matched_args args = { .rows = rows_of(c->a, all, n_all), .now = txn_now(c->t) };
    TRY(lookup_many_matched(c->t, &c->viewer, &args, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        matched_take(m, by, &rows[i]);
    return OK;
}

static err indicators_read(many *m)
{
    for (int k = 0; k < OBSERVABLE_KINDS; k++)
        TRY(indicators_of_kind(m, (observable_kind)k));
    return indicators_that_hold(m);
}

/* ---- findings ---- */

static void finding_take(many_answer *r, int64_t n, instant newest, id128 id)
{
    if (!r) return;
    r->findings = n;
    r->finding_seen = newest;
    r->finding = id;
}

static err findings_ip(many *m)
{
    call *c = m->c;
    lookup_many_findings_ip_row *rows;
    size_t n_of, n;
    many_answer **of = many_of_kind(m, OBSERVABLE_IP, &n_of);
    if (n_of == 0) return OK;
    lookup_many_findings_ip_args args = { .values = list_of(c->a, of, n_of) };
    TRY(lookup_many_findings_ip(c->t, &c->viewer, &args, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        finding_take(many_by_value(of, n_of, rows[i].value), rows[i].n, rows[i].newest, rows[i].id);
    return OK;
}

static err findings_fqdn(many *m)
{
    call *c = m->c;
    lookup_many_findings_fqdn_row *rows;
    size_t n_of, n;
    many_answer **of = many_of_kind(m, OBSERVABLE_DOMAIN, &n_of);
    if (n_of == 0) return OK;
    lookup_many_findings_fqdn_args args = { .values = list_of(c->a, of, n_of) };
    TRY(lookup_many_findings_fqdn(c->t, &c->viewer, &args, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        finding_take(many_by_value(of, n_of, rows[i].value), rows[i].n, rows[i].newest, rows[i].id);
    return OK;
}

err many_records(many *m)
{
    if (!failed(permit_use(&m->c->viewer, PERMISSION_org_read))) TRY(owners_read(m));
    if (m->indicators) TRY(indicators_read(m));
    if (!m->findings) return OK;
    TRY(findings_ip(m));
    return findings_fqdn(m);
}
