/* store.c - one realm's record store: opened and closed, its read connections, transactions and
 * statements on them. Owns the pool of read connections (a lock held for a few instructions; the
 * connection given back last is given out first, so that its caches are warm). The writing
 * connection is writer.c's. */
#include "base/log.h"
#include "store/conn.h"
#include "store/migrate.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

enum { READERS_KEPT = 8, READERS_MAX = 256 };
#define TXN_ARENA_BYTES ((size_t)1 << 30)

/* The last epoch that any store was given: what was kept of a store that went counts under none. */
static _Atomic uint64_t epochs;

struct store {
    store_options o;
    const engine *e;
    writer *w;
    id128 instance;
    _Atomic uint64_t epoch, sights;
    pthread_mutex_t lock; /* what follows */
    conn *free;
    int n_free, n_open, kept;
};

/* ---- connections ---- */

err conn_open(store *s, bool is_writer, conn **ret)
{
    conn *c = calloc(1, sizeof *c);
    ASSERT(c);
    c->e = s->e;
    c->s = s;
    c->t = (txn){ .c = c, .s = s, .a = arena_new(TXN_ARENA_BYTES) };
    err e = c->e->open(c, &s->o, is_writer);
    if (failed(e)) {
        conn_close(c);
        return e;
    }
    *ret = c;
    return OK;
}

void conn_close(conn *c)
{
    c->e->close(c);
    arena_free(c->t.a);
    free(c);
}

static err take_conn(store *s, conn **ret)
{
    pthread_mutex_lock(&s->lock);
    conn *c = s->free;
    if (c) {
        s->free = c->next;
        s->n_free--;
    }
    bool full = !c && s->n_open >= READERS_MAX;
    if (!c && !full) s->n_open++;
    pthread_mutex_unlock(&s->lock);
    if (full) return ERR(E_BUSY, "error.store.readers");
    if (c) {
        *ret = c;
        return OK;
    }
    err e = conn_open(s, false, ret);
    if (!failed(e)) return OK;
    pthread_mutex_lock(&s->lock);
    s->n_open--;
    pthread_mutex_unlock(&s->lock);
    return e;
}

static void give_conn(store *s, conn *c)
{
    pthread_mutex_lock(&s->lock);
    bool keep = s->n_free < s->kept && !c->broken;
    if (keep) {
        c->next = s->free;
        s->free = c;
        s->n_free++;
    } else {
        s->n_open--;
    }
    pthread_mutex_unlock(&s->lock);
    if (!keep) conn_close(c);
}

/* ---- opening and closing ---- */

static err take_text(void *ctx, const cell *out)
{
    return id_parse(out[0].s, ctx) ? OK : ERR(E_CONFIG, "error.store.instance");
}

static const cell_type text_cells[] = { CELL_TEXT, CELL_TEXT };
static const char *const instance_get_sql[] = {
    "SELECT s.value FROM setting s WHERE s.name = 'instance'"
};
static const stmt_def instance_get = { "instance_get", instance_get_sql, instance_get_sql, 0, 0, 1,
    text_cells, text_cells, 0, false };
static const char *const instance_put_lite[] = {
    "INSERT INTO setting (name, value) VALUES ('instance', ?1) ON CONFLICT (name) DO NOTHING"
};
static const char *const instance_put_pg[] = {
    "INSERT INTO setting (name, value) VALUES ('instance', $1) ON CONFLICT (name) DO NOTHING"
};
static const stmt_def instance_put = { "instance_put", instance_put_lite, instance_put_pg, 0, 1, 0,
    text_cells, text_cells, 0, true };

/* The store's own id, made with it: the origin of its records. */
static err load_instance(store *s, conn *c)
{
    cell made = { .type = CELL_TEXT, .s = id_text(c->t.a, id_new()) };
    TRY(s->e->run(c, &instance_put, 0, &made, NULL, NULL, NULL));
    return s->e->run(c, &instance_get, 0, NULL, take_text, &s->instance, NULL);
}

static err open_all(store *s)
{
    conn *c;
    TRY(conn_open(s, true, &c));
    err e = migrate_run(c, migrations, migrations_n, store_now(s));
    if (!failed(e)) e = load_instance(s, c);
    arena_reset(c->t.a);
    if (!failed(e)) e = writer_start(s, c, &s->w);
    if (failed(e)) conn_close(c);
    return e;
}

/* With nothing open yet. */
static store *store_new(const store_options *o)
{
    ASSERT((o->path != NULL) != (o->url != NULL) && o->clock);
    store *s = calloc(1, sizeof *s);
    ASSERT(s);
    s->o = *o;
    s->o.path = o->path ? strdup(o->path) : NULL;
    s->o.url = o->url ? strdup(o->url) : NULL;
    s->o.schema = strdup(o->schema ? o->schema : "minar");
    s->e = o->path ? &engine_sqlite : &engine_pg;
    s->epoch = s->sights = ++epochs;
    s->kept = o->max_readers > 0 ? o->max_readers : READERS_KEPT;
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

err store_open(const store_options *o, store **ret)
{
    store *s = store_new(o);
    err e = open_all(s);
    if (failed(e)) {
        store_close(s);
        return e;
    }
    *ret = s;
    return OK;
}

err store_look(const store_options *o, int64_t *ret_done, int64_t *ret_known)
{
    conn *c;
    store *s = store_new(o);
    err e = conn_open(s, false, &c);
    if (!failed(e)) {
        e = migrate_look(c, migrations, migrations_n, ret_done);
        conn_close(c);
    }
    *ret_known = (int64_t)migrations_n;
    store_close(s);
    return e;
}

void store_close(store *s)
{
    if (s->w) writer_stop(s->w);
    ASSERT(s->n_free == s->n_open); /* no transaction is open any more */
    while (s->free) {
        conn *c = s->free;
        s->free = c->next;
        conn_close(c);
    }
    pthread_mutex_destroy(&s->lock);
    free((char *)s->o.path);
    free((char *)s->o.url);
    free((char *)s->o.schema);
    free(s);
}

void store_stop(void)
{
    signal(SIGABRT, SIG_DFL);
    abort();
}

bool store_is_pg(const store *s)
{
    return s->e->pg;
}
id128 store_instance(const store *s)
{
    return s->instance;
}
instant store_now(const store *s)
{
    return clock_now(s->o.clock);
}
writer *store_writer(store *s)
{
    return s->w;
}
const store_options *store_opened_with(const store *s)
{
    return &s->o;
}
uint64_t store_epoch(const store *s)
{
    return s->epoch;
}
uint64_t store_sights(const store *s)
{
    return s->sights;
}
void store_raise_epoch(store *s, bool sights)
{
    uint64_t next = ++epochs;
    if (sights) s->sights = next; /* first: who sees the new epoch sees that too */
    s->epoch = next;
}

/* ---- transactions ---- */

err txn_read(store *s, int64_t budget_steps, txn **ret)
{
    conn *c;
    uint64_t epoch = s->epoch, sights = s->sights; /* before the snapshot: what is cached under them
                                                      is never older than they say */
    TRY(take_conn(s, &c));
    txn *t = &c->t;
    t->magic = TXN_MAGIC;
    t->now = store_now(s);
    t->epoch = epoch;
    t->sights = sights;
    err e = c->e->command(c, "BEGIN", false);
    if (failed(e)) {
        c->broken = true;
        give_conn(s, c);
        return e;
    }
    c->e->budget(c, budget_steps);
    *ret = t;
    return OK;
}

void txn_end(txn *t)
{
    ASSERT(t->magic == TXN_MAGIC && !t->writes);
    conn *c = t->c;
    t->magic = 0;
    c->e->budget(c, 0);
    if (failed(c->e->command(c, "COMMIT", false))) c->broken = true;
    arena_reset(t->a);
    give_conn(t->s, c);
}

void txn_end_p(txn **t)
{
    if (*t) txn_end(*t);
    *t = NULL;
}

instant txn_now(const txn *t)
{
    return t->now;
}
store *txn_store(const txn *t)
{
    return t->s;
}
arena *txn_arena(txn *t)
{
    return t->a;
}
bool txn_writes(const txn *t)
{
    return t->writes;
}
uint64_t txn_epoch(const txn *t)
{
    return t->epoch;
}
uint64_t txn_sights(const txn *t)
{
    return t->sights;
}

void txn_raise_epoch(txn *t)
{
    ASSERT(t->writes);
    t->raises = true;
}

void txn_tell_hook(txn *t)
{
    ASSERT(t->writes);
    t->looked_at = true;
}

void txn_raise_sights(txn *t)
{
    ASSERT(t->writes);
    t->raises = t->raises_sights = true;
}

/* A statement that fails spoils its part of the group on both engines alike: PostgreSQL could not
 * go on, so SQLite does not either. */
err stmt_run(txn *t, const stmt_def *s, uint32_t mask, const cell *in, row_fn on_row, void *ctx,
        int64_t *ret_changed)
{
    ASSERT(t->magic == TXN_MAGIC && (t->writes || !s->writes));
    if (t->spoiled) return (err){ t->spoiled };
    err e = t->c->e->run(t->c, s, mask, in, on_row, ctx, ret_changed);
    if (failed(e) && t->writes && err_code_of(e) != E_ABSENT) t->spoiled = fault_copy(t->a, e.f);
    return e;
}

err stmt_check(txn *t, const stmt_def *s, uint32_t mask)
{
    ASSERT(t->magic == TXN_MAGIC);
    return t->c->e->check(t->c, s, mask);
}
