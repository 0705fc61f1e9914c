/* keeper.c - see keeper.h. Owns its thread and a lock. */
#include "desk/office/keeper.h"
#include "api/app.h"
#include "base/log.h"
#include "base/thread.h"
#include "desk/office/glass.h"
#include "desk/office/leave.h"
#include "desk/office/role_end.h"
#include "store/store.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { EVERY_S = 1 };
struct office_keeper {
    struct app *app;
    realm *realm;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
};

static err turn_apply(txn *t, void *ctx)
{
    office_keeper *k = ctx;
    const teller x = { t, k->app, k->realm, txn_arena(t) };
    TRY(leave_turn(&x));
    TRY(glass_turn(&x));
    return role_turn(&x);
}

static err look(office_keeper *k, bool *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    TRY(txn_read(k->realm->store, 0, &t));
    TRY(leave_turn_wanted(t, ret));
    if (!*ret) TRY(glass_turn_wanted(t, ret));
    return *ret ? OK : role_turn_wanted(t, k->app, ret);
}

static err turn(office_keeper *k)
{
    bool wanted = false;
    TRY(look(k, &wanted));
    return wanted ? store_write(k->realm->store, turn_apply, k) : OK;
}

/* False when it is to stop. */
static bool wait_s(office_keeper *k, int seconds)
{
    struct timespec until;
    int rc = 0;
    ASSERT(clock_gettime(CLOCK_REALTIME, &until) == 0);
    until.tv_sec += seconds;
    pthread_mutex_lock(&k->lock);
    while (!k->stop && rc == 0)
        rc = pthread_cond_timedwait(&k->wake, &k->lock, &until);
    bool go = !k->stop;
    pthread_mutex_unlock(&k->lock);
    return go;
}

static void *keeper_main(void *ctx)
{
    office_keeper *k = ctx;
    thread_gives_way();
    do {
        err e = turn(k);
        if (failed(e) && err_code_of(e) != E_BUSY) log_err("office.turn", e);
    } while (wait_s(k, EVERY_S));
    return NULL;
}

err office_keeper_start(struct app *a, realm *r, office_keeper **ret)
{
    office_keeper *k = calloc(1, sizeof *k);
    ASSERT(k);
    k->app = a;
    k->realm = r;
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->wake, NULL);
    if (pthread_create(&k->thread, NULL, keeper_main, k)) {
        free(k);
        return err_errno("error.store.thread", S("office"));
    }
    *ret = k;
    return OK;
}

void office_keeper_stop(office_keeper *k)
{
    if (!k) return;
    pthread_mutex_lock(&k->lock);
    k->stop = true;
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->lock);
    pthread_join(k->thread, NULL);
    pthread_cond_destroy(&k->wake);
    pthread_mutex_destroy(&k->lock);
    free(k);
}
