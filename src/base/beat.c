/* beat.c - see beat.h. Owns its thread and a lock. */
#include "base/beat.h"
#include "base/thread.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct beat {
    beat_turn *turn;
    void *ctx;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
};

/* False when it is to stop. */
static bool wait_s(beat *b, int seconds)
{
    struct timespec until;
    int rc = 0;
    ASSERT(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
    until.tv_sec += seconds;
    pthread_mutex_lock(&b->lock);
    while (!b->stop && rc == 0)
        rc = pthread_cond_clockwait(&b->wake, &b->lock, CLOCK_MONOTONIC, &until);
    bool go = !b->stop;
    pthread_mutex_unlock(&b->lock);
    return go;
}

static void *beat_main(void *ctx)
{
    beat *b = ctx;
    thread_gives_way();
    while (wait_s(b, b->turn(b->ctx)))
        continue;
    return NULL;
}

err beat_start(beat_turn *turn, void *ctx, str part, beat **ret)
{
    beat *b = calloc(1, sizeof *b);
    ASSERT(b);
    b->turn = turn;
    b->ctx = ctx;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->wake, NULL);
    if (pthread_create(&b->thread, NULL, beat_main, b)) {
        free(b);
        return err_errno("error.store.thread", part);
    }
    *ret = b;
    return OK;
}

void beat_stop(beat *b)
{
    if (!b) return;
    pthread_mutex_lock(&b->lock);
    b->stop = true;
    pthread_cond_signal(&b->wake);
    pthread_mutex_unlock(&b->lock);
    pthread_join(b->thread, NULL);
    pthread_cond_destroy(&b->wake);
    pthread_mutex_destroy(&b->lock);
    free(b);
}
