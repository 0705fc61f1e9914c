/* indicator.c - routes of indicators: a page, and one entered by hand. Reads inline, the write
 * within the group's transaction. */
#include "desk/watch/event/indicator.h"

#include "access/audience.h"
#include "api/api.h"
#include "api/page.h"
#include "gen/desk/watch/event/queries.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { CONFIDENCE_PLAIN = 70 };

bool indicator_of(const observable *o, indicator_draft *d)
{
    if (o->kind == OBSERVABLE_CVE) return false;
    d->kind = observable_kind_name(o->kind);
    d->value = o->value;
    return true;
}

err indicator_audience(txn *t, const realm *r, str tlp, int64_t *ret)
{
    int label = LABEL_STRICT;
    if (tlp.n) TRY(tlp_parse(tlp, &label));
    if (label == LABEL_RED) return err_at_pointer(ERR(E_INVALID, "error.indicator.tlp"), S("/tlp"));
    bool named = label == LABEL_AMBER || label == LABEL_STRICT;
    return audience_intern(t, label, named ? r->national_grp : 0, NULL, 0, ret);
}

err indicator_add(txn *t, const viewer *v, const indicator_draft *d, ledger_type entry,
        bool *ret_same, const indicator_handle **ret)
{
    indicator_same_row *rows;
    size_t n;
    indicator_same_args args = { .kind = d->kind, .value = d->value, .source = d->source };
    TRY(indicator_same(t, &args, txn_arena(t), &rows, &n));
    *ret_same = n > 0;
    return n ? OK : indicator_insert(t, v, d, entry, ret);
}

/* ---- the page ---- */

static void put_time(jsonw *w, str key, instant t)
{
    jw_key(w, key);
    if (t.us == INT64_MAX)
        jw_null(w);
    else
        jw_time(w, t);
}

static void put_indicator(jsonw *w, const indicator_page_row *r)
{
    jw_obj(w);
    indicator_page_members(w, r);
    put_time(w, S("valid_from"), r->_valid_from);
    put_time(w, S("valid_until"), r->_valid_until);
    jw_kstr(w, "tlp", tlp_name(r->_audience));
    jw_end_obj(w);
}

err h_indicator_list(call *c)
{
    const struct indicator_query *q = c->query;
    indicator_page_row *rows;
    observable o;
    size_t n;
    cursor k = { 0 };
    bool found;
    int64_t limit = page_limit(q->has_limit ? q->limit : 0);
    TRY(cursor_read(c, q->cursor, &k, &found));
    indicator_page_args args = { .before = found ? k.n[0] : INT64_MAX, .limit = limit };
    if (str_trim(q->q).n && !failed(observable_recognise(c->a, q->q, &o))) {
        args.kind = observable_kind_name(o.kind);
        args.value = o.value;
    } else if (str_trim(q->q).n) {
        args.value = str_trim(q->q);
    }
    TRY(indicator_page(c->t, &c->viewer, &args, c->a, &rows, &n));
    page_open(c);
    for (size_t i = 0; i < n; i++)
        put_indicator(&c->out, &rows[i]);
    page_close(c, (int64_t)n == limit, n ? &(cursor){ .n = { rows[n - 1]._row } } : NULL);
    return OK;
}

/* ---- one by hand ---- */

err h_indicator_create(call *c)
{
    const struct indicator_draft *b = c->req;
    const indicator_handle *h;
    observable o;
    bool same;
    indicator_draft d = { .owner = c->viewer.org,
        .source = b->has_source && b->source.n ? b->source : S("desk"),
        .confidence = b->has_confidence ? b->confidence : CONFIDENCE_PLAIN,
        .valid_from = txn_now(c->t),
        .valid_until = INSTANT_MAX,
        .tags = S("[]"),
        .why = b->why,
        .state = S("active") };
    if (failed(observable_recognise(c->a, b->value, &o)) || !indicator_of(&o, &d))
        return err_at_pointer(
                ERR1(E_INVALID, "error.indicator.kind", str_sub(b->value, 0, 100)), S("/value"));
    if (b->has_days) d.valid_until.us = d.valid_from.us + b->days * US_PER_DAY;
    TRY(indicator_audience(c->t, c->realm, b->tlp, &d.audience));
    TRY(indicator_add(c->t, &c->viewer, &d, LEDGER_indicator_created, &same, &h));
    if (same)
        return err_at_pointer(ERR1(E_CONFLICT, "error.indicator.taken", d.source), S("/value"));
    call_created(c, h->id.id, h->version);
    return OK;
}
