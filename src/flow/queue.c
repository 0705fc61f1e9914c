/* queue.c - a ring, a mutex and two conditions; some hundred passages a second, so nothing finer.
 */
#include "flow/queue.h"

#include <pthread.h>
#include <stdlib.h>

struct flow_queue {
    pthread_mutex_t lock;
    pthread_cond_t room, item;
    void **ring;
    size_t cap, n, head;
    bool ended, closed;
};

flow_queue *flow_queue_new(size_t cap)
{
    flow_queue *q = calloc(1, sizeof *q);
    ASSERT(q && cap > 0);
    q->ring = calloc(cap, sizeof *q->ring);
    ASSERT(q->ring != NULL);
    q->cap = cap;
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->room, NULL);
    pthread_cond_init(&q->item, NULL);
    return q;
}

void flow_queue_free(flow_queue *q)
{
    if (!q) return;
    pthread_cond_destroy(&q->room);
    pthread_cond_destroy(&q->item);
    pthread_mutex_destroy(&q->lock);
    free(q->ring);
    free(q);
}

bool flow_queue_put(flow_queue *q, void *p)
{
    pthread_mutex_lock(&q->lock);
    while (q->n == q->cap && !q->closed)
        pthread_cond_wait(&q->room, &q->lock);
    bool ok = !q->closed;
    if (ok) {
        q->ring[(q->head + q->n++) % q->cap] = p;
        pthread_cond_signal(&q->item);
    }
    pthread_mutex_unlock(&q->lock);
    return ok;
}

void *flow_queue_get(flow_queue *q)
{
    void *p = NULL;
    pthread_mutex_lock(&q->lock);
    while (q->n == 0 && !q->ended && !q->closed)
        pthread_cond_wait(&q->item, &q->lock);
    if (q->n > 0 && !q->closed) {
        p = q->ring[q->head];
        q->head = (q->head + 1) % q->cap;
        q->n--;
        pthread_cond_signal(&q->room);
    }
    pthread_mutex_unlock(&q->lock);
    return p;
}

static void wake(flow_queue *q, bool *flag)
{
    pthread_mutex_lock(&q->lock);
    *flag = true;
    pthread_cond_broadcast(&q->item);
    pthread_cond_broadcast(&q->room);
    pthread_mutex_unlock(&q->lock);
}

void flow_queue_end(flow_queue *q)
{
    wake(q, &q->ended);
}
void flow_queue_close(flow_queue *q)
{
    wake(q, &q->closed);
}
