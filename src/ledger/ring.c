/* ring.c - recent sealed entries. One writer stages and publishes; readers hold the lock for
 * reading while their callback runs, so callbacks are short. Items are copies in one allocation
 * each. */
#include "ledger/ring.h"
#include <pthread.h>
#include <stdlib.h>

enum { RING = 8192 };

struct ring {
    pthread_rwlock_t lock;
    ledger_item *at[RING]; /* number n stands at n % RING */
    int64_t first, last;   /* numbers held: first..last, empty when first > last */
    ledger_item **staged;
    size_t n_staged, cap_staged;
};

ring *ring_new(int64_t size)
{
    ring *r = calloc(1, sizeof *r);
    ASSERT(r);
    pthread_rwlock_init(&r->lock, NULL);
    r->first = size + 1;
    r->last = size;
    return r;
}

void ring_free(ring *r)
{
    if (!r) return;
    ring_unstage(r);
    for (size_t i = 0; i < RING; i++)
        free(r->at[i]);
    free(r->staged);
    pthread_rwlock_destroy(&r->lock);
    free(r);
}

static ledger_item *copy_item(const ledger_item *e)
{
    ledger_item *c = malloc(sizeof *c + e->kind.n + e->body.n);
    ASSERT(c);
    char *text = (char *)(c + 1);
    *c = *e;
    if (e->kind.n) memcpy(text, e->kind.p, e->kind.n);
    if (e->body.n) memcpy(text + e->kind.n, e->body.p, e->body.n);
    c->kind.p = text;
    c->body.p = text + e->kind.n;
    return c;
}

void ring_stage(ring *r, const ledger_item *e)
{
    if (r->n_staged == r->cap_staged) {
        r->cap_staged = r->cap_staged ? r->cap_staged * 2 : 256;
        r->staged = realloc(r->staged, r->cap_staged * sizeof *r->staged);
        ASSERT(r->staged);
    }
    r->staged[r->n_staged++] = copy_item(e);
}

void ring_unstage(ring *r)
{
    for (size_t i = 0; i < r->n_staged; i++)
        free(r->staged[i]);
    r->n_staged = 0;
}

void ring_publish(ring *r)
{
    pthread_rwlock_wrlock(&r->lock);
    for (size_t i = 0; i < r->n_staged; i++) {
        ledger_item *e = r->staged[i];
        ASSERT(e->number == r->last + 1);
        free(r->at[e->number % RING]);
        r->at[e->number % RING] = e;
        r->last = e->number;
        if (r->last - r->first >= RING) r->first = r->last - RING + 1;
    }
    r->n_staged = 0;
    pthread_rwlock_unlock(&r->lock);
}

bool ring_read(
        ring *r, int64_t after, int64_t limit, ledger_fn fn, void *ctx, int64_t *ret_last, err *ret)
{
    bool have;
    pthread_rwlock_rdlock(&r->lock);
    have = after + 1 >= r->first;
    *ret = OK;
    if (have) *ret_last = after;
    for (int64_t n = after + 1; have && n <= r->last && n <= after + limit; n++) {
        *ret = fn(ctx, r->at[n % RING]);
        if (failed(*ret)) break;
        *ret_last = n;
    }
    pthread_rwlock_unlock(&r->lock);
    return have;
}
