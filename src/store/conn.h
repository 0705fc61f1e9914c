/* conn.h - one connection to an engine and the transaction that runs on it. Owns the engine's
 * handle and its prepared statements. Included by src/store alone. A connection is one thread's at
 * a time: the writer's for good, a reader's from txn_read to txn_end. */
#pragma once
#include "store/store.h"
#include "store/dialect.h"

typedef struct conn conn;

/* Prepared statements of one connection by (statement, mask). */
typedef struct {
    const stmt_def *s;
    uint32_t mask;
    void *prepared;
} cache_slot;
typedef struct {
    cache_slot *slots; /* open addressing, cap is a power of two */
    size_t n, cap;
} cache;
/* The slot of (s, mask), made empty when it is new. Pointers last until the next call. */
cache_slot *cache_find(cache *c, const stmt_def *s, uint32_t mask);
void cache_free(cache *c, void (*drop)(conn *owner, void *prepared), conn *owner);
/* The text of s with the fragments of mask, in a. */
str stmt_text(arena *a, const stmt_def *s, uint32_t mask, bool pg);

/* What an engine does. Faults are this thread's. */
typedef struct engine {
    bool pg;
    err (*open)(conn *c, const store_options *o, bool writer);
    void (*close)(conn *c);
    err (*script)(conn *c, str sql); /* several statements, no results */
    err (*run)(conn *c, const stmt_def *s, uint32_t mask, const cell *in, row_fn on_row, void *ctx,
            int64_t *ret_changed);
    err (*check)(conn *c, const stmt_def *s, uint32_t mask);
    /* A statement without result; `wait` false may be sent along with the next one. */
    err (*command)(conn *c, const char *sql, bool wait);
    void (*budget)(conn *c, int64_t steps);
    bool (*in_transaction)(conn *c); /* false: the engine ended the transaction on its own */
    err (*revive)(conn *c);          /* before a group: a lost connection is made anew */
} engine;
extern const engine engine_sqlite, engine_pg;

enum { TXN_MAGIC = 0x74786e21, COLUMNS_MAX = 96 };
struct txn {
    uint32_t magic;
    conn *c;
    store *s;
    arena *a;
    instant now;
    bool writes;
    uint64_t sights;
    uint64_t epoch;
    const fault *spoiled; /* a statement failed in this part: it will be undone */
    bool raises;          /* this part changes who may see what */
    bool looked_at;       /* this part has something for the hook before the commit */
    bool raises_sights;   /* and which audiences there are, or who belongs to them */
};

struct conn {
    const engine *e;
    store *s;
    void *db;   /* sqlite3 or PGconn */
    void *more; /* the engine's own */
    cache cache;
    int64_t budget_left;
    bool budgeted, broken; /* broken: not to be used again */
    bool deferred;         /* a write was sent whose answer has not come yet */
    txn t;
    conn *next;
};

MUST_USE err conn_open(store *s, bool writer, conn **ret);
void conn_close(conn *c);

/* ---- the store itself, for writer.c ---- */
typedef struct writer writer;
MUST_USE err writer_start(store *s, conn *c, writer **ret);
/* Runs what is queued, then ends. */
void writer_stop(writer *w);
instant store_now(const store *s);
void store_raise_epoch(store *s, bool sights);
/* Ends the process because the store's disk or server failed. What other threads have in hand is
 * not to blame: no handler marks it as having crashed the program. */
_Noreturn void store_stop(void);
writer *store_writer(store *s);
const store_options *store_opened_with(const store *s);
