/* keeper.c - the thread that closes a realm's days of noted reads and removes what is old; see
 * seen.h. Owns its thread and a lock; what it does is seen_keep on the writer. */
#include "access/seen/seen.h"
#include "base/log.h"
#include "base/thread.h"
#include "base/time.h"
#include "store/store.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { EVERY_S = 600 };
struct seen_keeper {
    const realm *realm;
    int64_t keep_days;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop, more;
};

static err keep_apply(txn *t, void *ctx)
{
    seen_keeper *k = ctx;
    return seen_keep(t, k->realm, clock_now(&clock_system), k->keep_days, &k->more);
}

/* False when it is to stop. */
static bool wait_s(seen_keeper *k, int seconds)
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
    seen_keeper *k = ctx;
    thread_gives_way();
    do {
        err e = store_write(k->realm->store, keep_apply, k);
        if (failed(e)) {
            k->more = false;
            if (err_code_of(e) != E_BUSY) log_err("seen.keep", e);
        }
    } while (wait_s(k, k->more ? 0 : EVERY_S));
    return NULL;
}

err seen_keeper_start(const realm *r, int64_t keep_days, seen_keeper **ret)
{
    seen_keeper *k = calloc(1, sizeof *k);
    ASSERT(k && keep_days > 0);
    k->realm = r;
    k->keep_days = keep_days;
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->wake, NULL);
    if (pthread_create(&k->thread, NULL, keeper_main, k)) {
        free(k);
        return err_errno("error.store.thread", S("seen"));
    }
    *ret = k;
    return OK;
}

void seen_keeper_stop(seen_keeper *k)
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
