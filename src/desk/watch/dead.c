/* dead.c - routes of messages that were given up: which, why, the last answer; and of sending them
 * again, one or all of a span. What is seen is what the delivery's and the notice's own rules show;
 * sending again is for whoever keeps the organisation's channels. Decision 43. */
#include "access/model.h"
#include "api/page.h"
#include "common/outbox/channel.h"
#include "common/outbox/delivery.h"
#include "desk/watch/put.h"
#include "gen/common/outbox/queries.h"
#include "gen/desk/watch/queries.h"
#include "gen/records/organisation.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { SPAN_MOST = 500 };

/* ---- listed ---- */

static bool may_replay(const call *c, int64_t org)
{
    return !failed(permit_use(&c->viewer, PERMISSION_channel_write)) &&
           permit_channel(&c->viewer, org, false);
}

static err put(call *c, const dead_page_row *d)
{
    jsonw *w = &c->out;
    jw_obj(w);
    jw_kid(w, "id", d->id);
    jw_kstr(w, "channel", d->channel);
    jw_kid(w, "notice", d->notice_id);
    jw_kstr(w, "number", d->number);
    put_org_ref(w, S("org"), d->org_id, d->org_key, d->org_name);
    TRY(watch_put_name(c, S("to"), d->has__person, d->_person));
    jw_ki64(w, "attempts", d->attempts);
    jw_ktime(w, "at", d->at);
    jw_key(w, S("last_error"));
    if (d->last_error.n)
        jw_str(w, d->last_error);
    else
        jw_null(w);
    jw_kbool(w, "may", may_replay(c, d->_org));
    jw_kstr(w, "tlp", tlp_name(d->_audience));
    jw_end_obj(w);
    return OK;
}

err h_dead_list(call *c)
{
    const struct dead_query *q = c->query;
    dead_page_row *rows;
    cursor at;
    bool found;
    size_t n;
    dead_page_args args = { .before = INT64_MAX,
        .channel = q->channel.n ? q->channel : (str){ 0 },
        .limit = page_limit(q->has_limit ? q->limit : 0) };
    TRY(cursor_read(c, q->cursor, &at, &found));
    if (found) args.before = at.n[0];
    if (q->has_org) TRY(watch_org_row(c, q->org, &args.org));
    args.has_org = q->has_org;
    TRY(dead_page(c->t, &c->viewer, &args, c->a, &rows, &n));
    page_open(c);
    for (size_t i = 0; i < n; i++)
        TRY(put(c, &rows[i]));
    page_close(c, (int64_t)n == args.limit, n ? &(cursor){ .n = { rows[n - 1]._row } } : NULL);
    return OK;
}

/* ---- sent again ---- */

static err system_for(call *c, viewer *ret)
{
    TRY(viewer_system(c->t, ret));
    ret->person = c->viewer.person; /* the ledger names who sent it again */
    return OK;
}

err h_delivery_replay(call *c)
{
    const notice_handle *n;
    const delivery_handle *d;
    delivery_id id;
    viewer sys;
    TRY(call_id(c, &id.id));
    TRY(delivery_read(c->t, &c->viewer, id, &d));
    TRY(notice_read_row(c->t, &c->viewer, d->parent, &n)); /* a part is seen within its whole */
    if (!permit_channel(&c->viewer, d->now.org, false))
        return ERR(E_DENIED, "error.access.channel");
    TRY(system_for(c, &sys));
    TRY(delivery_hold(c->t, &sys, id, &d));
    TRY(delivery_replay(c->t, &sys, d));
    call_created(c, id.id, d->version);
    return OK;
}

/* Whose: mine unless said. An organisation that may not be known is not there. */
static err org_of(call *c, const struct replay_span *b, int64_t *ret)
{
    const organisation_handle *o;
    *ret = c->viewer.org;
    if (b->has_org) {
        TRY(err_at_pointer(
                organisation_read(c->t, &c->viewer, (organisation_id){ b->org }, &o), S("/org")));
        *ret = o->row;
    }
    return permit_channel(&c->viewer, *ret, false) ? OK : ERR(E_DENIED, "error.access.channel");
}

static err again(call *c, const replay_span_row *rows, size_t n)
{
    viewer sys;
    TRY(system_for(c, &sys));
    for (size_t i = 0; i < n; i++) {
        const delivery_handle *d;
        TRY(delivery_hold_row(c->t, &sys, rows[i].row, &d));
        TRY(delivery_replay(c->t, &sys, d));
    }
    return OK;
}

err h_delivery_replay_span(call *c)
{
    const struct replay_span *b = c->req;
    replay_span_row *rows;
    size_t n;
    replay_span_args q = { .from = b->from,
        .until = b->until,
        .limit = SPAN_MOST + 1,
        .channel = b->has_channel ? b->channel : S("webhook") };
    TRY(org_of(c, b, &q.org));
    q.sent = b->has_sent && b->sent && channel_is_machine(q.channel);
    TRY(replay_span(c->t, &q, c->a, &rows, &n));
    size_t take = n > SPAN_MOST ? SPAN_MOST : n;
    if (!(b->has_dry_run && b->dry_run)) TRY(again(c, rows, take));
    jw_obj(&c->out);
    jw_ki64(&c->out, "count", (int64_t)take);
    jw_kbool(&c->out, "more", n > SPAN_MOST);
    jw_end_obj(&c->out);
    return OK;
}
