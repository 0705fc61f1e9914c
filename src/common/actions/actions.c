/* actions.c - see actions.h. */
#include "common/actions/actions.h"

#include "access/model.h"
#include "access/site.h"
#include "gen/common/actions/queries.h"
#include "gen/store/queries.h"
#include "store/store.h"

static err next_number(txn *t, const zone *z, str *ret)
{
    arena *a = txn_arena(t);
    int year = civil_of(txn_now(t), z).year;
    counter_next_row *c;
    TRY(counter_next(t, &(counter_next_args){ .name = str_fmt(a, "action-%d", year) }, a, &c));
    *ret = str_fmt(a, "A-%d-%06lld", year, (long long)c->value);
    return OK;
}

err actions_give(txn *t, const realm *r, const viewer *v, const zone *z, const actions_whole *w,
        const actions_wish *q, const action_handle **ret)
{
    action_count_row *count;
    action_draft d = { .owner = w->owner,
        .parent = w->parent,
        .about = w->about,
        .lang = q->lang,
        .title = q->title,
        .detail = q->detail,
        .asker = v->org ? v->org : r->site_org,
        .person = q->person,
        .has_person = q->person != 0,
        .due = q->due,
        .state = S("open"),
        .done_said = S(""),
        .said = S("") };
    TRY(permit_create(v, RECORD_action, w->owner, 0));
    TRY(action_count(t, &(action_count_args){ w->about, w->parent }, txn_arena(t), &count));
    if (count->n >= ACTIONS_PER_THING) return ERR(E_FULL, "error.action.many");
    /* The owner and the national desk, whoever of them asks. */
    TRY(site_audience_strict(t, r->national_grp, &d.audience));
    TRY(next_number(t, z, &d.number));
    return action_insert(t, v, &d, LEDGER_action_given, ret);
}

/* ---- who may what ---- */

static bool gives(const viewer *v, const action_handle *h)
{
    return !failed(permit_create(v, RECORD_action, h->owner, 0));
}

actions_may actions_may_of(const viewer *v, const action_handle *h)
{
    /* An emergency shows it and lets nobody write. */
    if (!model_sees(v, h->audience, h->owner, h->author)) return (actions_may){ 0 };
    bool open = str_eq(h->now.state, S("open")), done = str_eq(h->now.state, S("done"));
    bool asked = gives(v, h) && v->org == h->now.asker;
    bool own = !failed(permit_write(v, RECORD_action, h->owner, 0));
    bool judge = !failed(permit_verify(v, h->owner, h->now.has_done_by ? h->now.done_by : 0));
    return (actions_may){ .change = open && asked,
        .assign = open && (asked || own),
        .done = open && own,
        .verify = done && judge,
        .reopen = done ? judge : !open && gives(v, h),
        .drop = (open || done) && asked };
}

/* ---- changing one ---- */

/* Decided here and not by whose it is: the national desk gives to others and verifies what they
 * did. */
static err save(txn *t, const viewer *v, const action_handle *h, const action_draft *d,
        ledger_type entry, const action_handle **ret)
{
    viewer as;
    TRY(viewer_system(t, &as));
    as.person = v->person;
    TRY(action_hold_row(t, &as, h->row, ret));
    return action_save(t, &as, *ret, d, entry);
}

static bool differs(const actions_wish *q, const action_draft *d)
{
    return !str_eq(q->title, d->title) || !str_eq(q->detail, d->detail) || q->due.us != d->due.us;
}

err actions_change(txn *t, const viewer *v, const action_handle *h, const actions_wish *q,
        const action_handle **ret)
{
    actions_may may = actions_may_of(v, h);
    action_draft d = h->now;
    if (!may.assign || (differs(q, &d) && !may.change)) return ERR(E_DENIED, "error.action.change");
    d.title = q->title;
    d.detail = q->detail;
    if (q->due.us != d.due.us) d.late_told = (instant){ 0 };
    d.due = q->due;
    d.person = q->person;
    d.has_person = q->person != 0;
    return save(t, v, h, &d, LEDGER_action_changed, ret);
}

static void mark_done(txn *t, const viewer *v, action_draft *d, str said)
{
    d->state = S("done");
    d->done = txn_now(t);
    d->done_by = v->person;
    d->has_done_by = v->person != 0;
    d->done_said = said;
}

static void mark_closed(txn *t, const viewer *v, action_draft *d, str state, str said)
{
    d->state = state;
    d->closed = txn_now(t);
    d->closed_by = v->person;
    d->has_closed_by = v->person != 0;
    d->said = said;
}

static void mark_open(action_draft *d, str said)
{
    d->state = S("open");
    d->done = d->closed = d->late_told = (instant){ 0 };
    d->has_done_by = d->has_closed_by = false;
    d->done_by = d->closed_by = 0;
    d->said = said;
}

static err denied(const viewer *v, const action_handle *h, str to)
{
    static const struct {
        const char *to, *from1, *from2;
    } ways[] = { { "done", "open", "" }, { "verified", "done", "" }, { "dropped", "open", "done" },
        { "open", "done", "verified" }, { "open", "dropped", "" } };
    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        if (str_eq(to, str_of(ways[i].to)) &&
                (str_eq(h->now.state, str_of(ways[i].from1)) ||
                        str_eq(h->now.state, str_of(ways[i].from2)))) {
            if (h->now.has_done_by && h->now.done_by == v->person)
                return ERR(E_DENIED, "error.action.own");
            return ERR(E_DENIED, "error.action.step_denied");
        }
    return ERR(E_CONFLICT, "error.action.step");
}

err actions_step(txn *t, const viewer *v, const action_handle *h, str to, str said,
        const action_handle **ret)
{
    actions_may may = actions_may_of(v, h);
    action_draft d = h->now;
    if (str_eq(to, S("done")) && may.done) {
        mark_done(t, v, &d, said);
        return save(t, v, h, &d, LEDGER_action_done, ret);
    }
    if (str_eq(to, S("verified")) && may.verify) {
        mark_closed(t, v, &d, S("verified"), said);
        return save(t, v, h, &d, LEDGER_action_verified, ret);
    }
    if (str_eq(to, S("dropped")) && may.drop) {
        mark_closed(t, v, &d, S("dropped"), said);
        return save(t, v, h, &d, LEDGER_action_dropped, ret);
    }
    if (str_eq(to, S("open")) && may.reopen) {
        mark_open(&d, said);
        return save(t, v, h, &d, LEDGER_action_reopened, ret);
    }
    return denied(v, h, to);
}

err actions_late(txn *t, int64_t row, const action_handle **ret)
{
    viewer as;
    TRY(viewer_system(t, &as));
    TRY(action_hold_row(t, &as, row, ret));
    action_draft d = (*ret)->now;
    d.late_told = txn_now(t);
    return action_save(t, &as, *ret, &d, LEDGER_action_late);
}

/* ---- what became of it ---- */

err actions_effect_of(txn *t, arena *a, const action_handle *h, actions_effect *ret)
{
    bool one = str_eq(h->now.about, S("finding")), many = str_eq(h->now.about, S("notice"));
    action_seen_since_row *r;
    *ret = (actions_effect){ .measured = false };
    if (!h->now.done.us || (!one && !many)) return OK;
    action_seen_since_args q = { .since = h->now.done,
        .has_finding = one,
        .finding = h->parent,
        .has_notice = many,
        .notice = h->parent };
    TRY(action_seen_since(t, &q, a, &r));
    *ret = (actions_effect){ true, r->n, r->again, r->last_seen };
    return OK;
}
