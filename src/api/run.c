/* run.c - a call answered in the caller's thread: for commands that work alone, and for tests.
 * Owns nothing; never on the writer's thread. */
#include "api/walk.h"
#include <pthread.h>

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool is_done;
} gate;

static void open_gate(walk *w)
{
    gate *g = w->wait_ctx;
    pthread_mutex_lock(&g->lock);
    g->is_done = true;
    pthread_cond_signal(&g->done);
    pthread_mutex_unlock(&g->lock);
}

static void run_and_wait(walk *w, void (*fn)(walk *w))
{
    gate g = { .lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER };
    w->wait_ctx = &g;
    w->waiter = open_gate;
    fn(w);
    pthread_mutex_lock(&g.lock);
    while (!g.is_done)
        pthread_cond_wait(&g.done, &g.lock);
    pthread_mutex_unlock(&g.lock);
}

static void run(walk *w)
{
    if (!walk_begin(w)) return;
    if ((int64_t)w->q.body.n > w->c.route->max_body) {
        (void)walk_fail(w, ERR(E_TOO_LARGE, "error.api.body_large"));
        return;
    }
    if (!walk_body(w)) return;
    if (w->c.route->where == RUN_STREAM)
        (void)walk_fail(w, ERR(E_USAGE, "error.api.stream_alone"));
    else if (w->c.route->where == RUN_WRITER)
        run_and_wait(w, walk_write);
    else
        walk_read(w);
    if (walk_notes(w)) run_and_wait(w, walk_note);
}

/* There is nobody to stream to: a file becomes the body. */
static void take_file(walk *w)
{
    const call_saved *f = w->c.file;
    ssize_t n = 0;
    if (!f) return;
    buf b = buf_new(w->c.a, 65536);
    while (!w->fault && (n = f->read(f->ctx, buf_room(&b, 65536), 65536)) > 0)
        b.n += (size_t)n;
    f->end(f->ctx);
    w->c.file = NULL;
    if (n < 0) (void)walk_fail(w, ERR(E_IO, "error.files.altered"));
    w->c.raw = buf_str(&b);
}

void api_run(struct app *of, arena *a, const api_request *q, api_answer *ret)
{
    walk *w = walk_new(of->api, a, q);
    run(w);
    take_file(w);
    walk_encode(w);
    *ret = w->answer;
}
