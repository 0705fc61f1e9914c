/* throttle.c - failures per account and per address: five are free, then the wait doubles from one
 * second to fifteen minutes; a success forgives the account. An attempt counts as a failure from
 * the moment it is let in, so that many at one moment are not more than one after another. Fixed
 * memory: an entry that is overwritten by another is one that failed longest ago among its four
 * places. One lock. */
#include "access/auth/throttle.h"
#include "base/time.h"
#include <pthread.h>
#include <stdio.h>
#include <xxhash.h>

enum { PLACES = 4096, WAYS = 4, FREE_FAILURES = 5, PEER_FREE_FAILURES = 30, LONGEST_S = 900 };

typedef struct {
    uint64_t key;
    int64_t last_us, until_us;
    int failures;
} place;
static place places[PLACES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static place *find(uint64_t key, bool make)
{
    place *set = &places[(key % (PLACES / WAYS)) * WAYS], *oldest = set;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key) return &set[i];
        if (set[i].last_us < oldest->last_us) oldest = &set[i];
    }
    if (!make) return NULL;
    *oldest = (place){ .key = key };
    return oldest;
}

static int64_t wait_us(uint64_t key, int64_t now)
{
    const place *p = find(key, false);
    return p && p->until_us > now ? p->until_us - now : 0;
}

static void count(uint64_t key, int free_failures, int64_t now)
{
    place *p = find(key, true);
    if (now - p->last_us > 2 * LONGEST_S * US_PER_S) p->failures = 0;
    p->last_us = now;
    p->failures++;
    int over = p->failures - free_failures;
    int64_t s = over <= 0 ? 0 : over > 10 ? LONGEST_S : INT64_C(1) << (over - 1);
    p->until_us = now + (s > LONGEST_S ? LONGEST_S : s) * US_PER_S;
}

/* Takes back one attempt, or all of them. */
static void forgive(uint64_t key, bool all)
{
    place *p = find(key, false);
    if (!p) return;
    p->failures = all || p->failures < 1 ? 0 : p->failures - 1;
    p->until_us = 0;
}

static uint64_t key_of(str s, uint64_t seed)
{
    return XXH3_64bits_withSeed(s.p, s.n, seed) | 1;
}

err throttle_ask(str account, str peer)
{
    int64_t now = monotonic_us(), a, b;
    char text[24];
    pthread_mutex_lock(&lock);
    a = wait_us(key_of(account, 1), now);
    b = wait_us(key_of(peer, 2), now);
    if (a < b) a = b;
    if (a == 0) {
        count(key_of(account, 1), FREE_FAILURES, now);
        count(key_of(peer, 2), PEER_FREE_FAILURES, now);
    }
    pthread_mutex_unlock(&lock);
    if (a == 0) return OK;
    snprintf(text, sizeof text, "%lld", (long long)((a + US_PER_S - 1) / US_PER_S));
    return ERR1(E_FULL, "error.access.throttled", str_of(text));
}

void throttle_tell(str account, str peer, throttle_end end)
{
    if (end == THROTTLE_WRONG) return;
    pthread_mutex_lock(&lock);
    forgive(key_of(account, 1), end == THROTTLE_RIGHT);
    forgive(key_of(peer, 2), false); /* one's own account does not buy guesses at others */
    pthread_mutex_unlock(&lock);
}
