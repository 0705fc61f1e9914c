/* lookup_hits.c - organisations, notices, findings, indicators and feeds that answer a question,
 * each kind as the viewer may see it and only where the viewer's role reads that kind. In the pool.
 */
#include "desk/watch/event/lookup.h"

#include "base/texts.h"
#include "access/model.h"
#include "engine/fold/fold.h"
#include "gen/desk/watch/event/queries.h"

enum { HITS = 10 };

typedef struct {
    const lookup_question *q;
    call *c;
    lang l;
    int n, indicators;
} hits;

typedef struct {
    const char *kind, *href;
    id128 id;
    str title, sub, tail; /* tail: behind href instead of the id */
} hit;

static void put(hits *h, const hit *x)
{
    jsonw *w = &h->c->out;
    h->n++;
    jw_obj(w);
    jw_kstr(w, "kind", str_of(x->kind));
    jw_kid(w, "id", x->id);
    jw_kstr(w, "title", x->title);
    if (x->sub.n) jw_kstr(w, "sub", x->sub);
    str tail = x->tail.n ? x->tail : id_text(h->c->a, x->id);
    jw_kstr(w, "href", str_fmt(h->c->a, "%s%.*s", x->href, STR_ARG(tail)));
    jw_end_obj(w);
}

static bool may(const hits *h, permission p)
{
    return !failed(permit_use(&h->c->viewer, p));
}

static void put_org(hits *h, id128 id, str key, str name)
{
    put(h, &(hit){ "organisation", "/organisations/", id, texts_pick(h->c->a, name, h->l), key,
                   { 0 } });
}

static err by_name(hits *h)
{
    call *c = h->c;
    lookup_orgs_row *rows;
    size_t n;
    str folded = fold_text(c->a, h->q->text);
    if (!may(h, PERMISSION_org_read) || folded.n == 0) return OK;
    lookup_orgs_args args = { .q = str_fmt(c->a, "%%%.*s%%", STR_ARG(folded)), .limit = HITS };
    TRY(lookup_orgs(c->t, &c->viewer, &args, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        put_org(h, rows[i].id, rows[i].key, rows[i].name);
    return OK;
}

static err feeds(hits *h)
{
    call *c = h->c;
    lookup_feed_row *rows;
    size_t n;
    if (!may(h, PERMISSION_feed_read)) return OK;
    lookup_feed_args args = { .q = str_fmt(c->a, "%%%.*s%%", STR_ARG(str_lower(c->a, h->q->text))),
        .limit = HITS };
    TRY(lookup_feed(c->t, &c->viewer, &args, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        put(h, &(hit){ "feed", "/feeds/", rows[i].id, texts_pick(c->a, rows[i].name, h->l),
                       rows[i].key, { 0 } });
    return OK;
}

static void put_finding(hits *h, id128 id, str type, str identifier, str ip, str fqdn)
{
    str at = ip.n ? ip : fqdn;
    put(h, &(hit){ "finding", "/findings/", id,
                   str_fmt(h->c->a, "%.*s %.*s", STR_ARG(identifier.n ? identifier : type),
                           STR_ARG(at)),
                   type, { 0 } });
}

static err findings_ip(hits *h)
{
    call *c = h->c;
    lookup_findings_ip_row *rows;
    size_t n;
    TRY(lookup_findings_ip(c->t, &c->viewer,
            &(lookup_findings_ip_args){ .ip = h->q->value, .limit = HITS }, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        put_finding(h, rows[i].id, rows[i].type, rows[i].identifier, rows[i].ip, rows[i].fqdn);
    return OK;
}

static err findings_fqdn(hits *h)
{
    call *c = h->c;
    lookup_findings_fqdn_row *rows;
    size_t n;
    TRY(lookup_findings_fqdn(c->t, &c->viewer,
            &(lookup_findings_fqdn_args){ .fqdn = h->q->value, .limit = HITS }, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        put_finding(h, rows[i].id, rows[i].type, rows[i].identifier, rows[i].ip, rows[i].fqdn);
    return OK;
}

static err findings(hits *h)
{
    if (!may(h, PERMISSION_finding_read)) return OK;
    if (h->q->o.kind == OBSERVABLE_IP) return findings_ip(h);
    return h->q->o.kind == OBSERVABLE_DOMAIN ? findings_fqdn(h) : OK;
}

static void put_indicator(hits *h, id128 id, str value, str source, str why)
{
    h->indicators++;
    put(h, &(hit){ "indicator", "/indicators?q=", id, value,
                   str_fmt(h->c->a, "%.*s: %.*s", STR_ARG(source), STR_ARG(str_sub(why, 0, 200))),
                   value });
}

static err indicators(hits *h)
{
    call *c = h->c;
    lookup_indicators_row *rows;
    size_t n;
    if (!may(h, PERMISSION_indicator_read)) return OK;
    lookup_indicators_args args = {
        .kind = observable_kind_name(h->q->o.kind), .value = h->q->value, .limit = HITS
    };
    TRY(lookup_indicators(c->t, &c->viewer, &args, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        put_indicator(h, rows[i].id, rows[i].value, rows[i].source, rows[i].why);
    return OK;
}

static err notice_number(hits *h)
{
    call *c = h->c;
    lookup_notice_row *r;
    if (!may(h, PERMISSION_notice_read)) return OK;
    err e = lookup_notice(
            c->t, &c->viewer, &(lookup_notice_args){ .number = h->q->value }, c->a, &r);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    put(h, &(hit){ "notice", "/notices/", r->id, r->number, texts_pick(c->a, r->subject, h->l),
                   { 0 } });
    return OK;
}

/* ---- by id: what it is the id of is not known ---- */

static err id_notice(hits *h)
{
    call *c = h->c;
    lookup_notice_id_row *r;
    if (!may(h, PERMISSION_notice_read)) return OK;
    err e = lookup_notice_id(
            c->t, &c->viewer, &(lookup_notice_id_args){ .id = h->q->id }, c->a, &r);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    put(h, &(hit){ "notice", "/notices/", r->id, r->number, texts_pick(c->a, r->subject, h->l),
                   { 0 } });
    return OK;
}

static err id_org(hits *h)
{
    call *c = h->c;
    lookup_org_id_row *r;
    if (!may(h, PERMISSION_org_read)) return OK;
    err e = lookup_org_id(c->t, &c->viewer, &(lookup_org_id_args){ .id = h->q->id }, c->a, &r);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    put_org(h, r->id, r->key, r->name);
    return OK;
}

static err id_finding(hits *h)
{
    call *c = h->c;
    lookup_finding_id_row *r;
    if (!may(h, PERMISSION_finding_read)) return OK;
    err e = lookup_finding_id(
            c->t, &c->viewer, &(lookup_finding_id_args){ .id = h->q->id }, c->a, &r);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    put_finding(h, r->id, r->type, r->identifier, r->ip, r->fqdn);
    return OK;
}

static err id_indicator(hits *h)
{
    call *c = h->c;
    lookup_indicator_id_row *r;
    if (!may(h, PERMISSION_indicator_read)) return OK;
    err e = lookup_indicator_id(
            c->t, &c->viewer, &(lookup_indicator_id_args){ .id = h->q->id }, c->a, &r);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    put_indicator(h, r->id, r->value, r->source, r->why);
    return OK;
}

static err id_event(hits *h)
{
    call *c = h->c;
    event e;
    if (!may(h, PERMISSION_event_read)) return OK;
    err x = history_event(c->realm->history, c->a, &c->viewer.sight, h->q->id, &e);
    if (err_code_of(x) == E_ABSENT) return OK;
    TRY(x);
    put(h, &(hit){ "event", "/events/", e.id, e.identifier.n ? e.identifier : e.type,
                   event_ip_text(c->a, e.source_ip_hi, e.source_ip_lo), { 0 } });
    return OK;
}

static err by_id(hits *h)
{
    TRY(id_notice(h));
    TRY(id_finding(h));
    TRY(id_org(h));
    TRY(id_indicator(h));
    return id_event(h);
}

static err all(hits *h)
{
    const lookup_question *q = h->q;
    if (!id_is_zero(q->id)) return by_id(h);
    if (str_eq(str_of(q->recognised), S("number"))) return notice_number(h);
    if (q->known) {
        TRY(indicators(h));
        return findings(h);
    }
    TRY(by_name(h));
    return feeds(h);
}

err lookup_put_hits(const lookup_question *q, int *n, int *ret_indicators)
{
    hits h = { .q = q, .c = q->c, .l = call_lang(q->c) };
    jw_arr(&q->c->out);
    TRY(all(&h));
    jw_end_arr(&q->c->out);
    *n = h.n;
    *ret_indicators = h.indicators;
    return OK;
}
