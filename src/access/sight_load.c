/* sight_load.c - which audiences a viewer sees whoever owns the row, which records an emergency has
 * opened, and which organisations its own administers: computed from the store, kept per (store,
 * organisation, provider, person) for as long as no group, audience, grant or delegation changes
 * and none of its grants and delegations ends. Owns that cache, under one lock. A list that was
 * replaced is kept for an hour, for viewers made of it. */
#include "access/audience.h"
#include "access/record.h"
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
    instant until;      /* the first end of a grant or delegation */
    size_t n, n_glass, n_kept;
    int64_t rows[]; /* n audiences, n_glass records, n_kept organisations; each ascending */
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

static bool is_over(const list *l, instant now)
{
    return l->until.us && l->until.us <= now.us;
}

static list *find(const slot *k, instant now)
{
    pthread_mutex_lock(&lock);
    slot *x = slot_of(k);
    list *l = x->seen && same(x, k) && x->epoch == k->epoch ? x->seen : NULL;
    if (l && is_over(l, now)) l = NULL;
    pthread_mutex_unlock(&lock);
    return l;
}

static size_t length(const list *l)
{
    return l->n + l->n_glass + l->n_kept;
}

static bool same_list(const list *x, const list *y)
{
    return x && x->n == y->n && x->n_glass == y->n_glass && x->n_kept == y->n_kept &&
           x->until.us == y->until.us &&
           memcmp(x->rows, y->rows, length(x) * sizeof x->rows[0]) == 0;
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

/* ---- what an emergency has opened ---- */

/* glass(u,o) of model.c: two others approved it. */
static bool counts(const glass_of_row *g)
{
    if (g->approver_1 == g->approver_2 && !SEEDED(glass_one_approver)) return false;
    if (SEEDED(glass_self_approved)) return true;
    return g->approver_1 != g->person && g->approver_2 != g->person;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

typedef struct {
    int64_t *numbers; /* 64 for each row, for a fault's sake */
    size_t n;
    instant until;
} opened;

static instant sooner(instant a, instant b)
{
    return !a.us || (b.us && b.us < a.us) ? b : a;
}

static void put_grant(const glass_of_row *g, opened *ret)
{
    static_assert(RECORD_KINDS <= 64, "SIGHT_GLASS has room for 64 kinds");
    const record_def *d = record_kind_named(g->kind);
    if (!d || !counts(g)) return;
    for (int k = 0; k < RECORD_KINDS; k++)
        if (k == (int)d->kind || SEEDED(glass_of_other_kind))
            ret->numbers[ret->n++] = SIGHT_GLASS(g->record, k);
    ret->until = sooner(ret->until, g->until);
}

static err load_glass(txn *t, const slot *k, opened *ret)
{
    glass_of_row *rows;
    size_t n;
    bool anybody = SEEDED(glass_for_anybody);
    int64_t person = k->person ? k->person : -1;
    glass_of_args args = { .from = anybody ? 0 : person,
        .to = anybody ? INT64_MAX : person,
        .now = SEEDED(glass_expired) ? (instant){ 0 } : txn_now(t) };
    TRY(glass_of(t, &args, txn_arena(t), &rows, &n));
    ret->numbers = NEW_ARRAY(txn_arena(t), int64_t, n * 64 + 1);
    for (size_t i = 0; i < n; i++)
        put_grant(&rows[i], ret);
    qsort(ret->numbers, ret->n, sizeof *ret->numbers, by_number);
    if (SEEDED(glass_expired)) ret->until = (instant){ 0 };
    return OK;
}

/* ---- whom it administers ---- */

static err load_kept(txn *t, const slot *k, opened *ret)
{
    delegate_kept_row *rows;
    bool over = SEEDED(delegation_over);
    delegate_kept_args args = { .keeper = k->org, .now = over ? (instant){ 0 } : txn_now(t) };
    TRY(delegate_kept(t, &args, txn_arena(t), &rows, &ret->n));
    ret->numbers = NEW_ARRAY(txn_arena(t), int64_t, ret->n + 1);
    for (size_t i = 0; i < ret->n; i++) {
        ret->numbers[i] = rows[i].org;
        if (!over) ret->until = sooner(ret->until, rows[i].until);
    }
    return OK;
}

/* ---- all of them ---- */

static err compute(txn *t, slot *k)
{
    audiences_seen_row *rows;
    size_t n;
    opened glass = { 0 }, kept = { 0 };
    audiences_seen_args args = { .org = k->org ? k->org : -1,
        .provider = k->provider ? k->provider : -1,
        .person = k->person ? k->person : -1 };
    TRY(audiences_seen(t, &args, txn_arena(t), &rows, &n));
    TRY(load_glass(t, k, &glass));
    TRY(load_kept(t, k, &kept));
    list *l = malloc(sizeof *l + (n + glass.n + kept.n) * sizeof l->rows[0]);
    ASSERT(l);
    *l = (list){
        .n = n, .n_glass = glass.n, .n_kept = kept.n, .until = sooner(glass.until, kept.until)
    };
    for (size_t i = 0; i < n; i++)
        l->rows[i] = rows[i].row;
    memcpy(l->rows + n, glass.numbers, glass.n * sizeof *glass.numbers);
    memcpy(l->rows + n + glass.n, kept.numbers, kept.n * sizeof *kept.numbers);
    k->seen = l;
    return OK;
}

err sight_load(txn *t, int64_t person, int64_t org, int64_t provider, bool community, sight *ret)
{
    slot k = { txn_store(t), org, provider, person, txn_sights(t), NULL };
    bool writes = txn_writes(t); /* it may see its own changes */
    list *l = writes ? NULL : find(&k, txn_now(t));
    if (!l) {
        TRY(compute(t, &k));
        l = writes ? k.seen : keep(&k);
    }
    size_t n = length(l);
    const int64_t *rows = l->rows;
    if (writes) rows = memcpy(NEW_ARRAY(txn_arena(t), int64_t, n + 1), rows, n * sizeof(int64_t));
    *ret = (sight){ .audiences = rows,
        .n_audiences = l->n,
        .glass = rows + l->n,
        .n_glass = l->n_glass,
        .kept = rows + l->n + l->n_glass,
        .n_kept = l->n_kept,
        .lists_until = l->until,
        .org = org,
        .provider = provider,
        .person = person,
        .community = community,
        .now = txn_now(t) };
    if (writes) free(l);
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
