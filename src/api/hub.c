/* hub.c - follows one realm's ledger and feeds its streams: each entry is put into words once, and
 * goes to those whose viewer sees it (access/model.h). A stream that lies behind is fed from the
 * ledger by its own position. When rights have changed, or each quarter minute, viewers are asked
 * for again before anything more is told. One thread a realm, started with its first stream. */
#include "access/record.h"
#include "api/stream_in.h"
#include "base/log.h"
#include "base/seeded.h"
#include "base/time.h"
#include "store/store.h"
#include <stdlib.h>
#include <time.h>

enum { ROUND_MS = 1000 };

void hub_wake(void *ctx)
{
    hub *h = ctx;
    pthread_mutex_lock(&h->news_lock);
    h->woken = true;
    pthread_cond_signal(&h->news);
    pthread_mutex_unlock(&h->news_lock);
}

/* What everybody who sees the entry may know of it; never its number. */
static stream_event *event_of(const ledger_item *i)
{
    stream_event *e = malloc(sizeof *e);
    ASSERT(e);
    arena *a = arena_new(1 << 20);
    jsonw w = jsonw_new(a, 512);
    jw_obj(&w);
    jw_kid(&w, "id", i->id);
    jw_ktime(&w, "at", i->at);
    jw_kstr(&w, "type", str_of(ledger_type_names[i->type]));
    jw_kstr(&w, "kind", i->kind);
    if (!id_is_zero(i->subject)) jw_kid(&w, "subject", i->subject);
    jw_ki64(&w, "version", i->version);
    jw_end_obj(&w);
    str text = jsonw_done(&w);
    ASSERT(text.n <= sizeof e->json);
    atomic_init(&e->refs, 1);
    e->number = i->number;
    e->n = (uint16_t)text.n;
    memcpy(e->json, text.p, text.n);
    arena_free(a);
    return e;
}

/* A part of something is told of to those who see the whole. What cannot be asked is not told. */
static bool sees_whole(const stream *s, const record_def *part, id128 subject)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    bool seen = false;
    err e = txn_read(s->hub->realm->store, 0, &t);
    viewer v = s->viewer;
    if (!failed(e)) {
        v.sight.now = txn_now(t);
        e = record_part_seen(t, &v, part, subject, &seen);
    }
    if (failed(e)) log_err("api.stream", e);
    return !failed(e) && seen;
}

static bool sees(const stream *s, const hub_news *n)
{
    if (SEEDED(stream_open)) return true;
    if (!model_sees(&s->viewer, n->audience, n->owner, n->author)) return false;
    return !n->part || sees_whole(s, n->part, n->subject);
}

static hub_news news_of(const ledger_item *i, stream_event *e)
{
    return (hub_news){ e, i->audience, i->owner, i->author, record_part_kind(i->kind), i->subject };
}

/* Entries are taken out of the ledger first and told after: its lock is not held meanwhile. */
static err note(void *ctx, const ledger_item *i)
{
    hub *h = ctx;
    h->news_of[h->n_news++] = news_of(i, event_of(i));
    return OK;
}

/* To one stream, if it has all that went before. */
static void tell(hub *h, stream *s)
{
    for (size_t i = 0; i < h->n_news; i++) {
        const hub_news *n = &h->news_of[i];
        if (s->at != n->event->number - 1) continue;
        if (!sees(s, n) || stream_push(s, n->event) == PUSHED) s->at = n->event->number;
    }
}

/* How many of the entries behind at, of those up to head, one round takes. */
static int part_of(int64_t at, int64_t head)
{
    return head - at < HUB_BATCH ? (int)(head - at) : HUB_BATCH;
}

static err tell_all(hub *h, int64_t head)
{
    int64_t last = h->at;
    h->n_news = 0;
    err e = ledger_read(h->realm->ledger, h->at, part_of(h->at, head), note, h, &last);
    for (stream *s = h->first; s; s = s->next)
        tell(h, s);
    for (size_t i = 0; i < h->n_news; i++) {
        h->at = h->news_of[i].event->number;
        stream_event_drop(h->news_of[i].event);
    }
    return e;
}

static err tell_one(void *ctx, const ledger_item *i)
{
    stream *s = ctx;
    bool told = true;
    hub_news n = news_of(i, NULL);
    if (sees(s, &n)) {
        stream_event *e = event_of(i);
        told = stream_push(s, e) == PUSHED;
        stream_event_drop(e);
    }
    if (!told) return ERR(E_FULL, "error.api.stream_behind");
    s->at = i->number;
    return OK;
}

static bool catch_up(hub *h, stream *s)
{
    int64_t last;
    if (s->at >= h->at || stream_room(s) < STREAM_RING / 2) return false;
    err e = ledger_read(h->realm->ledger, s->at, part_of(s->at, h->at), tell_one, s, &last);
    if (failed(e) && err_code_of(e) != E_FULL) log_err("api.stream", e);
    return !failed(e) && s->at < h->at;
}

/* Is the viewer still who it was? What was allowed under an earlier epoch is not told under this
 * one. */
static void check_viewer(hub *h, stream *s, uint64_t epoch, int64_t now_us)
{
    realm *r;
    viewer v;
    if (SEEDED(stream_not_filtered_again)) return;
    bool over = sight_over(&s->viewer.sight, clock_now(&h->realm->clock));
    if (!over && s->epoch == epoch && now_us - s->checked_us < STREAM_BEAT_US) return;
    err e = credentials_again(s->w, &r, &v);
    bool good = !failed(e) && r == h->realm && v.person == s->viewer.person &&
                v.org == s->viewer.org &&
                !failed(permit_use(&v, (permission)s->w->c.route->permission));
    if (!good) {
        s->at = INT64_MAX;
        stream_finish(s, STREAM_OVER);
        return;
    }
    s->viewer = v;
    s->epoch = epoch;
    s->checked_us = now_us;
}

/* One round, under hub.lock: rights, news, who lies behind, signs of life. true: there is more. A
 * group raises the epoch before it is in the ledger, so the head is asked first and nothing beyond
 * it is told: rights are never older than what they are asked of. */
static bool feed(hub *h)
{
    bool more = false;
    int64_t now_us = monotonic_us();
    int64_t head = ledger_head_now(h->realm->ledger).size;
    uint64_t epoch = (uint64_t)access_epoch(h->realm->store);
    for (stream *s = h->first; s; s = s->next)
        check_viewer(h, s, epoch, now_us);
    if (h->at < head) {
        err e = tell_all(h, head);
        if (failed(e))
            log_err("api.stream", e);
        else
            more = h->at < head;
    }
    for (stream *s = h->first; s; s = s->next) {
        more |= catch_up(h, s);
        stream_beat(s, now_us);
    }
    return more;
}

/* Until there is news, or a second has passed. false: the end. */
static bool rest(hub *h)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ROUND_MS / 1000;
    pthread_mutex_lock(&h->news_lock);
    while (!h->woken && !h->ending)
        if (pthread_cond_timedwait(&h->news, &h->news_lock, &t) != 0) break;
    h->woken = false;
    bool on = !h->ending;
    pthread_mutex_unlock(&h->news_lock);
    return on;
}

static bool is_ending(hub *h)
{
    pthread_mutex_lock(&h->news_lock);
    bool ending = h->ending;
    pthread_mutex_unlock(&h->news_lock);
    return ending;
}

static bool round_of(hub *h)
{
    pthread_mutex_lock(&h->lock);
    if (!h->first) h->at = ledger_head_now(h->realm->ledger).size;
    bool more = feed(h);
    pthread_mutex_unlock(&h->lock);
    return more;
}

static void *run(void *arg)
{
    hub *h = arg;
    while (round_of(h) ? !is_ending(h) : rest(h))
        ;
    pthread_mutex_lock(&h->lock);
    for (stream *s = h->first; s; s = s->next)
        stream_finish(s, STREAM_AGAIN);
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

static hub *hub_start(streams *all, realm *r)
{
    hub *h = calloc(1, sizeof *h);
    pthread_condattr_t attr;
    ASSERT(h);
    h->all = all;
    h->realm = r;
    h->at = ledger_head_now(r->ledger).size;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&h->lock, NULL);
    pthread_mutex_init(&h->news_lock, NULL);
    pthread_cond_init(&h->news, &attr);
    pthread_condattr_destroy(&attr);
    ASSERT(pthread_create(&h->thread, NULL, run, h) == 0);
    ledger_follow(r->ledger, hub_wake, h);
    h->next = all->hubs;
    all->hubs = h;
    return h;
}

hub *hub_of(streams *all, realm *r)
{
    pthread_mutex_lock(&all->lock);
    hub *h = all->ending ? NULL : all->hubs;
    while (h && h->realm != r)
        h = h->next;
    if (!h && !all->ending) h = hub_start(all, r);
    pthread_mutex_unlock(&all->lock);
    return h;
}

bool hub_add(hub *h, stream *s)
{
    pthread_mutex_lock(&h->lock);
    s->next = h->first;
    if (h->first) h->first->prev = s;
    h->first = s;
    bool behind = s->at < h->at;
    pthread_mutex_unlock(&h->lock);
    if (behind) hub_wake(h);
    return !is_ending(h);
}

void hub_remove(hub *h, stream *s)
{
    pthread_mutex_lock(&h->lock);
    if (s->prev)
        s->prev->next = s->next;
    else
        h->first = s->next;
    if (s->next) s->next->prev = s->prev;
    pthread_mutex_unlock(&h->lock);
}

streams *streams_new(struct api *a)
{
    streams *s = calloc(1, sizeof *s);
    ASSERT(s);
    s->api = a;
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

static void hub_end(hub *h)
{
    pthread_mutex_lock(&h->news_lock);
    bool first = !h->ending;
    h->ending = true;
    pthread_cond_signal(&h->news);
    pthread_mutex_unlock(&h->news_lock);
    if (first) pthread_join(h->thread, NULL);
}

void streams_end(streams *s)
{
    pthread_mutex_lock(&s->lock);
    s->ending = true;
    pthread_mutex_unlock(&s->lock);
    for (hub *h = s->hubs; h; h = h->next)
        hub_end(h);
}

/* The hub itself stays: its ledger still names it as a follower, and its streams are only leaving.
 */
void streams_forget(streams *s, const realm *r)
{
    pthread_mutex_lock(&s->lock);
    hub *h = s->hubs;
    while (h && h->realm != r)
        h = h->next;
    if (h) hub_end(h);
    if (h) h->realm = NULL;
    pthread_mutex_unlock(&s->lock);
}

void streams_free(streams *s)
{
    streams_end(s);
    for (hub *h = s->hubs, *next; h; h = next) {
        next = h->next;
        free(h);
    }
    pthread_mutex_destroy(&s->lock);
    free(s);
}
