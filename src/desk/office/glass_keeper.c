/* glass_keeper.c - the thread that writes into the ledger what its time has closed; see glass.h.
 * Owns its thread and a lock. It reads first: a look that finds nothing costs no write. */
#include "base/log.h"
#include "base/thread.h"
#include "desk/office/glass.h"
#include "desk/office/tell.h"
#include "ledger/ledger.h"
#include "store/store.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { EVERY_S = 1 };
struct glass_keeper {
    const realm *realm;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
};

static err over(txn *t, glass_over_row **rows, size_t *n)
{
    return glass_over(t, &(glass_over_args){ .now = txn_now(t) }, txn_arena(t), rows, n);
}

static err write_apply(txn *t, void *ctx)
{
    const glass_keeper *k = ctx;
    glass_over_row *rows;
    size_t n;
    TRY(over(t, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        const told_entry ended = { LEDGER_glass_ended, S("glass"), rows[i].id,
            rows[i].has_owner ? rows[i].owner : rows[i].org, 0 };
        TRY(glass_over_set(
                t, &(glass_over_set_args){ .row = rows[i].row, .until = rows[i].until }, NULL));
        TRY(tell_entry(t, k->realm, &ended));
    }
    return OK;
}

static err look(glass_keeper *k)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    glass_over_row *rows;
    size_t n;
    TRY(txn_read(k->realm->store, 0, &t));
    TRY(over(t, &rows, &n));
    txn_end_p(&t);
    t = NULL;
    return n ? store_write(k->realm->store, write_apply, k) : OK;
}

/* False when it is to stop. */
static bool wait_s(glass_keeper *k, int seconds)
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
    glass_keeper *k = ctx;
    thread_gives_way();
    do {
        err e = look(k);
        if (failed(e) && err_code_of(e) != E_BUSY) log_err("glass.keep", e);
    } while (wait_s(k, EVERY_S));
    return NULL;
}

err glass_keeper_start(const realm *r, glass_keeper **ret)
{
    glass_keeper *k = calloc(1, sizeof *k);
    ASSERT(k);
    k->realm = r;
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->wake, NULL);
    if (pthread_create(&k->thread, NULL, keeper_main, k)) {
        free(k);
        return err_errno("error.store.thread", S("glass"));
    }
    *ret = k;
    return OK;
}

void glass_keeper_stop(glass_keeper *k)
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
