/* loader.c - the pipeline's snapshot, read from the records and kept fresh: a thread hears of each
 * sealed group, looks whether it concerns owners, indicators or feeds, waits for a quiet moment (at
 * most a second) and builds the next snapshot beside the one in use. Building takes its own read
 * transaction. A large snapshot is not built over and over while a million indicators come in: the
 * pause between two is at least three times what the last one took. */
#include <malloc.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/thread.h"
#include "flow/flow_in.h"
#include "gen/flow/queries.h"
#include "ledger/ledger.h"
#include "store/store.h"

enum { PAUSE = 3, QUIET_MS = 300, LONGEST_MS = 1000, IDLE_MS = 60000, WAKERS = 16 };

/* The ledger never lets a follower go, so what it calls outlives the loader. */
typedef struct {
    pthread_mutex_t lock;
    struct loader *to;
} waker;
static waker wakers[WAKERS] = { [0 ... WAKERS - 1] = { .lock = PTHREAD_MUTEX_INITIALIZER } };
static _Atomic int wakers_used;

struct loader {
    flow *f;
    pthread_t thread;
    bool runs;
    pthread_mutex_t lock;
    pthread_cond_t stir, fresh;
    bool woken, ending, loaded;
    waker *waker;
    int64_t seen;              /* ledger number that the last snapshot knows; under lock */
    int64_t took_us, ended_us; /* the last building; the thread's own */
    int64_t again_us;          /* realm's time at which some indicator begins or ends */
    int64_t told;              /* ledger number up to which bundles were looked for; the thread's */
};

/* ---- reading ---- */

typedef struct {
    arena *a;
    owner_org *org;
    size_t n_org, cap_org;
    owner_network *network;
    size_t n_network, cap_network;
    owner_asn *asn;
    size_t n_asn, cap_asn;
    owner_domain *domain;
    size_t n_domain, cap_domain;
    flow_indicator *indicator;
    size_t n_indicator, cap_indicator;
    int64_t again_us;
} reading;

#define ROOM(x, what)                                                                              \
    do {                                                                                           \
        if ((x)->n_##what < (x)->cap_##what) break;                                                \
        (x)->cap_##what = (x)->cap_##what ? (x)->cap_##what * 2 : 1024;                            \
        (x)->what = reallocarray((x)->what, (x)->cap_##what, sizeof *(x)->what);                   \
        ASSERT((x)->what != NULL);                                                                 \
    } while (0)

static void reading_end(reading *x)
{
    free(x->org);
    free(x->network);
    free(x->asn);
    free(x->domain);
    free(x->indicator);
    arena_free(x->a);
}

static err take_org(void *ctx, const flow_orgs_row *r)
{
    reading *x = ctx;
    ROOM(x, org);
    x->org[x->n_org++] = (owner_org){ r->row, r->id };
    return OK;
}

/* Place of an organisation in the list, which is sorted by row; false: closed since. */
static bool org_place(const reading *x, int64_t row, uint32_t *ret)
{
    size_t from = 0, to = x->n_org;
    while (from < to) {
        size_t mid = (from + to) / 2;
        if (x->org[mid].row == row) {
            *ret = (uint32_t)mid;
            return true;
        }
        if (x->org[mid].row < row)
            from = mid + 1;
        else
            to = mid;
    }
    return false;
}

static void take_cidr(reading *x, str value, owner_claim c)
{
    cidr net;
    if (!cidr_parse(value, false, &net)) return;
    ROOM(x, network);
    x->network[x->n_network++] = (owner_network){ net, c };
}

static void take_asn(reading *x, str value, owner_claim c)
{
    int64_t asn;
    if (value.n > 2 && (value.p[0] | 0x20) == 'a') value = str_sub(value, 2, value.n);
    if (!str_to_i64(value, &asn) || asn < 1 || asn > UINT32_MAX) return;
    ROOM(x, asn);
    x->asn[x->n_asn++] = (owner_asn){ (uint32_t)asn, c };
}

static err take_network(void *ctx, const flow_networks_row *r)
{
    reading *x = ctx;
    owner_claim c = { .from_us = r->valid_from.us,
        .to_us = r->valid_to.us == INT64_MAX ? 0 : r->valid_to.us };
    if (!org_place(x, r->org, &c.org)) return OK;
    if (str_eq(r->kind, S("cidr"))) {
        take_cidr(x, r->value, c);
    } else if (str_eq(r->kind, S("asn"))) {
        take_asn(x, r->value, c);
    } else {
        ROOM(x, domain);
        x->domain[x->n_domain++] = (owner_domain){ str_copy(x->a, r->value), c };
    }
    return OK;
}

static match_kind kind_of(str kind)
{
    static const struct {
        const char *name;
        match_kind kind;
    } kinds[] = { { "ip", MATCH_IP }, { "cidr", MATCH_NETWORK }, { "domain", MATCH_DOMAIN_TREE },
        { "url", MATCH_URL }, { "md5", MATCH_MD5 }, { "sha1", MATCH_SHA1 },
        { "sha256", MATCH_SHA256 }, { "email", MATCH_EMAIL } };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq(kind, str_of(kinds[i].name))) return kinds[i].kind;
    return MATCH_NONE; /* an AS number is too many addresses to be an indicator of each event */
}

static err take_indicator(void *ctx, const flow_indicators_row *r)
{
    reading *x = ctx;
    match_kind kind = kind_of(r->kind);
    if (kind == MATCH_NONE) return OK;
    ROOM(x, indicator);
    x->indicator[x->n_indicator++] = (flow_indicator){ kind, str_copy(x->a, r->value), r->row };
    if (r->valid_until.us < x->again_us) x->again_us = r->valid_until.us;
    return OK;
}

static err read_all(flow *f, reading *x, instant *ret_made)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    flow_indicator_next_row *next;
    TRY(txn_read(f->r->store, 0, &t));
    *ret_made = txn_now(t);
    x->again_us = INT64_MAX;
    TRY(flow_orgs_each(t, take_org, x));
    TRY(flow_networks_each(t, take_network, x));
    TRY(flow_indicators_each(t, &(flow_indicators_args){ .now = *ret_made }, take_indicator, x));
    TRY(flow_indicator_next(
            t, &(flow_indicator_next_args){ .now = *ret_made }, txn_arena(t), &next));
    if (next->next.us && next->next.us < x->again_us) x->again_us = next->next.us;
    return OK;
}

static err build(flow *f, flow_snapshot **ret, int64_t *ret_again_us)
{
    reading x = { .a = arena_new((size_t)8 << 30) };
    snapshot_input in = { .geo = f->geo };
    err e = read_all(f, &x, &in.made);
    if (!failed(e)) {
        in.owners = (owner_input){ .org = x.org,
            .n_org = x.n_org,
            .network = x.network,
            .n_network = x.n_network,
            .asn = x.asn,
            .n_asn = x.n_asn,
            .domain = x.domain,
            .n_domain = x.n_domain };
        in.indicator = x.indicator;
        in.n_indicator = x.n_indicator;
        if (f->geo) flow_geo_hold(f->geo);
        e = flow_snapshot_make(&in, ret);
        if (failed(e) && f->geo) flow_geo_release(f->geo);
    }
    *ret_again_us = x.again_us;
    reading_end(&x);
    return e;
}

/* ---- keeping it fresh ---- */

static void wake(void *ctx)
{
    waker *w = ctx;
    pthread_mutex_lock(&w->lock);
    struct loader *l = w->to;
    if (l) {
        pthread_mutex_lock(&l->lock);
        l->woken = true;
        pthread_cond_signal(&l->stir);
        pthread_mutex_unlock(&l->lock);
    }
    pthread_mutex_unlock(&w->lock);
}

static void waker_set(waker *w, struct loader *to)
{
    pthread_mutex_lock(&w->lock);
    w->to = to;
    pthread_mutex_unlock(&w->lock);
}

static err concerns(void *ctx, const ledger_item *e)
{
    static const char *const kinds[] = { "network", "organisation", "indicator" };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq(e->kind, str_of(kinds[i]))) *(bool *)ctx = true;
    if (e->type == LEDGER_indicator_imported || e->type == LEDGER_bundle_applied)
        *(bool *)ctx = true;
    return OK;
}

static err brings(void *ctx, const ledger_item *e)
{
    if (e->type == LEDGER_bundle_applied) *(bool *)ctx = true;
    return OK;
}

/* Is there something after `from` that a snapshot must know, or that fn looks for? Moves *from to
 * the head. */
static bool news(struct loader *l, ledger_fn fn, int64_t *from)
{
    bool found = false;
    for (int64_t last = *from;; *from = last) {
        err e = ledger_read(l->f->r->ledger, *from, 1000, fn, &found, &last);
        if (failed(e)) {
            log_err("flow.news", e);
            return true; /* rather once too often */
        }
        if (last <= *from) return found;
    }
}

static void wait_ms(struct loader *l, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&l->stir, &l->lock, &until);
}

/* With the lock: until a quiet moment, and no sooner than the last building allows. */
static void wait_quiet(struct loader *l)
{
    int64_t begun = monotonic_us(), earliest = l->ended_us + PAUSE * l->took_us;
    while (!l->ending) {
        l->woken = false;
        wait_ms(l, QUIET_MS);
        int64_t now = monotonic_us();
        bool late = now - begun >= LONGEST_MS * US_PER_MS;
        if ((!l->woken || late) && now >= earliest) return;
    }
}

static bool due(const struct loader *l)
{
    return clock_now(&l->f->r->clock).us >= l->again_us;
}

static err refresh(struct loader *l)
{
    flow_snapshot *next;
    int64_t begun = monotonic_us(), again_us;
    int64_t head =
            ledger_head_now(l->f->r->ledger).size; /* before reading: what is later is read again */
    if (news(l, brings, &l->told)) reference_load(l->f);
    TRY(build(l->f, &next, &again_us));
    flow_snapshot_swap(l->f->snapshots, next);
    malloc_trim(0); /* what reading a million rows took goes back at once */
    l->ended_us = monotonic_us();
    l->took_us = l->ended_us - begun;
    l->again_us = again_us;
    pthread_mutex_lock(&l->lock);
    l->seen = head;
    pthread_cond_broadcast(&l->fresh);
    pthread_mutex_unlock(&l->lock);
    return OK;
}

/* Nothing of concern up to `to`: whoever waits for it need not wait for a snapshot. */
static void passed(struct loader *l, int64_t to)
{
    pthread_mutex_lock(&l->lock);
    if (to > l->seen) l->seen = to;
    pthread_cond_broadcast(&l->fresh);
    pthread_mutex_unlock(&l->lock);
}

/* Address data and the first snapshot: begun when the realm opens, not waited for by it, so that a
 * start takes no longer when there are a million indicators. */
static void first_load(struct loader *l)
{
    l->told = ledger_head_now(l->f->r->ledger).size;
    reference_open(l->f);
    for (err e = refresh(l); failed(e) && !l->ending; e = refresh(l)) {
        log_err("flow.snapshot", e);
        pthread_mutex_lock(&l->lock);
        wait_ms(l, IDLE_MS / 60);
        pthread_mutex_unlock(&l->lock);
    }
    pthread_mutex_lock(&l->lock);
    l->loaded = true;
    pthread_cond_broadcast(&l->fresh);
    pthread_mutex_unlock(&l->lock);
}

void loader_await(flow *f)
{
    struct loader *l = f->loader;
    pthread_mutex_lock(&l->lock);
    while (!l->loaded && !f->closing) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += 1;
        pthread_cond_timedwait(&l->fresh, &l->lock, &until);
    }
    pthread_mutex_unlock(&l->lock);
}

static void *loader_main(void *ctx)
{
    struct loader *l = ctx;
    thread_gives_way();
    first_load(l);
    pthread_mutex_lock(&l->lock);
    while (!l->ending) {
        if (!l->woken && !due(l)) wait_ms(l, IDLE_MS);
        if (l->ending) break;
        int64_t from = l->seen;
        pthread_mutex_unlock(&l->lock);
        bool needed = due(l) || news(l, concerns, &from);
        if (!needed) passed(l, from);
        pthread_mutex_lock(&l->lock);
        if (!needed) {
            l->woken = l->woken && ledger_head_now(l->f->r->ledger).size > from;
            continue;
        }
        wait_quiet(l);
        if (l->ending) break;
        pthread_mutex_unlock(&l->lock);
        err e = refresh(l);
        if (failed(e)) log_err("flow.snapshot", e);
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

err loader_settle(flow *f, int64_t timeout_ms)
{
    struct loader *l = f->loader;
    int64_t want = ledger_head_now(f->r->ledger).size,
            end = monotonic_us() + timeout_ms * US_PER_MS;
    err e = OK;
    pthread_mutex_lock(&l->lock);
    l->woken = true;
    pthread_cond_signal(&l->stir);
    while (l->seen < want && !failed(e)) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += 1;
        pthread_cond_timedwait(&l->fresh, &l->lock, &until);
        if (l->seen < want && monotonic_us() > end) e = ERR(E_TIMEOUT, "error.feed.settle");
    }
    pthread_mutex_unlock(&l->lock);
    return e;
}

/* ---- opening ---- */

static void sync_init(struct loader *l)
{
    pthread_condattr_t ca;
    pthread_condattr_init(&ca);
    pthread_condattr_setclock(&ca, CLOCK_MONOTONIC);
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->stir, &ca);
    pthread_cond_init(&l->fresh, &ca);
    pthread_condattr_destroy(&ca);
}

static void follow(struct loader *l)
{
    int n = atomic_fetch_add(&wakers_used, 1);
    ASSERT(n < WAKERS); /* as many as there may be realms in the life of a process */
    l->waker = &wakers[n];
    waker_set(l->waker, l);
    ledger_follow(l->f->r->ledger, wake, l->waker);
}

err loader_open(flow *f)
{
    struct loader *l = calloc(1, sizeof *l);
    flow_snapshot *first;
    ASSERT(l != NULL);
    l->f = f;
    sync_init(l);
    f->loader = l;
    l->seen = -1;
    TRY(flow_snapshot_make(&(snapshot_input){ .made = { 0 } }, &first));
    f->snapshots = flow_snapshot_slot_new(first);
    follow(l);
    l->runs = true;
    ASSERT(pthread_create(&l->thread, NULL, loader_main, l) == 0);
    return OK;
}

void loader_close(flow *f)
{
    struct loader *l = f->loader;
    if (!l) return;
    if (l->waker) waker_set(l->waker, NULL);
    pthread_mutex_lock(&l->lock);
    l->ending = true;
    pthread_cond_signal(&l->stir);
    pthread_mutex_unlock(&l->lock);
    if (l->runs) pthread_join(l->thread, NULL);
    pthread_cond_destroy(&l->stir);
    pthread_cond_destroy(&l->fresh);
    pthread_mutex_destroy(&l->lock);
    free(l);
    f->loader = NULL;
}
