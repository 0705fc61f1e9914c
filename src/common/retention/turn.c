/* turn.c - what time does, once a day by the realm's clock: asks for the job where something is
 * due, and removes months of events. That waits for the history's locks, so it is not done within
 * the store's writer. */
#include "base/conf.h"
#include "common/retention/hold.h"
#include "common/retention/retention_in.h"
#include "events/history.h"
#include "gen/common/retention/queries.h"
#include "store/store.h"

typedef struct {
    const realm *rl;
    const struct conf *c;
    bool first, due, events, wanted;
    instant before;
    size_t months;
} turning;

static err look(turning *x)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    const retention_rule *r = retention_find(S("events"));
    retention_state s;
    bool held;
    TRY(txn_read(x->rl->store, 0, &t));
    TRY(retention_read(t, x->c, r, &s));
    x->first = !s.ran.us;
    x->due = !x->first && txn_now(t).us - s.ran.us >= US_PER_DAY;
    if (!x->due) return OK;
    TRY(hold_any(t, &held));
    x->events = !held && s.days > 0;
    x->before = (instant){ txn_now(t).us - s.days * US_PER_DAY };
    return retention_wanted(t, x->rl, x->c, &x->wanted);
}

static err apply(txn *t, void *ctx)
{
    turning *x = ctx;
    id128 id;
    const retention_rule *r = retention_find(S("events"));
    TRY(retention_tell(t, x->rl, r, 0, x->before, (int64_t)x->months));
    if (!x->wanted) return OK;
    err e = retention_ask(t, x->c, 0, &id);
    return err_code_of(e) == E_CONFLICT ? OK : e; /* one is under way */
}

err retention_turn(const realm *rl, const struct conf *c)
{
    turning x = { .rl = rl, .c = c };
    TRY(look(&x));
    if (!x.first && !x.due) return OK;
    if (x.events) TRY(history_forget(rl->history, x.before, &x.months));
    return store_write(rl->store, apply, &x);
}
