/* tick.c - see tick.h. Owns one thread and the list of what waits, by due time, under tick.lock. */
#include "api/tick.h"
#include "api/walk.h"
#include "base/time.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { TICK_US = 5000 };
struct tick {
    pthread_mutex_t lock;
    pthread_cond_t some;
    pthread_t thread;
    walk *first, *last;
    bool closing;
};

static void wait_until(tick *t, int64_t due_us)
{
    struct timespec at = { .tv_sec = due_us / 1000000, .tv_nsec = due_us % 1000000 * 1000 };
    (void)pthread_cond_timedwait(&t->some, &t->lock, &at);
}

/* The next one that is due; waits for it. NULL at the end. */
static walk *take(tick *t)
{
    pthread_mutex_lock(&t->lock);
    while (t->first ? !t->closing && t->first->due_us > monotonic_us() : !t->closing) {
        if (t->first)
            wait_until(t, t->first->due_us);
        else
            pthread_cond_wait(&t->some, &t->lock);
    }
    walk *w = t->first;
    if (w) t->first = w->next;
    if (!t->first) t->last = NULL;
    pthread_mutex_unlock(&t->lock);
    return w;
}

static void *run(void *arg)
{
    for (walk *w; (w = take(arg));)
        http_resume(w->x);
    return NULL;
}

err tick_open(tick **ret)
{
    tick *t = calloc(1, sizeof *t);
    pthread_condattr_t attr;
    ASSERT(t);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->some, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&t->thread, NULL, run, t) != 0) {
        free(t);
        return ERR(E_IO, "error.api.workers");
    }
    *ret = t;
    return OK;
}

/* Nearly always at the end: all wait equally long but for those that took longer. */
void tick_add(tick *t, walk *w)
{
    int64_t start = http_started_us(w->x), spent = monotonic_us() - start;
    w->due_us = start + (spent / TICK_US + 1) * TICK_US;
    pthread_mutex_lock(&t->lock);
    bool at_end = t->last && t->last->due_us <= w->due_us;
    walk **at = at_end ? &t->last->next : &t->first;
    while (*at && (*at)->due_us <= w->due_us)
        at = &(*at)->next;
    w->next = *at;
    *at = w;
    if (!w->next) t->last = w;
    if (t->first == w) pthread_cond_signal(&t->some);
    pthread_mutex_unlock(&t->lock);
}

void tick_close(tick *t)
{
    pthread_mutex_lock(&t->lock);
    t->closing = true;
    pthread_cond_signal(&t->some);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->some);
    free(t);
}
