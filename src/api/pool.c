/* pool.c - see pool.h. Owns its threads and the queue, a list through walk.next under pool.lock. */
#include "api/pool.h"
#include "base/thread.h"
#include "api/walk.h"
#include <pthread.h>
#include <stdlib.h>

enum { WORKERS_MAX = 64 };
struct pool {
    pthread_mutex_t lock;
    pthread_cond_t some;
    walk *first, *last;
    int queued, limit, n;
    bool closing;
    void (*work)(walk *w);
    pthread_t threads[WORKERS_MAX];
};

static walk *take(pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (!p->first && !p->closing)
        pthread_cond_wait(&p->some, &p->lock);
    walk *w = p->first;
    if (w) {
        p->first = w->next;
        if (!p->first) p->last = NULL;
        p->queued--;
    }
    pthread_mutex_unlock(&p->lock);
    return w;
}

static void *worker(void *arg)
{
    pool *p = arg;
    thread_gives_way();
    for (walk *w; (w = take(p));)
        p->work(w);
    return NULL;
}

err pool_open(int workers, int limit, void (*work)(walk *w), pool **ret)
{
    pool *p = calloc(1, sizeof *p);
    ASSERT(p && workers > 0 && workers <= WORKERS_MAX);
    p->limit = limit;
    p->work = work;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->some, NULL);
    for (; p->n < workers; p->n++) {
        if (pthread_create(&p->threads[p->n], NULL, worker, p) == 0) continue;
        pool_close(p);
        return ERR(E_IO, "error.api.workers");
    }
    *ret = p;
    return OK;
}

bool pool_submit(pool *p, walk *w)
{
    pthread_mutex_lock(&p->lock);
    bool room = p->queued < p->limit && !p->closing;
    if (room) {
        w->next = NULL;
        if (p->last)
            p->last->next = w;
        else
            p->first = w;
        p->last = w;
        p->queued++;
        pthread_cond_signal(&p->some);
    }
    pthread_mutex_unlock(&p->lock);
    return room;
}

void pool_close(pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    pthread_cond_broadcast(&p->some);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->n; i++)
        pthread_join(p->threads[i], NULL);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->some);
    free(p);
}
