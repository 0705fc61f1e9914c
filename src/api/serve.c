/* serve.c - calls over HTTP: takes an exchange through its walk, on the HTTP thread as far as that
 * is quick, then by a worker or the writer while the connection is suspended. Owns struct api. */
#include "api/serve.h"
#include "api/asset.h"
#include "api/counts.h"
#include "api/pool.h"
#include "api/rate.h"
#include "api/stream.h"
#include "api/tick.h"
#include "api/walk.h"
#include "base/log.h"
#include "base/time.h"
#include <stdlib.h>

static api_request request_of(const http_request *h)
{
    return (api_request){ .method = h->method,
        .path = h->path,
        .query = h->query,
        .authorization = h->authorization,
        .cookie = h->cookie,
        .origin = h->origin,
        .sec_fetch_site = h->sec_fetch_site,
        .host = h->host,
        .content_type = h->content_type,
        .accept = h->accept,
        .if_match = h->if_match,
        .if_none_match = h->if_none_match,
        .idempotency_key = h->idempotency_key,
        .last_event_id = h->last_event_id,
        .accept_language = h->accept_language,
        .realm = h->realm,
        .local_uid = h->local_uid,
        .cert_hash = h->cert_hash,
        .cert_key_hash = h->cert_key_hash };
}

/* The route's name, never the path: a path may be a link that is a right. */
static void tell(const walk *w, int status)
{
    int64_t took_us = monotonic_us() - http_started_us(w->x);
    count_answer(status, took_us);
    log_line(status >= 500 ? LOG_WARN : LOG_DEBUG, "api.answer",
            "method=%.*s route=%s status=%d took_us=%lld", STR_ARG(w->q.method),
            w->c.route ? w->c.route->id : "none", status, (long long)took_us);
}

/* A file that is not sent after all is let go. */
static const http_stream *source_of(walk *w)
{
    const call_saved *f = w->c.file;
    if (!f) return NULL;
    if (w->fault) {
        f->end(f->ctx);
        w->c.file = NULL;
        return NULL;
    }
    http_stream *s = NEW(w->c.a, http_stream);
    *s = (http_stream){ f->read, f->end, f->ctx };
    return s;
}

static void send(walk *w)
{
    log_set_request(w->q.request_id);
    walk_encode(w);
    const api_answer *r = &w->answer;
    tell(w, r->status);
    const http_stream *source = source_of(w);
    http_answer(w->x, &(http_reply){ .status = r->status,
                              .kind = source    ? HTTP_FILE
                                      : w->page ? HTTP_PAGE
                                                : HTTP_DATA,
                              .source = source,
                              .file_name = source ? w->c.file->name : (str){ 0 },
                              .body_bytes = source ? w->c.file->bytes : 0,
                              .content_type = r->content_type,
                              .body = r->body,
                              .cache = w->fault ? NULL : w->c.cache,
                              .etag = r->etag,
                              .tlp = w->fault ? S("") : w->c.tlp,
                              .set_cookie = r->set_cookie,
                              .location = r->location,
                              .allow = r->allow,
                              .retry_after_s = r->retry_after_s,
                              .request_id = w->q.request_told ? w->q.request_id : S(""),
                              .gzip = w->gzip,
                              .vary = w->vary });
}

/* Whose answer must not tell by its time why it was refused. */
static bool on_tick(const walk *w)
{
    if (!w->fault || w->refused) return false;
    err_code code = w->fault->code;
    return code == E_AUTH || code == E_DENIED || code == E_ABSENT;
}

/* The walk is over, on the HTTP thread. */
static void finish(walk *w)
{
    if (!on_tick(w)) {
        send(w);
        return;
    }
    http_suspend(w->x);
    tick_add(w->api->tick, w);
}

/* The walk is over, on a worker or the writer; the exchange is suspended. */
static void finish_elsewhere(walk *w)
{
    if (on_tick(w))
        tick_add(w->api->tick, w);
    else
        http_resume(w->x);
}

static void work(walk *w)
{
    log_set_request(w->q.request_id);
    walk_read(w);
    if (!w->fault) walk_encode(w);
    w->waiter = finish_elsewhere;
    if (walk_notes(w))
        walk_note(w);
    else
        finish_elsewhere(w);
    log_set_request((str){ 0 });
}

/* Read on the HTTP thread; the answer waits for its note. */
static void note(walk *w)
{
    w->waiter = finish_elsewhere;
    http_suspend(w->x);
    walk_note(w);
}

/* Slow work waits for slow work only: what is quick, but not for the HTTP thread, has workers of
 * its own. */
static void to_pool(walk *w, pool *p)
{
    w->inline_now = false;
    w->fault = NULL;
    http_suspend(w->x);
    if (pool_submit(p, w)) return;
    (void)walk_fail(w, ERR(E_BUSY, "error.api.busy"));
    http_resume(w->x);
}

static void run_inline(walk *w)
{
    if (store_is_pg(w->c.realm->store)) {
        to_pool(w, w->api->quick);
        return;
    }
    w->inline_now = true;
    walk_read(w);
    if (w->fault && w->fault->code == E_BUSY)
        to_pool(w, w->api->slow);
    else if (walk_notes(w))
        note(w);
    else
        finish(w);
}

static void run(walk *w)
{
    if (w->export) {
        to_pool(w, w->api->exports);
        return;
    }
    switch (w->c.route->where) {
    case RUN_INLINE:
        run_inline(w);
        break;
    case RUN_POOL:
        to_pool(w, w->api->slow);
        break;
    case RUN_WRITER:
        w->waiter = finish_elsewhere;
        http_suspend(w->x);
        walk_write(w);
        break;
    case RUN_STREAM:
        if (!stream_start(w)) finish(w);
        break;
    }
}

/* An answer before the body has come ends the connection, so what has no body waits for `ready`. */
static void head(void *ctx, http_exchange *x, http_body_plan *plan)
{
    api *a = ctx;
    const http_request *h = http_request_of(x);
    api_request q = request_of(h);
    forward_take(&a->forward, http_arena(x), h, &q);
    log_set_request(q.request_id);
    walk *w = walk_new(a, http_arena(x), &q);
    w->x = x;
    http_set_user(x, w);
    if (!walk_begin(w)) {
        if (h->content_bytes) finish(w); /* and the body is not read */
        return;
    }
    *plan = (http_body_plan){ w->c.route->max_body, w->c.route->raw_body };
    if (h->content_bytes <= plan->max_bytes) return;
    (void)walk_fail(w, ERR1(E_TOO_LARGE, "error.api.body_large",
                               str_fmt(w->c.a, "%lld", (long long)plan->max_bytes)));
    finish(w);
}

static void ready(void *ctx, http_exchange *x)
{
    walk *w = http_user(x);
    const http_request *h = http_request_of(x);
    log_set_request(w->q.request_id);
    w->q.body = h->body;
    w->c.spool = h->spool;
    w->c.spool_bytes = h->spool_bytes;
    if (!w->c.route && asset_answer(w->api, x)) return;
    if (!w->fault && walk_body(w))
        run(w);
    else
        finish(w);
}

static void resumed(void *ctx, http_exchange *x)
{
    send(http_user(x));
}

http_handler api_handler(api *a)
{
    return (http_handler){ .head = head, .ready = ready, .resumed = resumed, .ctx = a };
}

static err open_parts(api *a, const api_options *o)
{
    TRY(forward_rules_parse(o->proxies, &a->forward));
    enum { EXPORTS = 2, EXPORTS_WAIT = 32 };
    int workers = o->workers ? o->workers : 4, queue = o->queue ? o->queue : 256;
    TRY(pool_open(workers, queue, work, &a->slow));
    TRY(pool_open(workers, queue, work, &a->quick));
    TRY(pool_open(EXPORTS, EXPORTS_WAIT, work, &a->exports));
    TRY(tick_open(&a->tick));
    a->streams = streams_new(a);
    return OK;
}

err api_open(const api_options *o, api **ret)
{
    enum { INLINE_STEPS = 200000 };
    api *a = calloc(1, sizeof *a);
    ASSERT(a && o->key && o->routes);
    *a = (api){ .app = o->app,
        .routes = o->routes,
        .assets = o->assets,
        .n_assets = o->n_assets,
        .inline_steps = o->inline_steps ? o->inline_steps : INLINE_STEPS,
        .export_rows = o->export_rows ? o->export_rows : 100000,
        .rates = rates_new() };
    memcpy(a->key, o->key, sizeof a->key);
    err e = open_parts(a, o);
    if (failed(e)) {
        api_close(a);
        return e;
    }
    *ret = a;
    return OK;
}

void api_stop(api *a)
{
    streams_end(a->streams);
}

void api_close(api *a)
{
    if (a->slow) pool_close(a->slow);
    if (a->quick) pool_close(a->quick);
    if (a->exports) pool_close(a->exports);
    if (a->tick) tick_close(a->tick);
    if (a->streams) streams_free(a->streams);
    rates_free(a->rates);
    free(a);
}

const route_table *api_routes(const api *a)
{
    return a->routes;
}

void api_forget(api *a, const realm *r)
{
    streams_forget(a->streams, r);
}
