/* names.c - sets of four places, the oldest of a set gives way. Owns the table, made at first use;
 * one lock. A ciphertext is known by its nonce and its tag, which are random. */
#include "common/search/names.h"

#include "base/time.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

enum { WAYS = 4, SETS = 4096, NONCE = 24, TAG = 16, WORDS = 111, AGE_S = 600 };

typedef struct {
    int64_t at_us; /* when it was read; 0: empty */
    uint8_t nonce[NONCE], tag[TAG], n;
    char words[WORDS];
} place;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static place *table;

static place *set_of(str sealed)
{
    uint32_t random;
    memcpy(&random, sealed.p, sizeof random);
    return table + (size_t)(random % SETS) * WAYS;
}

static bool is_of(const place *p, str sealed)
{
    return p->at_us && memcmp(p->nonce, sealed.p, NONCE) == 0 &&
           memcmp(p->tag, sealed.p + sealed.n - TAG, TAG) == 0;
}

static place *find(str sealed)
{
    place *set = set_of(sealed);
    for (int i = 0; i < WAYS; i++)
        if (is_of(&set[i], sealed)) return &set[i];
    return NULL;
}

bool names_find(str sealed, buf *out)
{
    if (sealed.n < NONCE + TAG) return false;
    pthread_mutex_lock(&lock);
    place *p = table ? find(sealed) : NULL;
    if (p && monotonic_us() - p->at_us > (int64_t)AGE_S * US_PER_S) {
        sodium_memzero(p, sizeof *p);
        p = NULL;
    }
    if (p) buf_put(out, (str){ p->words, p->n });
    pthread_mutex_unlock(&lock);
    return p != NULL;
}

static place *oldest(place *set)
{
    place *p = set;
    for (int i = 1; i < WAYS; i++)
        if (set[i].at_us < p->at_us) p = &set[i];
    return p;
}

static void table_make(void)
{
    if (table) return;
    table = sodium_allocarray((size_t)SETS * WAYS, sizeof *table);
    ASSERT(table);
    sodium_memzero(table, sizeof(place) * SETS * WAYS);
}

void names_keep(str sealed, str words)
{
    if (sealed.n < NONCE + TAG || words.n > WORDS) return;
    pthread_mutex_lock(&lock);
    table_make();
    place *p = find(sealed);
    if (!p) p = oldest(set_of(sealed));
    p->at_us = monotonic_us();
    memcpy(p->nonce, sealed.p, NONCE);
    memcpy(p->tag, sealed.p + sealed.n - TAG, TAG);
    p->n = (uint8_t)words.n;
    if (words.n) memcpy(p->words, words.p, words.n);
    pthread_mutex_unlock(&lock);
}
