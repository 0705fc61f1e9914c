/* cache.c - a fixed table of resolved viewers in sets of four, a lock per 64th of it. */
#include "access/auth/cache.h"
#include <pthread.h>

enum { SETS = 4096, WAYS = 4, LOCKS = 64 };

static cache_entry table[SETS][WAYS];
static pthread_mutex_t locks[LOCKS] = { [0 ... LOCKS - 1] = PTHREAD_MUTEX_INITIALIZER };

static size_t set_of(const uint8_t key[TOKEN_HASH])
{
    uint32_t h;
    memcpy(&h, key, sizeof h);
    return h % SETS;
}

bool cache_get(const uint8_t key[TOKEN_HASH], int64_t epoch, instant now, cache_entry *ret)
{
    size_t s = set_of(key);
    bool found = false;
    pthread_mutex_lock(&locks[s % LOCKS]);
    for (int i = 0; i < WAYS && !found; i++) {
        const cache_entry *e = &table[s][i];
        found = e->realm && e->epoch == epoch && e->until.us > now.us &&
                memcmp(e->key, key, TOKEN_HASH) == 0;
        if (found) *ret = *e;
    }
    pthread_mutex_unlock(&locks[s % LOCKS]);
    return found;
}

void cache_put(const cache_entry *e)
{
    size_t s = set_of(e->key);
    pthread_mutex_lock(&locks[s % LOCKS]);
    cache_entry *victim = &table[s][0];
    for (int i = 0; i < WAYS; i++) {
        cache_entry *x = &table[s][i];
        if (memcmp(x->key, e->key, TOKEN_HASH) == 0 || !x->realm) {
            victim = x;
            break;
        }
        if (x->epoch < victim->epoch || x->touched.us < victim->touched.us) victim = x;
    }
    *victim = *e;
    pthread_mutex_unlock(&locks[s % LOCKS]);
}

void cache_forget(const realm *r)
{
    for (size_t s = 0; s < SETS; s++) {
        pthread_mutex_lock(&locks[s % LOCKS]);
        for (int i = 0; i < WAYS; i++)
            if (table[s][i].realm == r) table[s][i] = (cache_entry){ 0 };
        pthread_mutex_unlock(&locks[s % LOCKS]);
    }
}
