/* sight_load.c - which audiences a viewer sees whoever owns the row: computed from the store, kept
 * per (store, organisation, provider, person) for as long as no group and no audience changes. Owns
 * that cache, under one lock. A list that was replaced is kept for an hour, for viewers made of it.
 */
#include "access/audience.h"
#include "base/seeded.h"
#include "base/time.h"
#include "gen/access/queries.h"

#include <pthread.h>
#include <stdlib.h>

enum { SLOTS = 4096, KEEP_S = 3600 };

typedef struct list list;
struct list {
    list *next;         /* among the retired: the one that went after it */
    int64_t retired_us; /* monotonic */
    size_t n;
    int64_t rows[];
};

typedef struct {
    const store *s;
    int64_t org, provider, person;
    uint64_t epoch;
    list *seen;
} slot;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static slot slots[SLOTS];     /* one place for each key; a newcomer takes it over */
static list *oldest, *newest; /* the retired */

int64_t access_epoch(const store *s)
{
    return (int64_t)store_epoch(s);
}

static slot *slot_of(const slot *k)
{
    uint64_t h = (uint64_t)(uintptr_t)k->s >> 4;
    if (SEEDED(cache_without_viewer)) return &slots[h % SLOTS];
    h = (h ^ (uint64_t)k->org) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ (uint64_t)k->provider) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ (uint64_t)k->person) * UINT64_C(0x9e3779b97f4a7c15);
    return &slots[(h >> 32) % SLOTS];
}

static bool same(const slot *x, const slot *y)
{
    if (SEEDED(cache_without_viewer)) return x->s == y->s;
    return x->s == y->s && x->org == y->org && x->provider == y->provider && x->person == y->person;
}

/* The oldest first, so that only what goes is looked at however often rights change. */
static void retire(list *l)
{
    int64_t now = monotonic_us();
    if (!l) return;
    l->retired_us = now;
    l->next = NULL;
    if (newest)
        newest->next = l;
    else
        oldest = l;
    newest = l;
    while (oldest != newest && now - oldest->retired_us >= KEEP_S * US_PER_S) {
        list *gone = oldest;
        oldest = gone->next;
        free(gone);
    }
}

static list *find(const slot *k)
{
    pthread_mutex_lock(&lock);
    slot *x = slot_of(k);
    list *l = x->seen && same(x, k) && x->epoch == k->epoch ? x->seen : NULL;
    pthread_mutex_unlock(&lock);
    return l;
}

static bool same_list(const list *x, const list *y)
{
    return x && x->n == y->n && memcmp(x->rows, y->rows, x->n * sizeof x->rows[0]) == 0;
}

/* Gives the list that stands for k from now on: the one that is there when nothing has changed. */
static list *keep(const slot *k)
{
    pthread_mutex_lock(&lock);
    slot *x = slot_of(k);
    list *l = k->seen;
    if (same(x, k) && same_list(x->seen, l)) {
        free(l);
        l = x->seen;
    } else {
        retire(x->seen);
    }
    *x = *k;
    x->seen = l;
    pthread_mutex_unlock(&lock);
    return l;
}

static err compute(txn *t, slot *k)
{
    audiences_seen_row *rows;
    size_t n;
    audiences_seen_args args = { .org = k->org ? k->org : -1,
        .provider = k->provider ? k->provider : -1,
        .person = k->person ? k->person : -1 };
    TRY(audiences_seen(t, &args, txn_arena(t), &rows, &n));
    list *l = malloc(sizeof *l + n * sizeof l->rows[0]);
    ASSERT(l);
    *l = (list){ .n = n };
    for (size_t i = 0; i < n; i++)
        l->rows[i] = rows[i].row;
    k->seen = l;
    return OK;
}

err sight_load(txn *t, int64_t person, int64_t org, int64_t provider, bool community, sight *ret)
{
    slot k = { txn_store(t), org, provider, person, txn_sights(t), NULL };
    list *l = txn_writes(t) ? NULL : find(&k); /* a writing transaction may see its own changes */
    if (!l) {
        TRY(compute(t, &k));
        l = k.seen;
        if (!txn_writes(t)) l = keep(&k);
    }
    *ret = (sight){ .audiences = l->rows,
        .n_audiences = l->n,
        .org = org,
        .provider = provider,
        .person = person,
        .community = community,
        .now = txn_now(t) };
    if (!txn_writes(t)) return OK;
    ret->audiences =
            memcpy(NEW_ARRAY(txn_arena(t), int64_t, l->n + 1), l->rows, l->n * sizeof(int64_t));
    free(l);
    return OK;
}

void sight_forget(const store *s)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < SLOTS; i++) {
        if (slots[i].s != s) continue;
        retire(slots[i].seen);
        slots[i] = (slot){ 0 };
    }
    pthread_mutex_unlock(&lock);
}
