/* row_list.c - see row_list.h. Owns the slots and the lists that were replaced, under one lock. */
#include "access/row_list.h"
#include "base/seeded.h"
#include "base/time.h"
#include "store/store.h"

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
    row_list_key key;
    list *rows;
} slot;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static slot slots[SLOTS];     /* one place for each key; a newcomer takes it over */
static list *oldest, *newest; /* the retired */

static slot *slot_of(const store *s, const row_list_key *k)
{
    uint64_t h = ((uint64_t)(uintptr_t)s >> 4) + (uint64_t)k->what;
    if (SEEDED(cache_without_viewer)) return &slots[h % SLOTS];
    h = (h ^ (uint64_t)k->org) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ (uint64_t)k->provider) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ (uint64_t)k->person) * UINT64_C(0x9e3779b97f4a7c15);
    return &slots[(h >> 32) % SLOTS];
}

static bool same(const slot *x, const store *s, const row_list_key *k)
{
    if (x->s != s || x->key.what != k->what) return false;
    if (SEEDED(cache_without_viewer)) return true;
    return x->key.org == k->org && x->key.provider == k->provider && x->key.person == k->person;
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

static list *find(const store *s, const row_list_key *k)
{
    pthread_mutex_lock(&lock);
    slot *x = slot_of(s, k);
    list *l = x->rows && same(x, s, k) && x->key.epoch == k->epoch ? x->rows : NULL;
    pthread_mutex_unlock(&lock);
    return l;
}

static bool same_list(const list *x, const list *y)
{
    return x && x->n == y->n && memcmp(x->rows, y->rows, x->n * sizeof x->rows[0]) == 0;
}

/* Gives the list that stands for k from now on: the one that is there when nothing has changed. */
static list *keep(const store *s, const row_list_key *k, list *l)
{
    pthread_mutex_lock(&lock);
    slot *x = slot_of(s, k);
    if (same(x, s, k) && same_list(x->rows, l)) {
        free(l);
        l = x->rows;
    } else {
        retire(x->rows);
    }
    *x = (slot){ s, *k, l };
    pthread_mutex_unlock(&lock);
    return l;
}

static list *copy(const int64_t *rows, size_t n)
{
    list *l = malloc(sizeof *l + n * sizeof l->rows[0]);
    ASSERT(l);
    *l = (list){ .n = n };
    if (n) memcpy(l->rows, rows, n * sizeof l->rows[0]);
    return l;
}

err row_list_of(txn *t, const row_list_key *k, row_list_fn *fn, const int64_t **rows, size_t *n)
{
    const store *s = txn_store(t);
    if (txn_writes(t)) return fn(t, k, rows, n);
    list *l = find(s, k);
    if (!l) {
        TRY(fn(t, k, rows, n));
        l = keep(s, k, copy(*rows, *n));
    }
    *rows = l->rows;
    *n = l->n;
    return OK;
}

void row_list_forget(const store *s)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < SLOTS; i++) {
        if (slots[i].s != s) continue;
        retire(slots[i].rows);
        slots[i] = (slot){ 0 };
    }
    pthread_mutex_unlock(&lock);
}
