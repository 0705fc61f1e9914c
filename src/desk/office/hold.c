/* hold.c - routes of legal holds: those that stand, placing one, lifting one by two. */
#include "common/retention/hold.h"
#include "access/record.h"
#include "api/page.h"
#include "base/texts.h"
#include "desk/office/tell.h"
#include "gen/common/retention/queries.h"
#include "gen/records/organisation.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

/* ---- reading ---- */

static err put_person(call *c, const char *key, int64_t row)
{
    const person_handle *p;
    err e = row ? person_read_row(c->t, &c->viewer, row, &p) : ERR(E_ABSENT, "error.api.absent");
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    jw_key(&c->out, str_of(key));
    if (failed(e) || !p->now.name.n)
        jw_null(&c->out);
    else
        jw_str(&c->out, p->now.name);
    return OK;
}

static err put_name(call *c, const hold_page_row *h)
{
    const organisation_handle *o;
    if (str_eq(h->kind, S("person"))) return put_person(c, "name", h->record);
    if (!str_eq(h->kind, S("organisation"))) return OK;
    err e = organisation_read_row(c->t, &c->viewer, h->record, &o);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    jw_kstr(&c->out, "name", texts_pick(c->a, o->now.name, call_lang(c)));
    return OK;
}

static err put(call *c, const hold_page_row *h)
{
    jsonw *w = &c->out;
    jw_obj(w);
    jw_kid(w, "id", h->id);
    jw_kstr(w, "kind", h->kind);
    jw_kid(w, "subject", h->subject);
    TRY(put_name(c, h));
    jw_kstr(w, "reason", h->reason);
    TRY(put_person(c, "by", h->author));
    jw_ktime(w, "created", h->created);
    jw_ktime(w, "lifted", h->lifted);
    TRY(put_person(c, "lifted_by", h->lifter));
    jw_end_obj(w);
    return OK;
}

err h_hold_list(call *c)
{
    const struct hold_query *q = c->query;
    cursor k = { 0 };
    bool found;
    hold_page_row *rows;
    size_t n;
    int64_t limit = page_limit(q->has_limit ? q->limit : 0);
    TRY(cursor_read(c, q->cursor, &k, &found));
    hold_page_args args = { .open = !q->has_state || str_eq(q->state, S("standing")),
        .before = found ? k.n[0] : INT64_MAX,
        .limit = limit };
    TRY(hold_page(c->t, &args, c->a, &rows, &n));
    page_open(c);
    for (size_t i = 0; i < n; i++)
        TRY(put(c, &rows[i]));
    page_close(c, (int64_t)n == limit, n ? &(cursor){ .n = { rows[n - 1].row } } : NULL);
    return OK;
}

/* ---- placing and lifting ---- */

static err say(call *c, ledger_type type, id128 id, str kind)
{
    jsonw w = jsonw_new(c->a, 64);
    jw_obj(&w);
    jw_kstr(&w, "kind", kind);
    jw_end_obj(&w);
    return tell_entry(c->t, c->realm,
            &(told_entry){
                    type, S("hold"), id, c->realm->site_org, c->viewer.person, jsonw_done(&w) });
}

err h_hold_place(call *c)
{
    const struct hold_draft *b = c->req;
    const void *held;
    id128 id;
    const record_def *d = record_kind_named(b->kind);
    ASSERT(d);
    TRY(record_get(c->t, &c->viewer, d, RECORD_READ, b->subject, &held));
    int64_t row = ((const record_head *)held)->row;
    TRY(hold_refuses(c->t, b->kind, row, 0));
    hold_facts f = { b->kind, row, b->subject, b->reason, c->viewer.person };
    TRY(hold_place(c->t, &f, &id));
    call_created(c, id, 1);
    return say(c, LEDGER_hold_placed, id, b->kind);
}

err h_hold_lift(call *c)
{
    hold_page_row *h;
    size_t n;
    int64_t changed = 0;
    id128 id;
    TRY(call_id(c, &id));
    if (id_is_zero(id)) return ERR(E_ABSENT, "error.api.absent"); /* would ask for any */
    hold_page_args args = { .id = id, .open = true, .before = INT64_MAX, .limit = 1 };
    TRY(hold_page(c->t, &args, c->a, &h, &n));
    if (!n) return ERR(E_ABSENT, "error.api.absent");
    hold_lift_args lift = { .row = h->row, .now = txn_now(c->t), .lifter = c->viewer.person };
    TRY(hold_lift(c->t, &lift, &changed));
    call_put_empty(c);
    return say(c, LEDGER_hold_lifted, id, h->kind);
}
