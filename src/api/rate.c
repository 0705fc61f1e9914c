/* rate.c - token buckets as one number each: the time at which the bucket would be full again
 * (GCRA). Owns the table: shards with a lock each, sets of eight slots within. Any thread. */
#include "api/rate.h"
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

enum { SHARDS = 64, SETS = 256, WAYS = 8 };

typedef struct {
    uint64_t who;    /* 0: free */
    int64_t full_us; /* when the bucket is full again */
} bucket;
typedef struct {
    pthread_mutex_t lock;
    bucket sets[SETS][WAYS];
} shard;
struct rates {
    uint8_t key[crypto_shorthash_KEYBYTES];
    shard shards[SHARDS];
};

rates *rates_new(void)
{
    rates *r = calloc(1, sizeof *r);
    ASSERT(r);
    randombytes_buf(r->key, sizeof r->key);
    for (int i = 0; i < SHARDS; i++)
        pthread_mutex_init(&r->shards[i].lock, NULL);
    return r;
}

void rates_free(rates *r)
{
    for (int i = 0; i < SHARDS; i++)
        pthread_mutex_destroy(&r->shards[i].lock);
    free(r);
}

static uint64_t name_hash(const rates *r, size_t index, str who)
{
    uint8_t text[72] = { (uint8_t)index };
    uint64_t h;
    size_t n = who.n < sizeof text - 1 ? who.n : sizeof text - 1;
    if (n) memcpy(text + 1, who.p, n);
    crypto_shorthash((uint8_t *)&h, text, n + 1, r->key);
    return h ? h : 1;
}

/* The bucket of h, or the one of its set that fills up first. */
static bucket *bucket_of(bucket set[WAYS], uint64_t h)
{
    bucket *oldest = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].who == h) return &set[i];
        if (set[i].full_us < oldest->full_us) oldest = &set[i];
    }
    *oldest = (bucket){ .who = h };
    return oldest;
}

int64_t rate_take(rates *r, const rate_row *row, size_t index, str who, int64_t now_us)
{
    uint64_t h = name_hash(r, index, who);
    shard *s = &r->shards[h % SHARDS];
    int64_t each_us = 60000000 / row->per_minute, room_us = each_us * row->burst, wait_us = 0;
    pthread_mutex_lock(&s->lock);
    bucket *b = bucket_of(s->sets[(h / SHARDS) % SETS], h);
    int64_t full_us = b->full_us > now_us ? b->full_us : now_us;
    if (full_us + each_us - now_us > room_us)
        wait_us = full_us + each_us - now_us - room_us;
    else
        b->full_us = full_us + each_us;
    pthread_mutex_unlock(&s->lock);
    return wait_us ? (wait_us + 999999) / 1000000 : 0;
}
