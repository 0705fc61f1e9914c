/* store.h - one realm's record store behind one interface: SQLite (WAL, synchronous=FULL) or
 * PostgreSQL. Owns connections, prepared statements, the group-commit writer. Included by generated
 * query code and by layers above; nothing above sees an engine. Threads: store_open/close on one;
 * txn_read and store_submit on any; a txn stays on the thread that got it. */
#pragma once
#include "base/base.h"

typedef struct store store;
typedef struct txn txn;

/* ---- values on their way to and from SQL ---- */
typedef enum {
    CELL_NULL,
    CELL_I64,
    CELL_F64,
    CELL_BOOL,
    CELL_TEXT,
    CELL_BLOB,
    CELL_LIST,
} cell_type;
typedef struct {
    cell_type type;
    union {
        int64_t i; /* CELL_I64, also instants (microseconds UTC); CELL_BOOL as 0 or 1 */
        double f;
        str s; /* CELL_TEXT, CELL_BLOB; borrowed for the call (in) or the row callback (out).
                  CELL_LIST: int64_t, ascending; in only, for among(list, value) */
    };
} cell;

/* One statement of a queries.sql, made by tools/gen/queries.py. text is cut at its optional
 * fragments ({? name: ... }): fragment i is used when bit i of the mask is set. */
typedef struct stmt_def {
    const char *name;          /* "finding_queue" */
    const char *const *sqlite; /* pieces: fixed, optional 0, fixed, optional 1, ..., fixed */
    const char *const *pg;
    uint8_t n_optional, n_in, n_out;
    const cell_type *in, *out;
    uint32_t index; /* position in all_statements[] */
    bool writes;
    bool tells_row; /* SQLite: the row number that an INSERT made is its one answer.
                       RETURNING there costs a statement journal, whose end walks
                       all that the savepoint has touched */
} stmt_def;

/* Runs one statement. in has n_in cells. on_row is called for each row on this thread; a fault from
 * it stops the statement and is returned. Errors: E_CONFLICT (unique), E_BUSY (budget spent), E_IO.
 */
typedef err (*row_fn)(void *ctx, const cell *out);
MUST_USE err stmt_run(txn *t, const stmt_def *s, uint32_t mask, const cell *in, row_fn on_row,
        void *ctx, int64_t *ret_changed);

/* ---- opening ---- */
typedef struct {
    const char *path; /* SQLite file; NULL when url is given */
    const char *url;  /* postgresql://... ; its schema (search_path) is `schema` */
    const char *schema;
    const clock_src *clock;
    int max_readers; /* read connections kept; 0: 8 */
} store_options;
/* Opens, brings the schema up to date (embedded forward migrations with checksums, one transaction
 * each, an advisory lock on PostgreSQL). Errors: E_IO, E_CONFIG (checksum differs, newer schema).
 */
MUST_USE err store_open(const store_options *o, store **ret);
/* Finishes the writes in hand, refuses new ones (E_BUSY), stops the writer, checkpoints, closes. */
void store_close(store *s);
bool store_is_pg(const store *s);
/* Removes a schema and all in it from the PostgreSQL at url. E_IO. */
MUST_USE err store_drop_schema(const char *url, const char *schema);

/* ---- reading ---- */
/* A consistent snapshot on a connection of this thread's. budget_steps 0 = none; SQLite stops with
 * E_BUSY after about that many VM steps, so that an inline read can be handed to the pool. */
MUST_USE err txn_read(store *s, int64_t budget_steps, txn **ret);
void txn_end(txn *t);          /* read transactions only */
void txn_end_p(txn **t);       /* for CLEANUP() */
instant txn_now(const txn *t); /* the realm's clock when the transaction began */
store *txn_store(const txn *t);
arena *txn_arena(txn *t); /* goes with the transaction */
bool txn_writes(const txn *t);

/* ---- writing: one writer thread, group commit ---- */
/* apply runs on the writer thread inside the group's transaction, in its own savepoint: a fault
 * undoes its part alone. done runs on the writer thread after the group is durable (or with apply's
 * fault, or E_IO). Slices stay under 10 ms: long work submits itself again. A failed fsync or
 * commit stops the process (abort) before any done is called with success. */
typedef struct write_job write_job;
struct write_job {
    err (*apply)(txn *t, void *ctx);
    void (*done)(void *ctx, err result);
    void *ctx;
    write_job *next;     /* the store's while it is queued */
    const fault *fault_; /* the store's */
};
/* Queues; the job's memory is the caller's until done. E_BUSY when the queue (4,096) is full or the
 * store is closing: done is then not called. */
MUST_USE err store_submit(store *s, write_job *j);
/* Submits and waits: for commands, jobs and tests; never on the writer or an HTTP thread. */
MUST_USE err store_write(store *s, err (*apply)(txn *t, void *ctx), void *ctx);
/* Hooks of a group of which one part has called txn_tell_hook: before runs inside the transaction
 * just before COMMIT (ledger sealing), after runs once it is durable (waking followers). Set once,
 * before the first write. */
void store_on_commit(
        store *s, err (*before)(txn *t, void *ctx), void (*after)(void *ctx), void *ctx);

/* ---- PostgreSQL and SQLite differ in about six things: store/dialect.c has them all ---- */
/* ---- every statement of the program, for tests that prepare each on both engines ---- */
extern const stmt_def *const all_statements[];
extern const size_t all_statements_n;
/* Prepares s with the mask and compares the engine's column count (and on PostgreSQL parameter and
 * result types) with the declaration. */
MUST_USE err stmt_check(txn *t, const stmt_def *s, uint32_t mask);

/* Runs fn within a writing t and takes back all that it wrote: what it would have said is returned.
 * For an act that is only to be kept when it could be done now. */
MUST_USE err txn_trial(txn *t, err (*fn)(void *ctx), void *ctx);

/* ---- the store's own id, and when access must be looked at again ---- */
/* Made with the store: the origin of the records made in it. */
id128 store_instance(const store *s);
/* Rises after each group that changed who may see what; no two stores ever have the same one. What
 * is computed in a transaction may be cached under txn_epoch(t), which was taken before its
 * snapshot. */
uint64_t store_epoch(const store *s);
uint64_t txn_epoch(const txn *t);
void txn_raise_epoch(txn *t); /* in a writing transaction; takes effect when it is durable */
/* Says that the hooks (store_on_commit) have something to look at. */
void txn_tell_hook(txn *t);
/* Likewise, and rises with the other, for groups and audiences alone: which audiences somebody sees
 * needs to be found out again only then. */
uint64_t store_sights(const store *s);
uint64_t txn_sights(const txn *t);
void txn_raise_sights(txn *t);
