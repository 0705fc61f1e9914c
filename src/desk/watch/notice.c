/* notice.c - routes of notices: listed, read, acknowledged by the recipient, taken back while they
 * are held. Reads inline and change nothing; the acts run within the group's transaction. */
#include "gen/records/notice.h"
#include "access/model.h"
#include "access/seen/seen.h"
#include "api/page.h"
#include "common/findings/findings.h"
#include "common/outbox/ack.h"
#include "common/outbox/bounce.h"
#include "common/outbox/delivery.h"
#include "desk/watch/bulk.h"
#include "desk/watch/put.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { ITEMS_MAX = 200 };

/* ---- as JSON ---- */

static void put_dates(jsonw *w, const notice_view_row *n)
{
    jw_ktime(w, "created", n->created);
    jw_ktime(w, "held_until", n->held_until);
    jw_ktime(w, "due", n->due);
    jw_ktime(w, "acknowledged", n->acknowledged);
}

/* The members of a Notice without its parts, into the object that is open. */
static err put_members(call *c, const notice_view_row *n)
{
    jsonw *w = &c->out;
    jw_kid(w, "id", n->id);
    jw_kstr(w, "number", n->number);
    put_org_ref(w, S("org"), n->org_id, n->org_key, n->org_name);
    jw_kraw(w, "subject", n->subject);
    jw_kstr(w, "kind", n->kind);
    jw_kstr(w, "severity", severity_name(n->severity));
    jw_ki64(w, "findings", n->findings);
    jw_kstr(w, "state", n->state);
    put_dates(w, n);
    TRY(watch_put_name(c, S("acknowledged_by"), n->has_acknowledged_by, n->acknowledged_by));
    TRY(watch_put_for(c, S("acknowledged_for"), S("notice"), n->_row));
    jw_kstr(w, "tlp", tlp_name(n->audience));
    jw_ki64(w, "version", n->version);
    return OK;
}

static err put_deliveries(call *c, int64_t row)
{
    notice_deliveries_row *d;
    size_t n;
    TRY(notice_deliveries(
            c->t, &c->viewer, &(notice_deliveries_args){ .notice = row }, c->a, &d, &n));
    jw_key(&c->out, S("deliveries"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++) {
        jw_obj(&c->out);
        notice_deliveries_members(&c->out, &d[i]);
        if (str_eq(d[i].state, S("bounced")))
            jw_kstr(&c->out, "reason", bounce_reason(d[i].last_error));
        TRY(watch_put_name(c, S("to"), d[i].has__person, d[i]._person));
        TRY(watch_put_for(c, S("for_whom"), S("delivery"), d[i]._row));
        if (d[i]._number.n)
            TRY(watch_put_letter(
                    c, &(letter_shown){ d[i]._number, d[i]._hash, d[i]._issued, d[i]._printed,
                               d[i]._handed, d[i]._returned, d[i]._withdrawn, d[i].has__handed_by,
                               d[i]._handed_by }));
        jw_end_obj(&c->out);
    }
    jw_end_arr(&c->out);
    return OK;
}

static err put_items(call *c, int64_t row)
{
    finding_page_notice_row *f;
    size_t n;
    TRY(finding_page_notice(c->t, &c->viewer,
            &(finding_page_notice_args){ .notice = row, .limit = ITEMS_MAX }, c->a, &f, &n));
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        TRY(put_finding(c, f[i].row));
    jw_end_arr(&c->out);
    return OK;
}

static err put_row(call *c, int64_t row)
{
    notice_view_row *n;
    err e = notice_view(c->t, &c->viewer, &(notice_view_args){ .row = row }, c->a, &n);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    jw_obj(&c->out);
    TRY(put_members(c, n));
    jw_end_obj(&c->out);
    return OK;
}

/* ---- reading ---- */

/* Rows of one page, newest first; an agency without a filter gets its own by the shorter index. */
static err page_rows(call *c, const struct notice_query *q, int64_t from, int64_t limit,
        int64_t *rows, size_t *n)
{
    int64_t org = c->viewer.national ? 0 : c->viewer.org;
    notice_page_row *all;
    notice_page_org_row *of;
    const bool told = q->has_channel || q->has_delivery;
    const notice_page_args args = { .before = from,
        .state = q->state.n ? q->state : (str){ 0 },
        .late = q->late ? txn_now(c->t) : (instant){ 0 },
        .channel = told ? (q->has_channel ? q->channel : S("")) : (str){ 0 },
        .delivery = q->has_delivery ? q->delivery : S(""),
        .limit = limit };
    if (q->has_org) TRY(watch_org_row(c, q->org, &org));
    if (org) {
        TRY(notice_page_org(c->t, &c->viewer,
                &(notice_page_org_args){ .org = org,
                        .before = from,
                        .state = args.state,
                        .late = args.late,
                        .channel = args.channel,
                        .delivery = args.delivery,
                        .limit = limit },
                c->a, &of, n));
        for (size_t i = 0; i < *n; i++)
            rows[i] = of[i].row;
        return OK;
    }
    TRY(notice_page(c->t, &c->viewer, &args, c->a, &all, n));
    for (size_t i = 0; i < *n; i++)
        rows[i] = all[i].row;
    return OK;
}

err notice_rows(call *c, const struct notice_query *q, size_t max, int64_t *rows, size_t *n)
{
    int64_t page[ITEMS_MAX];
    size_t got = ITEMS_MAX;
    int64_t from = INT64_MAX;
    *n = 0;
    while (got == ITEMS_MAX && *n < max) {
        TRY(page_rows(c, q, from, ITEMS_MAX, page, &got));
        for (size_t i = 0; i < got && *n < max; i++)
            rows[(*n)++] = page[i];
        if (got) from = page[got - 1];
    }
    return OK;
}

err h_notice_list(call *c)
{
    const struct notice_query *q = c->query;
    cursor at;
    bool found;
    size_t n;
    TRY(cursor_read(c, q->cursor, &at, &found));
    int64_t limit = page_limit(q->has_limit ? q->limit : 0);
    int64_t *rows = NEW_ARRAY(c->a, int64_t, (size_t)limit);
    TRY(page_rows(c, q, found ? at.n[0] : INT64_MAX, limit, rows, &n));
    page_open(c);
    for (size_t i = 0; i < n; i++)
        TRY(put_row(c, rows[i]));
    page_close(c, (int64_t)n == limit, n ? &(cursor){ .n = { rows[n - 1] } } : NULL);
    if (SEEDED(etag_of_all)) call_version(c, ledger_head_now(c->realm->ledger).size);
    return OK;
}

err h_notice_read(call *c)
{
    notice_row_of_row *at;
    notice_view_row *n;
    id128 id;
    TRY(call_id(c, &id));
    TRY(notice_row_of(c->t, &c->viewer, &(notice_row_of_args){ .id = id }, c->a, &at));
    TRY(notice_view(c->t, &c->viewer, &(notice_view_args){ .row = at->row }, c->a, &n));
    jw_obj(&c->out);
    TRY(put_members(c, n));
    jw_kraw(&c->out, "body", n->body);
    TRY(put_deliveries(c, at->row));
    TRY(put_items(c, at->row));
    jw_end_obj(&c->out);
    call_saw(c, &(seen_thing){ RECORD_notice, at->row, id, at->version, at->owner, at->audience,
                        at->author });
    return OK;
}

/* ---- acts ---- */

static err answer_notice(call *c, notice_id id)
{
    const notice_handle *h;
    TRY(notice_read(c->t, &c->viewer, id, &h));
    call_created(c, h->id.id, h->version);
    return OK;
}

/* Who may write the portal's delivery of this notice acts for its recipient. */
err h_notice_acknowledge(call *c)
{
    const delivery_handle *d;
    delivery_to_acknowledge_row *row;
    notice_row_of_row *at;
    notice_id id;
    viewer by;
    TRY(call_id(c, &id.id));
    TRY(permit_for(&c->viewer, PERMISSION_notice_acknowledge, acting_person(c), &by));
    TRY(notice_row_of(c->t, &c->viewer, &(notice_row_of_args){ .id = id.id }, c->a, &at));
    TRY(delivery_to_acknowledge(
            c->t, &c->viewer, &(delivery_to_acknowledge_args){ .notice = at->row }, c->a, &row));
    err e = delivery_hold(c->t, &c->viewer, (delivery_id){ row->id }, &d);
    if (failed(e) && SEEDED(acknowledged_for_another))
        e = delivery_read(c->t, &c->viewer, (delivery_id){ row->id }, &d);
    TRY(e);
    TRY(ack_delivery(c->t, d->row, &by));
    return answer_notice(c, id);
}

err h_notice_undo(call *c)
{
    const notice_handle *h;
    notice_id id;
    TRY(call_id(c, &id.id));
    TRY(notice_hold(c->t, &c->viewer, id, &h));
    if (!str_eq(h->now.state, S("undone"))) {
        if (!str_eq(h->now.state, S("held")))
            return ERR1(E_CONFLICT, "error.watch.notice_left", h->now.number);
        TRY(notice_take_back(c->t, &c->viewer, h));
    }
    call_created(c, h->id.id, h->version);
    return OK;
}
