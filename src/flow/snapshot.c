/* snapshot.c - holds are counted atomically; the slot has a mutex, for reading a pointer and adding
 * to its count must be one act, or a swap between them would free what was just read. */
#include "flow/snapshot.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct flow_snapshot {
    atomic_int holds;
    instant made;
    owners *owners;
    match *match;
    flow_geo *geo;
    int64_t *indicator_row;
    size_t n_indicator;
    snapshot_stats stats;
};

struct flow_snapshot_slot {
    pthread_mutex_t lock;
    flow_snapshot *now;
};

static err indicators_make(flow_snapshot *s, const snapshot_input *in)
{
    size_t n = in->n_indicator;
    match_indicator *m = calloc(n + 1, sizeof *m);
    s->indicator_row = calloc(n + 1, sizeof *s->indicator_row);
    ASSERT(m && s->indicator_row && n < UINT32_MAX);
    for (size_t i = 0; i < n; i++) {
        m[i] = (match_indicator){ in->indicator[i].kind, in->indicator[i].value, (uint32_t)i };
        s->indicator_row[i] = in->indicator[i].row;
    }
    s->n_indicator = n;
    err e = match_build(m, n, &s->match, &s->stats.indicators_refused);
    free(m);
    return e;
}

err flow_snapshot_make(const snapshot_input *in, flow_snapshot **ret)
{
    flow_snapshot *s = calloc(1, sizeof *s);
    ASSERT(s != NULL);
    atomic_init(&s->holds, 1);
    s->made = in->made;
    err e = indicators_make(s, in);
    if (failed(e)) {
        free(s->indicator_row);
        free(s);
        return e;
    }
    s->owners = owners_build(&in->owners, &s->stats.domains_refused);
    s->geo = in->geo;
    s->stats.indicators = in->n_indicator - s->stats.indicators_refused;
    s->stats.bytes =
            match_bytes(s->match) + owners_bytes(s->owners) + in->n_indicator * sizeof(int64_t);
    *ret = s;
    return OK;
}

void flow_snapshot_hold(flow_snapshot *s)
{
    atomic_fetch_add(&s->holds, 1);
}

void flow_snapshot_release(flow_snapshot *s)
{
    if (!s || atomic_fetch_sub(&s->holds, 1) != 1) return;
    owners_free(s->owners);
    match_free(s->match);
    flow_geo_release(s->geo);
    free(s->indicator_row);
    free(s);
}

instant flow_snapshot_made(const flow_snapshot *s)
{
    return s->made;
}
snapshot_stats flow_snapshot_stat(const flow_snapshot *s)
{
    return s->stats;
}
const owners *flow_snapshot_owners(const flow_snapshot *s)
{
    return s->owners;
}
const match *flow_snapshot_match(const flow_snapshot *s)
{
    return s->match;
}
const flow_geo *flow_snapshot_geo(const flow_snapshot *s)
{
    return s->geo;
}

int64_t flow_snapshot_indicator_row(const flow_snapshot *s, uint32_t id)
{
    ASSERT(id < s->n_indicator);
    return s->indicator_row[id];
}

flow_snapshot_slot *flow_snapshot_slot_new(flow_snapshot *first)
{
    flow_snapshot_slot *t = calloc(1, sizeof *t);
    ASSERT(t && first);
    pthread_mutex_init(&t->lock, NULL);
    t->now = first;
    return t;
}

void flow_snapshot_slot_free(flow_snapshot_slot *t)
{
    if (!t) return;
    flow_snapshot_release(t->now);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

void flow_snapshot_swap(flow_snapshot_slot *t, flow_snapshot *next)
{
    pthread_mutex_lock(&t->lock);
    flow_snapshot *old = t->now;
    t->now = next;
    pthread_mutex_unlock(&t->lock);
    flow_snapshot_release(old);
}

flow_snapshot *flow_snapshot_take(flow_snapshot_slot *t)
{
    pthread_mutex_lock(&t->lock);
    flow_snapshot *s = t->now;
    flow_snapshot_hold(s);
    pthread_mutex_unlock(&t->lock);
    return s;
}
