/* status.c - is everything alive? Counts of what the viewer may see. Runs in the pool. */
#include "access/model.h"
#include "desk/watch/feed.h"
#include "flow/flow.h"
#include "gen/desk/watch/queries.h"
#include "gen/routes_handlers.h"
#include "ledger/ledger.h"
#include "store/store.h"

static void put_if(jsonw *w, str key, bool may, int64_t n)
{
    jw_key(w, key);
    if (may)
        jw_i64(w, n);
    else
        jw_null(w);
}

static err put_feeds(call *c, bool desk)
{
    int64_t alive = 0, total = 0, events = 0;
    instant last = { 0 };
    TRY(feed_summary(c, &alive, &total, &last, &events));
    put_if(&c->out, S("feeds_alive"), desk, alive);
    put_if(&c->out, S("feeds_total"), desk, total);
    jw_ktime(&c->out, "last_event", last);
    jw_ki64(&c->out, "events_24h", events);
    return OK;
}

static err put_work(call *c, bool desk)
{
    findings_open_row *f;
    notices_waiting_row *n;
    mails_failed_row *m;
    TRY(findings_open(c->t, &c->viewer, c->a, &f));
    TRY(notices_waiting(
            c->t, &c->viewer, &(notices_waiting_args){ .now = txn_now(c->t) }, c->a, &n));
    TRY(mails_failed(c->t, &c->viewer, c->a, &m));
    jw_ki64(&c->out, "findings_open", f->n);
    jw_ki64(&c->out, "notices_waiting", n->waiting);
    jw_ki64(&c->out, "notices_late", n->late);
    put_if(&c->out, S("mail_failed"), desk, m->n);
    return OK;
}

err h_status(call *c)
{
    bool desk = c->viewer.national;
    int64_t age = flow_snapshot_age_s(c->realm);
    jw_obj(&c->out);
    jw_ktime(&c->out, "now", txn_now(c->t));
    TRY(put_feeds(c, desk));
    TRY(put_work(c, desk));
    put_if(&c->out, S("ledger_size"), desk, ledger_head_now(c->realm->ledger).size);
    put_if(&c->out, S("snapshot_age_s"), desk && age >= 0, age);
    jw_end_obj(&c->out);
    return OK;
}
