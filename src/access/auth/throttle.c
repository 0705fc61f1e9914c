/* throttle.c - failures per account and per address: five are free, then the wait doubles from one
 * second to fifteen minutes; a success forgives the account. An attempt counts as a failure from
 * the moment it is let in, so that many at one moment are not more than one after another. An
 * address that the account signed in from has a count of its own, so that guesses from elsewhere do
 * not lock the rightful person out. Time is the monotonic clock: no wall clock and no realm's moves
 * it. Fixed memory: an entry that is overwritten is the one with the fewest failures among its four
 * places, then the oldest, and which names share places nobody outside can know. One lock. */
#include "access/auth/throttle.h"
#include "base/time.h"
#include "engine/net/addr.h"
#include <pthread.h>
#include <sodium.h>
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

/* A flood of names must not wash away the count of one that is being guessed at. */
static bool matters_less(const place *a, const place *b)
{
    if (a->failures != b->failures) return a->failures < b->failures;
    return a->last_us < b->last_us;
}

static place *find(uint64_t key, bool make)
{
    place *set = &places[((key >> 1) % (PLACES / WAYS)) * WAYS], *least = set; /* keys are odd */
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key) return &set[i];
        if (matters_less(&set[i], least)) least = &set[i];
    }
    if (!make) return NULL;
    *least = (place){ .key = key };
    return least;
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
    p->until_us = s ? now + (s > LONGEST_S ? LONGEST_S : s) * US_PER_S : 0;
}

/* Takes back one attempt, or all of them. */
static void forgive(uint64_t key, bool all)
{
    place *p = find(key, false);
    if (!p) return;
    p->failures = all || p->failures < 1 ? 0 : p->failures - 1;
    p->until_us = 0;
}

static uint64_t secret; /* of this process */
static pthread_once_t secret_once = PTHREAD_ONCE_INIT;
static void secret_make(void)
{
    randombytes_buf(&secret, sizeof secret);
}

static uint64_t key_of(str s, uint64_t seed)
{
    pthread_once(&secret_once, secret_make);
    return XXH3_64bits_withSeed(s.p, s.n, seed ^ secret) | 1;
}

/* Whoever has one IPv6 address has its /64; IPv4 is itself, mapped or not. */
static uint64_t peer_key(str peer)
{
    addr a;
    if (!addr_parse(peer, &a)) return key_of(peer, 2);
    if (!addr_is_v4(a)) a.lo = 0;
    return key_of((str){ (const char *)&a, sizeof a }, 2);
}

typedef struct {
    uint64_t account, peer;
} keys;
/* Of an address that the account signed in from, the account's count is that of the two. */
static uint64_t known_key(uint64_t account, uint64_t peer)
{
    uint64_t both[2] = { account, peer };
    return key_of((str){ (const char *)both, sizeof both }, 3);
}

static keys keys_of(str account, str peer)
{
    keys k = { key_of(account, 1), peer_key(peer) };
    uint64_t known = known_key(k.account, k.peer);
    if (find(known, false)) k.account = known;
    return k;
}

err throttle_ask(str account, str peer)
{
    int64_t now, a, b;
    char text[24];
    pthread_mutex_lock(&lock);
    now = monotonic_us(); /* of many at one moment none comes before another */
    keys k = keys_of(account, peer);
    a = wait_us(k.account, now);
    b = wait_us(k.peer, now);
    if (a < b) a = b;
    if (a == 0) {
        count(k.account, FREE_FAILURES, now);
        count(k.peer, PEER_FREE_FAILURES, now);
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
    keys k = keys_of(account, peer);
    forgive(k.account, end == THROTTLE_RIGHT);
    forgive(k.peer, false);    /* one's own account does not buy guesses at others */
    if (end == THROTTLE_RIGHT) /* guesses from elsewhere stay counted once the address is known */
        find(known_key(key_of(account, 1), k.peer), true)->last_us = monotonic_us();
    pthread_mutex_unlock(&lock);
}
