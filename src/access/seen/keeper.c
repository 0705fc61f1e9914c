/* keeper.c - the thread that closes a realm's days of noted reads and removes what is old; see
 * seen.h. Owns its beat; what it does is seen_keep on the writer. */
#include "access/seen/seen.h"
#include "base/beat.h"
#include "base/log.h"
#include "base/time.h"
#include "store/store.h"
#include <stdlib.h>

enum { EVERY_S = 600 };
struct seen_keeper {
    const realm *realm;
    int64_t keep_days;
    beat *beat;
    bool more;
};

static err keep_apply(txn *t, void *ctx)
{
    seen_keeper *k = ctx;
    return seen_keep(t, k->realm, clock_now(&clock_system), k->keep_days, &k->more);
}

static int take_turn(void *ctx)
{
    seen_keeper *k = ctx;
    err e = store_write(k->realm->store, keep_apply, k);
    if (failed(e)) {
        k->more = false;
        if (err_code_of(e) != E_BUSY) log_err("seen.keep", e);
    }
    return k->more ? 0 : EVERY_S;
}

err seen_keeper_start(const realm *r, int64_t keep_days, seen_keeper **ret)
{
    seen_keeper *k = calloc(1, sizeof *k);
    ASSERT(k && keep_days > 0);
    k->realm = r;
    k->keep_days = keep_days;
    err e = beat_start(take_turn, k, S("seen"), &k->beat);
    if (failed(e))
        free(k);
    else
        *ret = k;
    return e;
}

void seen_keeper_stop(seen_keeper *k)
{
    if (!k) return;
    beat_stop(k->beat);
    free(k);
}
