/* http_exchange.c - one request from its first line to the end of its answer: the states between
 * the library's callbacks, suspending and resuming, whose it is. Two may hold an exchange: its
 * connection, and (while it is suspended) who works on it; the last one frees it. Arenas are reused
 * per thread. */
#include "net/http_in.h"
#include "base/time.h"
#include <stdlib.h>
#include <unistd.h>

enum { ARENA_LIMIT = 256 << 20, ARENAS_KEPT = 16, ARENA_KEEP_BYTES = 64 << 10 };

typedef struct {
    arena *kept[ARENAS_KEPT];
    int n;
} arena_shelf;
static pthread_key_t shelf_key;
static pthread_once_t shelf_once = PTHREAD_ONCE_INIT;

static void shelf_end(void *arg)
{
    arena_shelf *s = arg;
    for (int i = 0; i < s->n; i++)
        arena_free(s->kept[i]);
    free(s);
}

static void shelf_start(void)
{
    ASSERT(pthread_key_create(&shelf_key, shelf_end) == 0);
}

/* This thread's; it goes with the thread. */
static arena_shelf *shelf_mine(void)
{
    static _Thread_local arena_shelf *mine;
    if (mine) return mine;
    (void)pthread_once(&shelf_once, shelf_start);
    mine = calloc(1, sizeof *mine);
    ASSERT(mine && pthread_setspecific(shelf_key, mine) == 0);
    return mine;
}

static arena *arena_take(void)
{
    arena_shelf *s = shelf_mine();
    return s->n ? s->kept[--s->n] : arena_new(ARENA_LIMIT);
}

static void arena_give(arena *a)
{
    arena_shelf *s = shelf_mine();
    if (s->n == ARENAS_KEPT || arena_used(a) > ARENA_KEEP_BYTES) {
        arena_free(a);
        return;
    }
    arena_reset(a);
    s->kept[s->n++] = a;
}

static http_conn *conn_of(struct MHD_Connection *c)
{
    return MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static int64_t deadline_in(int ms)
{
    return monotonic_us() + ms * US_PER_MS;
}

/* The absolute form's scheme and authority are taken off. */
static void split_target(http_exchange *x, str uri)
{
    bool tls = str_starts(uri, S("https://"));
    x->absolute = tls || str_starts(uri, S("http://"));
    if (x->absolute) {
        str rest = str_sub(uri, tls ? 8 : 7, uri.n);
        ptrdiff_t slash = str_find_byte(rest, '/');
        x->authority = str_copy(x->a, slash < 0 ? rest : str_sub(rest, 0, (size_t)slash));
        uri = slash < 0 ? S("/") : str_sub(rest, (size_t)slash, rest.n);
    }
    uri = str_copy(x->a, uri);
    ptrdiff_t mark = str_find_byte(uri, '?');
    x->q.path = mark < 0 ? uri : str_sub(uri, 0, (size_t)mark);
    x->q.query = mark < 0 ? S("") : str_sub(uri, (size_t)mark + 1, uri.n);
}

void *http_exchange_new(void *ctx, const char *uri, struct MHD_Connection *c)
{
    http_conn *k = conn_of(c);
    arena *a = arena_take();
    http_exchange *x = NEW(a, http_exchange);
    *x = (http_exchange){
        .h = ctx, .conn = k, .c = c, .a = a, .spool_fd = -1, .started_us = monotonic_us()
    };
    atomic_init(&x->refs, 1);
    x->target = uri;
    x->target_n = strlen(uri);
    split_target(x, str_sub((str){ uri, x->target_n }, 0, HTTP_URI_BYTES + 1));
    x->q.local_uid = k->uid;
    x->q.peer = str_of(k->peer);
    x->q.tls = k->tls;
    http_cert_look(x);
    atomic_store(&k->deadline_us, deadline_in(x->h->o.header_ms));
    pthread_mutex_lock(&k->lock);
    k->x = x;
    pthread_mutex_unlock(&k->lock);
    return x;
}

/* Touches the exchange alone: who worked on it may come last, when the server is gone already. */
void http_exchange_unref(http_exchange *x)
{
    if (atomic_fetch_sub(&x->refs, 1) != 1) return;
    http_spool_end(x);
    arena_give(x->a);
}

void http_exchange_done(
        void *ctx, struct MHD_Connection *c, void **context, enum MHD_RequestTerminationCode why)
{
    http_exchange *x = *context;
    if (!x) return;
    http_conn *k = x->conn;
    *context = NULL;
    pthread_mutex_lock(&k->lock);
    k->x = NULL;
    pthread_mutex_unlock(&k->lock);
    atomic_store(&k->deadline_us, deadline_in(x->h->o.idle_ms));
    if (x->streaming) {
        x->streaming = false;
        x->stream.end(x->stream.ctx);
    }
    http_exchange_unref(x);
}

static int head_status(http_exchange *x, const char *url, const char *method, const char *version)
{
    if (x->q.path.n + x->q.query.n >= HTTP_URI_BYTES) return x->close = true, 414;
    int status = http_frame_check(x, url, method, version);
    if (status) return status;
    return atomic_load(&x->h->stopping) ? 503 : 0;
}

static void start(http_exchange *x, const char *url, const char *method, const char *version)
{
    const http_handler *handler = &x->h->o.handler;
    int status = head_status(x, url, method, version);
    if (status) {
        http_refuse(x, status);
        return;
    }
    x->body_us = monotonic_us();
    atomic_store(&x->conn->deadline_us, x->body_us + x->h->o.body_ms * US_PER_MS);
    atomic_store(&x->state, X_BODY);
    handler->head(handler->ctx, x, &x->plan);
    if (atomic_load(&x->state) != X_BODY) return;
    if (x->q.content_bytes > x->plan.max_bytes) {
        x->close = true;
        http_refuse(x, 413);
    }
}

/* The library takes no answer while a body comes: what is refused then is read on, up to a limit,
 * and answered at the end. false: cut. */
static bool take(http_exchange *x, const char *data, size_t n)
{
    enum { DISCARD_BYTES = 1 << 20 };
    if (atomic_load(&x->state) != X_BODY) return true;
    if (!x->refused) x->refused = http_body_take(x, data, n);
    if (x->refused) x->got_bytes += (int64_t)n;
    int64_t allowed = x->h->o.body_ms * US_PER_MS + x->got_bytes * US_PER_S / HTTP_BYTES_PER_S;
    atomic_store(&x->conn->deadline_us, x->body_us + allowed);
    return !x->refused || x->got_bytes < x->plan.max_bytes + DISCARD_BYTES;
}

static void whole(http_exchange *x)
{
    const http_handler *handler = &x->h->o.handler;
    http_body_end(x);
    if (x->refused) {
        x->close = true;
        http_refuse(x, x->refused);
        return;
    }
    atomic_store(&x->conn->deadline_us, INT64_MAX);
    atomic_store(&x->state, X_WORK);
    handler->ready(handler->ctx, x);
    ASSERT(atomic_load(&x->state) != X_WORK);
}

/* The library calls for each piece of news: head, data, end of body, and after resuming. */
enum MHD_Result http_exchange_step(void *ctx, struct MHD_Connection *c, const char *url,
        const char *method, const char *version, const char *data, size_t *size, void **context)
{
    http_exchange *x = *context;
    if (!x) return MHD_NO;
    switch ((x_state)atomic_load(&x->state)) {
    case X_HEAD:
        start(x, url, method, version);
        break;
    case X_RESUMED:
        atomic_store(&x->state, X_WORK);
        x->h->o.handler.resumed(x->h->o.handler.ctx, x);
        break;
    case X_ABANDONED: /* the server stops; who worked on it comes too late */
        x->close = true;
        http_refuse(x, 503);
        break;
    default:
        if (*size && !take(x, data, *size)) return MHD_NO;
        if (*size)
            *size = 0;
        else if (atomic_load(&x->state) == X_BODY)
            whole(x);
        break;
    }
    return MHD_YES;
}

void http_suspend(http_exchange *x)
{
    int was = atomic_load(&x->state);
    ASSERT(was == X_WORK || was == X_BODY);
    atomic_fetch_add(&x->refs, 1);
    atomic_store(&x->conn->deadline_us, INT64_MAX);
    MHD_suspend_connection(x->c);
    atomic_store(&x->state, X_SUSPENDED); /* after: whoever sees it may resume */
}

/* Who finds the exchange no longer suspended comes too late: the server was stopped and has
 * answered. */
void http_resume(http_exchange *x)
{
    int expected = X_SUSPENDED;
    if (atomic_compare_exchange_strong(&x->state, &expected, X_RESUMED))
        MHD_resume_connection(x->c);
    else
        atomic_fetch_sub(&x->h->late, 1);
    http_exchange_unref(x);
}

const http_request *http_request_of(const http_exchange *x)
{
    return &x->q;
}
arena *http_arena(http_exchange *x)
{
    return x->a;
}
void *http_user(const http_exchange *x)
{
    return x->user;
}
void http_set_user(http_exchange *x, void *user)
{
    x->user = user;
}
int64_t http_started_us(const http_exchange *x)
{
    return x->started_us;
}
