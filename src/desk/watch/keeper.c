/* keeper.c - see keeper.h. Owns its beat. After a start the live realm's feeds have a while to come
 * before anybody is told that they did not: what stood still was this program. */
#include "desk/watch/keeper.h"
#include "api/app.h"
#include "base/beat.h"
#include "base/log.h"
#include "base/time.h"
#include "desk/watch/event/feed_alarm.h"
#include "store/store.h"
#include <stdlib.h>

enum { EVERY_S = 2, SETTLE_S = 300 };
struct watch_keeper {
    feed_watch feeds;
    int64_t from_us; /* monotonic */
    beat *beat;
};

static err turn_apply(txn *t, void *ctx)
{
    watch_keeper *k = ctx;
    return feed_turn(t, &k->feeds);
}

static err look(watch_keeper *k, bool *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    TRY(txn_read(k->feeds.r->store, 0, &t));
    return feed_turn_wanted(t, &k->feeds, ret);
}

static err turn(watch_keeper *k)
{
    bool wanted = false;
    if (monotonic_us() < k->from_us) return OK;
    TRY(look(k, &wanted));
    return wanted ? store_write(k->feeds.r->store, turn_apply, k) : OK;
}

static int take_turn(void *ctx)
{
    err e = turn(ctx);
    if (failed(e) && err_code_of(e) != E_BUSY) log_err("watch.turn", e);
    return EVERY_S;
}

err watch_keeper_start(struct app *a, realm *r, watch_keeper **ret)
{
    watch_keeper *k = calloc(1, sizeof *k);
    ASSERT(k);
    k->feeds = (feed_watch){ .r = r, .conf = a->conf, .public_url = app_public_url(a) };
    k->from_us = r->kind == REALM_LIVE ? monotonic_us() + SETTLE_S * US_PER_S : 0;
    err e = beat_start(take_turn, k, S("watch"), &k->beat);
    if (failed(e))
        free(k);
    else
        *ret = k;
    return e;
}

void watch_keeper_stop(watch_keeper *k)
{
    if (!k) return;
    beat_stop(k->beat);
    free(k);
}
