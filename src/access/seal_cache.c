/* seal_cache.c - people's keys that were unwrapped lately: sets of four places, the oldest of a set
 * gives way. Owns the table, made at first use; one lock. */
#include "access/seal_cache.h"

#include <pthread.h>
#include <sodium.h>

#include "base/time.h"

enum { WAYS = 4, SETS = SEAL_CACHE_KEYS / WAYS };

typedef struct {
    int64_t at_us; /* when it was unwrapped; 0: empty */
    uint8_t wrapped[KEY_WRAPPED_BYTES], key[KEY_BYTES];
} place;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static place *table;

static place *set_of(str wrapped)
{
    uint64_t random; /* the nonce begins with it */
    ASSERT(wrapped.n == KEY_WRAPPED_BYTES);
    memcpy(&random, wrapped.p, sizeof random);
    return table + (random % SETS) * WAYS;
}

static bool is_old(const place *p, int64_t now_us)
{
    return now_us - p->at_us > (int64_t)SEAL_CACHE_AGE_S * US_PER_S;
}

static place *find(str wrapped)
{
    if (!table) return NULL;
    place *set = set_of(wrapped);
    for (int i = 0; i < WAYS; i++)
        if (set[i].at_us && memcmp(set[i].wrapped, wrapped.p, wrapped.n) == 0) return &set[i];
    return NULL;
}

bool seal_cache_find(str wrapped, uint8_t ret[KEY_BYTES])
{
    pthread_mutex_lock(&lock);
    place *p = find(wrapped);
    if (p && is_old(p, monotonic_us())) {
        sodium_memzero(p, sizeof *p);
        p = NULL;
    }
    if (p) memcpy(ret, p->key, KEY_BYTES);
    pthread_mutex_unlock(&lock);
    return p != NULL;
}

static void table_make(void)
{
    if (table) return;
    table = sodium_allocarray(SETS * WAYS, sizeof *table);
    ASSERT(table);
    sodium_memzero(table, SETS * WAYS * sizeof *table);
}

/* An empty place is the oldest of all. */
static place *oldest(place *set)
{
    place *p = set;
    for (int i = 1; i < WAYS; i++)
        if (set[i].at_us < p->at_us) p = &set[i];
    return p;
}

void seal_cache_put(str wrapped, const uint8_t key[KEY_BYTES])
{
    pthread_mutex_lock(&lock);
    table_make();
    place *set = set_of(wrapped), *to = find(wrapped);
    if (!to) to = oldest(set);
    to->at_us = monotonic_us();
    memcpy(to->wrapped, wrapped.p, wrapped.n);
    memcpy(to->key, key, KEY_BYTES);
    pthread_mutex_unlock(&lock);
}

void seal_cache_drop(str wrapped)
{
    pthread_mutex_lock(&lock);
    place *p = find(wrapped);
    if (p) sodium_memzero(p, sizeof *p);
    pthread_mutex_unlock(&lock);
}

void seal_cache_clear(void)
{
    pthread_mutex_lock(&lock);
    if (table) sodium_memzero(table, SETS * WAYS * sizeof *table);
    pthread_mutex_unlock(&lock);
}
