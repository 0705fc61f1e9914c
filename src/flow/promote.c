/* promote.c - the thread that writes findings. A slice that the store refuses for a reason of its
 * own is tried again until it works or the program ends; one that is refused for what is in it is
 * written item by item, and an item that cannot be written is logged and passed over. */
#include "flow/promote.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "access/viewer.h"
#include "base/log.h"
#include "events/history.h"
#include "flow/flow.h"
#include "flow/promote_work.h"
#include "flow/queue.h"
#include "flow/value.h"
#include "gen/flow/queries.h"
#include "store/store.h"

enum { WAITING = 2, RETRY_MS = 200, BATCHES_MAX = HISTORY_PAGE_MAX };

struct promoter {
    realm *r;
    pthread_t thread;
    bool runs;
    flow_queue *work;
    _Atomic bool closing;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    size_t given, done;
    bool left;     /* something was not written: it waits in the history */
    int64_t place; /* written up to here; the thread's own once it runs */
};

/* ---- writing ---- */

typedef struct {
    promoter *p;
    const promote_item *item;
    size_t n;
    int64_t place; /* 0: stays */
} writing;

static err write_apply(txn *t, void *ctx)
{
    const writing *w = ctx;
    if (w->n) TRY(finding_promote(t, w->p->r, w->item, w->n));
    if (!w->place) return OK;
    return promote_place_set(t, &(promote_place_set_args){ .number = w->place }, NULL);
}

static bool passes(err e)
{
    return err_code_of(e) == E_IO || err_code_of(e) == E_BUSY || err_code_of(e) == E_FULL;
}

/* Until it is written or refused; E_BUSY when the program ends before. */
static err write_until(writing *w)
{
    for (;;) {
        err e = store_write(w->p->r->store, write_apply, w);
        if (!failed(e) && w->place) w->p->place = w->place;
        if (!failed(e) || !passes(e) || w->p->closing) return e;
        log_err("flow.promote", e);
        nanosleep(&(struct timespec){ .tv_nsec = RETRY_MS * 1000000L }, NULL);
    }
}

static err write_singly(promoter *p, const promote_slice *s)
{
    for (size_t i = 0; i < s->n; i++) {
        err e = write_until(&(writing){ .p = p, .item = &s->item[i], .n = 1 });
        if (failed(e) && passes(e)) return e;
        if (failed(e)) log_err("flow.promote.item", e);
    }
    return write_until(&(writing){ .p = p, .place = s->place });
}

/* A slice that lies behind the place was written by mend. */
static err write_slice(promoter *p, const promote_slice *s)
{
    if (s->place <= p->place) return OK;
    err e = write_until(&(writing){ .p = p, .item = s->item, .n = s->n, .place = s->place });
    return failed(e) && !passes(e) ? write_singly(p, s) : e;
}

static err write_work(promoter *p, const promote_work *w)
{
    for (const promote_slice *s = w->first; s; s = s->next) {
        if (p->closing) return ERR(E_BUSY, "error.feed.closing");
        TRY(write_slice(p, s));
    }
    if (w->place <= p->place) return OK;
    return write_until(&(writing){ .p = p, .place = w->place });
}

/* ---- what a crash left ---- */

static bool class_finding(str type)
{
    return flow_classes[flow_class_find(type)].finding;
}

static void event_add(arena *a, promote_work *w, const event *e)
{
    int64_t indicator = 0;
    str rest = e->matched, first;
    bool matched = str_split(&rest, ' ', &first) && str_to_i64(first, &indicator);
    bool owned = e->owner != 0 && class_finding(e->type);
    if (!promote_wanted(matched, owned, e->severity)) return;
    promote_row r = { .batch = e->batch,
        .row_no = e->row_no,
        .event = e->id,
        .owner = e->owner,
        .feed = e->feed,
        .indicator = indicator,
        .taxonomy = e->taxonomy,
        .type = e->type,
        .identifier = e->identifier,
        .severity = e->severity,
        .owner_why = e->owner_why,
        .ip = { e->source_ip_hi, e->source_ip_lo },
        .destination_ip = { e->destination_ip_hi, e->destination_ip_lo },
        .port = e->source_port,
        .destination_port = e->destination_port,
        .asn = e->source_asn,
        .count = e->count,
        .fqdn = e->source_fqdn,
        .url = e->source_url,
        .network = e->source_network,
        .reverse_dns = e->source_reverse_dns,
        .malware = e->malware_name,
        .application = e->protocol_application,
        .vulnerabilities = e->product_vulnerabilities,
        .owner_text = flow_owner_text(a, e->extra),
        .time_us = e->time_source ? e->time_source : e->time_observation };
    promote_work_add(w, &r);
}

/* All rows of one batch, newest first. */
static err batch_rows(promoter *p, arena *a, const sight *s, int64_t batch, event **ret, size_t *n)
{
    event_filter f = { .batch = batch };
    size_t cap = 0;
    *n = 0;
    *ret = NULL;
    for (event_list page = { .more = true }; page.more;) {
        id128 before = *n ? (*ret)[*n - 1].id : (id128){ 0 };
        TRY(history_search(p->r->history, a, s, &f, *n ? &before : NULL, HISTORY_PAGE_MAX, &page));
        *ret = arena_extend(a, *ret, cap * sizeof **ret, (cap + HISTORY_PAGE_MAX) * sizeof **ret);
        cap += HISTORY_PAGE_MAX;
        if (page.n) memcpy(*ret + *n, page.rows, page.n * sizeof **ret);
        *n += page.n;
    }
    return OK;
}

static err batch_again(promoter *p, const sight *s, int64_t batch, int64_t after)
{
    event *rows;
    size_t n;
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)2 << 30);
    promote_work *w = promote_work_new();
    err e = batch_rows(p, a, s, batch, &rows, &n);
    for (size_t i = failed(e) ? 0 : n; i-- > 0;)
        if (promote_place_of(rows[i].batch, rows[i].row_no) > after) event_add(a, w, &rows[i]);
    w->place = promote_place_of(batch, PROMOTE_WHOLE_BATCH);
    if (!failed(e)) e = write_work(p, w);
    promote_work_free(w);
    return e;
}

typedef struct {
    int64_t *batch;
    size_t n, cap;
} batch_list;

static void list_add(arena *a, batch_list *l, int64_t batch)
{
    if (l->n == l->cap) {
        l->batch = arena_extend(
                a, l->batch, l->cap * sizeof *l->batch, (l->cap * 2 + 64) * sizeof *l->batch);
        l->cap = l->cap * 2 + 64;
    }
    l->batch[l->n++] = batch;
}

/* Batches of one feed that lie behind the place. */
static err feed_batches(promoter *p, arena *a, int64_t feed, int64_t place, batch_list *l)
{
    int64_t before = 0;
    for (;;) {
        history_batches_row *rows;
        size_t n;
        TRY(history_batches(p->r->history, a, (uint32_t)feed, before, BATCHES_MAX, &rows, &n));
        for (size_t i = 0; i < n; i++) {
            before = rows[i].batch;
            if (promote_place_of(before, PROMOTE_WHOLE_BATCH) <= place) return OK;
            list_add(a, l, before);
        }
        if (n < BATCHES_MAX) return OK;
    }
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static err batches_after(promoter *p, arena *a, int64_t place, batch_list *l)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    flow_feeds_row *feeds;
    size_t n;
    TRY(txn_read(p->r->store, 0, &t));
    TRY(flow_feeds(t, a, &feeds, &n));
    for (size_t i = 0; i < n; i++)
        TRY(feed_batches(p, a, feeds[i].row, place, l));
    if (l->n) qsort(l->batch, l->n, sizeof *l->batch, by_number);
    return OK;
}

static err place_read(promoter *p, arena *a, int64_t *ret, viewer *v)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    promote_place_row *r;
    TRY(txn_read(p->r->store, 0, &t));
    TRY(viewer_system(t, v));
    err e = promote_place(t, a, &r);
    *ret = failed(e) ? -1 : r->number;
    return err_code_of(e) == E_ABSENT ? OK : e;
}

/* A realm that never promoted begins behind what its history holds. */
static err place_begin(promoter *p, arena *a)
{
    batch_list l = { 0 };
    TRY(batches_after(p, a, 0, &l));
    return write_until(&(writing){
            .p = p, .place = promote_place_of(l.n ? l.batch[l.n - 1] : 0, PROMOTE_WHOLE_BATCH) });
}

static err catch_up(promoter *p)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)256 << 20);
    batch_list l = { 0 };
    int64_t place;
    viewer v;
    TRY(place_read(p, a, &place, &v));
    if (place < 0) return place_begin(p, a);
    p->place = place;
    TRY(batches_after(p, a, place, &l));
    if (l.n) log_info("flow.promote", "catch_up=%zu", l.n);
    for (size_t i = 0; i < l.n; i++) {
        if (p->closing) return ERR(E_BUSY, "error.feed.closing");
        TRY(batch_again(p, &v.sight, l.batch[i], place));
    }
    return OK;
}

/* ---- the thread ---- */

/* Something failed: from here on only what the history says is sure. */
static void mend(promoter *p)
{
    while (!p->closing) {
        err e = catch_up(p);
        if (!failed(e)) return;
        log_err("flow.promote", e);
        nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
    }
}

static void *promoter_main(void *ctx)
{
    promoter *p = ctx;
    for (promote_work *w; (w = flow_queue_get(p->work));) {
        err e = p->left ? ERR(E_BUSY, "error.feed.closing") : write_work(p, w);
        promote_work_free(w);
        if (failed(e) && !p->closing) mend(p);
        pthread_mutex_lock(&p->lock);
        p->left = p->left || (failed(e) && p->closing);
        p->done++;
        pthread_cond_broadcast(&p->idle);
        pthread_mutex_unlock(&p->lock);
    }
    return NULL;
}

err promoter_open(realm *r, promoter **ret)
{
    promoter *p = calloc(1, sizeof *p);
    ASSERT(p != NULL);
    p->r = r;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->idle, NULL);
    p->work = flow_queue_new(WAITING);
    *ret = p;
    TRY(catch_up(p));
    p->runs = true;
    ASSERT(pthread_create(&p->thread, NULL, promoter_main, p) == 0);
    return OK;
}

void promoter_give(promoter *p, promote_work *w, int64_t last_batch)
{
    w->place = promote_place_of(last_batch, PROMOTE_WHOLE_BATCH);
    pthread_mutex_lock(&p->lock);
    p->given++;
    pthread_mutex_unlock(&p->lock);
    ASSERT(flow_queue_put(p->work, w));
}

bool promoter_drain(promoter *p)
{
    pthread_mutex_lock(&p->lock);
    while (p->done < p->given)
        pthread_cond_wait(&p->idle, &p->lock);
    bool all = !p->left;
    pthread_mutex_unlock(&p->lock);
    return all;
}

void promoter_close(promoter *p)
{
    if (!p) return;
    p->closing = true;
    flow_queue_end(p->work);
    if (p->runs) pthread_join(p->thread, NULL);
    flow_queue_free(p->work);
    pthread_cond_destroy(&p->idle);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
