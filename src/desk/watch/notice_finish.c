/* notice_finish.c - a held notice's words, written anew of all its findings when its hold is over.
 * Writer thread, within apply. */
#include "desk/watch/notice_text.h"
#include "desk/watch/notice.h"
#include "gen/desk/watch/queries.h"
#include "gen/records/organisation.h"
#include "store/store.h"

static err load_facts(txn *t, int64_t notice, notice_facts *f)
{
    notice_extent_row *e;
    notice_machines_row *rows;
    size_t n;
    TRY(notice_extent(t, &(notice_extent_args){ .notice = notice }, txn_arena(t), &e));
    TRY(notice_machines(t, &(notice_machines_args){ .notice = notice, .limit = NOTICE_MACHINES },
            txn_arena(t), &rows, &n));
    f->first = e->first_seen;
    f->last = e->last_seen;
    f->advice = advice_for(n ? rows[0].type : S(""), n ? rows[0].identifier : S(""));
    for (size_t i = 0; i < n; i++)
        f->machines[f->n_machines++] = (notice_machine){ .ip = rows[i].ip,
            .fqdn = rows[i].fqdn,
            .port = rows[i].has_port ? rows[i].port : -1,
            .seen = rows[i].last_seen };
    return OK;
}

err notice_finish(struct txn *t, const realm *r, void *ctx, int64_t notice)
{
    const notice_rules *rules = ctx;
    const notice_handle *h;
    const organisation_handle *o;
    notice_facts f = { 0 };
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(notice_hold_row(t, &sys, notice, &h));
    if (!str_eq(h->now.state, S("held")) || h->version == 1) return OK;
    TRY(organisation_read_row(t, &sys, h->now.org, &o));
    TRY(load_facts(t, notice, &f));
    notice_draft d = h->now;
    notice_words(txn_arena(t), &f, o->now.name, rules->cal.zone, &d);
    return notice_save(t, &sys, h, &d, LEDGER_NONE);
}
