/* writer.c - the one writer of a store: jobs are queued from any thread and run on the writer's,
 * many to a commit. A group is BEGIN, each job in a savepoint of its own, the hook before, COMMIT,
 * the hook after, then each job's done. A group takes what is queued for at most 10 ms and 512
 * jobs. Owns the queue (a lock and a condition) and the writing connection. A commit that fails
 * stops the process: nobody may be told of what is perhaps not on disk. */
#include "base/log.h"
#include "base/seeded.h"
#include "base/time.h"
#include "store/conn.h"

#include <pthread.h>
#include <stdlib.h>

enum { QUEUE_MAX = 4096, GROUP_MAX = 512, GROUP_US = 10000, SLOW_US = 50000 };
#define KEEP_BYTES ((size_t)4 << 20) /* an arena that grew past this is made anew */

struct writer {
    store *s;
    conn *c;
    pthread_t thread;
    err (*before)(txn *t, void *ctx);
    void (*after)(void *ctx);
    void *hook_ctx;
    pthread_mutex_t lock; /* what follows */
    pthread_cond_t more;
    write_job *head, *tail;
    int n;
    bool closing;
};

/* ---- the queue ---- */

static write_job *take_job(writer *w, bool wait)
{
    pthread_mutex_lock(&w->lock);
    while (wait && !w->head && !w->closing)
        pthread_cond_wait(&w->more, &w->lock);
    write_job *j = w->head;
    if (j) {
        w->head = j->next;
        if (!w->head) w->tail = NULL;
        w->n--;
        j->next = NULL;
    }
    pthread_mutex_unlock(&w->lock);
    return j;
}

err store_submit(store *s, write_job *j)
{
    writer *w = store_writer(s);
    j->next = NULL;
    j->fault_ = NULL;
    pthread_mutex_lock(&w->lock);
    bool refused = w->closing || w->n >= QUEUE_MAX;
    bool closing = w->closing, idle = !w->head;
    if (!refused) {
        if (w->tail)
            w->tail->next = j;
        else
            w->head = j;
        w->tail = j;
        w->n++;
    }
    pthread_mutex_unlock(&w->lock);
    if (!refused && idle) pthread_cond_signal(&w->more);
    if (!refused) return OK;
    return closing ? ERR(E_BUSY, "error.store.closing") : ERR(E_BUSY, "error.store.queue_full");
}

/* ---- one job ---- */

static err run_in_savepoint(writer *w, write_job *j)
{
    txn *t = &w->c->t;
    const engine *e = w->c->e;
    t->now = store_now(w->s);
    t->spoiled = NULL;
    t->raises = t->raises_sights = t->looked_at = false;
    TRY(e->command(w->c, "SAVEPOINT part", false));
    err result = j->apply(t, j->ctx);
    if (!failed(result) && t->spoiled) result = (err){ t->spoiled };
    if (!failed(result)) result = e->command(w->c, "RELEASE part", w->c->deferred);
    if (!failed(result)) return OK;
    /* The fault is kept before anything else can take its place. */
    j->fault_ = fault_copy(t->a, result.f);
    t->raises = t->raises_sights = false;
    TRY(e->command(w->c, "ROLLBACK TO part", false));
    TRY(e->command(w->c, "RELEASE part", false));
    return OK;
}

/* What was sent and not yet answered fails within the trial, not behind it. */
static err trial_end(conn *c, err e)
{
    if (failed(e) || !c->deferred) return e;
    return c->e->command(c, "SAVEPOINT trial_answers", true);
}

err txn_trial(txn *t, err (*fn)(void *ctx), void *ctx)
{
    conn *c = t->c;
    const bool raises = t->raises, sights = t->raises_sights;
    ASSERT(t->writes && !t->spoiled);
    TRY(c->e->command(c, "SAVEPOINT trial", false));
    err e = trial_end(c, fn(ctx));
    if (!failed(e) && t->spoiled) e = (err){ t->spoiled };
    const fault *f = failed(e) ? fault_copy(t->a, e.f) : NULL;
    t->raises = raises;
    t->raises_sights = sights;
    t->spoiled = NULL;
    TRY(c->e->command(c, "ROLLBACK TO trial", false));
    TRY(c->e->command(c, "RELEASE trial", false));
    return (err){ f };
}

/* ---- a group ---- */

typedef struct {
    write_job *first, *last;
    bool raises, raises_sights, looked_at;
} group;

static void add(group *g, write_job *j)
{
    if (g->last)
        g->last->next = j;
    else
        g->first = j;
    g->last = j;
}

static err run_jobs(writer *w, group *g)
{
    int64_t end = monotonic_us() + GROUP_US;
    write_job *j = g->first;
    for (int n = 1; j; n++) {
        TRY(run_in_savepoint(w, j));
        if (!w->c->e->in_transaction(w->c)) return ERR(E_IO, "error.store.rolled_back");
        g->looked_at |= w->c->t.looked_at;
        g->raises |= w->c->t.raises;
        g->raises_sights |= w->c->t.raises_sights;
        if (g->raises) break; /* what follows is judged by the rights that this part gave or took */
        if (n >= GROUP_MAX || monotonic_us() >= end) break;
        j = take_job(w, false);
        if (j) add(g, j);
    }
    return OK;
}

_Noreturn static void stop_process(err e)
{
    log_err("store.commit", e);
    log_line(LOG_ERROR, "store.stop", "why=\"a commit failed; nothing after it may be answered\"");
    store_stop();
}

static void tell(group *g)
{
    write_job *next;
    for (write_job *j = g->first; j; j = next) {
        next = j->next; /* the job's memory is the caller's again once done has it */
        if (j->done) j->done(j->ctx, (err){ j->fault_ });
    }
    g->first = NULL;
}

/* A fault: what comes before is durable by itself. */
static err begin_anew(writer *w)
{
    TRY(w->c->e->command(w->c, "COMMIT", true));
    return w->c->e->command(w->c, dialect_begin_write(w->c->e->pg), false);
}

static err run_group(writer *w, group *g)
{
    txn *t = &w->c->t;
    t->magic = TXN_MAGIC;
    t->epoch = store_epoch(w->s);
    t->sights = store_sights(w->s);
    TRY(w->c->e->revive(w->c));
    t->writes = true;
    TRY(w->c->e->command(w->c, dialect_begin_write(w->c->e->pg), false));
    TRY(run_jobs(w, g));
    t->now = store_now(w->s);
    t->spoiled = NULL;
    if (SEEDED(ledger_apart)) TRY(begin_anew(w));
    if (w->before && g->looked_at) TRY(w->before(t, w->hook_ctx));
    if (SEEDED(answered_early)) tell(g);
    err e = w->c->e->command(w->c, "COMMIT", true);
    if (failed(e)) stop_process(e);
    return OK;
}

/* Nothing of the group is there: each job that had not failed on its own hears why. */
static void undo_group(writer *w, group *g, err why)
{
    const fault *f = fault_copy(w->c->t.a, why.f);
    log_err("store.group", why);
    if (w->c->e->in_transaction(w->c) && failed(w->c->e->command(w->c, "ROLLBACK", true)))
        w->c->broken = true;
    for (write_job *j = g->first; j; j = j->next)
        if (!j->fault_) j->fault_ = f;
}

static void end_transaction(writer *w)
{
    txn *t = &w->c->t;
    t->writes = false;
    t->magic = 0;
    t->spoiled = NULL;
}

static void forget_texts(writer *w)
{
    txn *t = &w->c->t;
    if (arena_used(t->a) < KEEP_BYTES) {
        arena_reset(t->a);
        return;
    }
    arena_free(t->a);
    t->a = arena_new((size_t)1 << 30);
}

static void do_group(writer *w, write_job *first)
{
    int64_t began = monotonic_us();
    group g = { 0 };
    add(&g, first);
    err e = run_group(w, &g);
    if (failed(e)) undo_group(w, &g, e);
    end_transaction(w);
    if (!failed(e)) {
        if (g.raises) store_raise_epoch(w->s, g.raises_sights);
        if (w->after && g.looked_at) w->after(w->hook_ctx);
    }
    tell(&g);
    forget_texts(w);
    int64_t took = monotonic_us() - began;
    if (took > SLOW_US) log_line(LOG_DEBUG, "store.slow", "ms=%lld", (long long)(took / 1000));
}

static void *writer_main(void *ctx)
{
    writer *w = ctx;
    for (write_job *j; (j = take_job(w, true));)
        do_group(w, j);
    return NULL;
}

/* ---- start and stop ---- */

err writer_start(store *s, conn *c, writer **ret)
{
    writer *w = calloc(1, sizeof *w);
    ASSERT(w);
    w->s = s;
    w->c = c;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->more, NULL);
    if (pthread_create(&w->thread, NULL, writer_main, w)) {
        free(w);
        return err_errno("error.store.thread", S("writer"));
    }
    *ret = w;
    return OK;
}

void writer_stop(writer *w)
{
    pthread_mutex_lock(&w->lock);
    w->closing = true;
    pthread_mutex_unlock(&w->lock);
    pthread_cond_broadcast(&w->more);
    pthread_join(w->thread, NULL);
    ASSERT(!w->head);
    if (!w->c->e->pg && failed(w->c->e->script(w->c, S("PRAGMA wal_checkpoint(TRUNCATE)"))))
        log_line(LOG_WARN, "store.checkpoint", "result=failed");
    conn_close(w->c);
    pthread_cond_destroy(&w->more);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

void store_on_commit(
        store *s, err (*before)(txn *t, void *ctx), void (*after)(void *ctx), void *ctx)
{
    writer *w = store_writer(s);
    pthread_mutex_lock(&w->lock); /* seen by the writer with the first job taken after this */
    w->before = before;
    w->after = after;
    w->hook_ctx = ctx;
    pthread_mutex_unlock(&w->lock);
}

/* ---- submitting and waiting ---- */

typedef struct {
    err (*apply)(txn *t, void *ctx);
    void *ctx;
    pthread_mutex_t lock;
    pthread_cond_t ready;
    bool over;
    arena *kept; /* of the fault, when there is one */
    const fault *f;
} waiting;

static err waiting_apply(txn *t, void *ctx)
{
    waiting *x = ctx;
    return x->apply(t, x->ctx);
}

static void waiting_done(void *ctx, err result)
{
    waiting *x = ctx;
    if (failed(result)) {
        x->kept = arena_new(1 << 20);
        x->f = fault_copy(x->kept, result.f);
    }
    pthread_mutex_lock(&x->lock);
    x->over = true;
    pthread_cond_signal(&x->ready);
    pthread_mutex_unlock(&x->lock);
}

/* The same fault in this thread's ring. */
static err fault_here(const fault *f)
{
    err e = err_make(f->code, f->key, f->args[0], f->args[1], f->args[2]);
    if (f->file.n || f->row) e = err_at_row(e, f->file, f->row, f->col);
    return f->pointer.n ? err_at_pointer(e, f->pointer) : e;
}

err store_write(store *s, err (*apply)(txn *t, void *ctx), void *ctx)
{
    waiting x = { .apply = apply, .ctx = ctx };
    write_job j = { .apply = waiting_apply, .done = waiting_done, .ctx = &x };
    ASSERT(!pthread_equal(pthread_self(), store_writer(s)->thread));
    pthread_mutex_init(&x.lock, NULL);
    pthread_cond_init(&x.ready, NULL);
    err e = store_submit(s, &j);
    if (!failed(e)) {
        pthread_mutex_lock(&x.lock);
        while (!x.over)
            pthread_cond_wait(&x.ready, &x.lock);
        pthread_mutex_unlock(&x.lock);
        if (x.f) e = fault_here(x.f);
        if (x.kept) arena_free(x.kept);
    }
    pthread_cond_destroy(&x.ready);
    pthread_mutex_destroy(&x.lock);
    return e;
}
