/* pg.c - PostgreSQL behind the engine's door, through libpq in pipeline mode: what has no result to
 * wait for (BEGIN, SAVEPOINT, COMMIT of a snapshot) travels with the next statement. Values go in
 * binary both ways. Owns PGconn and prepared statements. The thread is the connection's. */
#include "store/conn.h"
#include "store/pg_value.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

enum { PENDING_MAX = 64 };

/* What was sent and not answered yet, in order: 'q' a command, 's' a synchronisation point. */
typedef struct {
    char pending[PENDING_MAX];
    int n_pending;
    unsigned prepared;
} pg_more;

typedef struct {
    char name[16];
    const stmt_def *s;
} pg_prepared;

static err result_error(conn *c, const PGresult *r)
{
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    const char *constraint = r ? PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME) : NULL;
    const char *message = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    if (!message) message = PQerrorMessage(c->db);
    if (PQstatus(c->db) != CONNECTION_OK) c->broken = true;
    return dialect_pg_error(state ? state : "", constraint ? constraint : "", message);
}

static void push(conn *c, char kind)
{
    pg_more *m = c->more;
    ASSERT(m->n_pending < PENDING_MAX);
    m->pending[m->n_pending++] = kind;
}

static bool good(const PGresult *r)
{
    ExecStatusType st = PQresultStatus(r);
    return st == PGRES_COMMAND_OK || st == PGRES_TUPLES_OK || st == PGRES_EMPTY_QUERY;
}

/* Takes the answers to everything sent. *ret_last: the result of the last command, when all went
 * well; the first refusal otherwise. */
static err drain(conn *c, PGresult **ret_last)
{
    pg_more *m = c->more;
    PGresult *last = NULL;
    err e = OK;
    for (int i = 0; i < m->n_pending; i++) {
        PGresult *r = PQgetResult(c->db);
        if (!r || c->broken) {
            if (!failed(e)) e = result_error(c, r);
            c->broken = true;
            PQclear(r);
            break;
        }
        if (m->pending[i] == 's') {
            PQclear(r);
            continue;
        }
        if (!good(r) && !failed(e) && PQresultStatus(r) != PGRES_PIPELINE_ABORTED)
            e = result_error(c, r);
        PQclear(last);
        last = r;
        PQclear(PQgetResult(c->db)); /* the end of this command's results */
    }
    m->n_pending = 0;
    if (!failed(e) && last && !good(last)) e = ERR1(E_BUG, "error.store.sql", S("pipeline"));
    if (failed(e) || !ret_last) {
        PQclear(last);
        last = NULL;
    }
    if (ret_last) *ret_last = last;
    return e;
}

static err sync_and_drain(conn *c, PGresult **ret_last)
{
    if (!PQpipelineSync(c->db)) {
        c->broken = true;
        return result_error(c, NULL);
    }
    push(c, 's');
    c->deferred = false;
    return drain(c, ret_last);
}

/* What every transaction says is prepared with the connection: read by the engine once, not each
 * time. */
static const char *const said_often[] = { "BEGIN", "COMMIT", "SAVEPOINT part", "RELEASE part" };
static const char *const often_names[ARRAY_LEN(said_often)] = { "begin", "commit", "part",
    "part_end" };

static err prepare_often(conn *c)
{
    for (size_t i = 0; i < ARRAY_LEN(said_often); i++) {
        if (!PQsendPrepare(c->db, often_names[i], said_often[i], 0, NULL))
            return result_error(c, NULL);
        push(c, 'q');
    }
    return sync_and_drain(c, NULL);
}

static bool send_command(conn *c, const char *sql)
{
    for (size_t i = 0; i < ARRAY_LEN(said_often); i++)
        if (strcmp(sql, said_often[i]) == 0)
            return PQsendQueryPrepared(c->db, often_names[i], 0, NULL, NULL, NULL, 1);
    return PQsendQueryParams(c->db, sql, 0, NULL, NULL, NULL, NULL, 1);
}

static err pg_command(conn *c, const char *sql, bool wait)
{
    pg_more *m = c->more;
    if (m->n_pending > PENDING_MAX - 8) TRY(sync_and_drain(c, NULL));
    if (!send_command(c, sql)) {
        c->broken = true;
        return result_error(c, NULL);
    }
    push(c, 'q');
    if (!wait) {
        if (c->t.writes) return OK;
        if (sql[0] == 'B') return OK;
        bool sent = PQpipelineSync(c->db); /* a snapshot's end is not waited for, but leaves now */
        push(c, 's');
        return sent ? OK : result_error(c, NULL);
    }
    PGresult *r;
    TRY(sync_and_drain(c, &r));
    /* COMMIT of a failed transaction is answered as ROLLBACK, without an error. */
    bool undone = sql[0] == 'C' && r && strcmp(PQcmdStatus(r), "COMMIT") != 0;
    PQclear(r);
    return undone ? ERR1(E_IO, "error.store.io", S("COMMIT was answered with ROLLBACK")) : OK;
}

/* Scripts need the simple protocol. */
static err pg_script(conn *c, str sql)
{
    TRY(sync_and_drain(c, NULL));
    if (!PQexitPipelineMode(c->db)) return result_error(c, NULL);
    PGresult *r = PQexec(c->db, str_z(c->t.a, sql));
    err e = good(r) ? OK : result_error(c, r);
    PQclear(r);
    if (!PQenterPipelineMode(c->db)) c->broken = true;
    return e;
}

static void no_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

static err pg_setup(conn *c, bool is_writer)
{
    const store_options *o = store_opened_with(c->s);
    PQsetNoticeProcessor(c->db, no_notice, NULL);
    PQsetClientEncoding(c->db, "UTF8");
    if (!PQenterPipelineMode(c->db)) return result_error(c, NULL);
    str schema = str_of(o->schema);
    char *quoted = PQescapeIdentifier(c->db, schema.p, schema.n);
    if (!quoted) return result_error(c, NULL);
    if (is_writer) TRY(pg_script(c, str_fmt(c->t.a, "CREATE SCHEMA IF NOT EXISTS %s", quoted)));
    str path = str_fmt(c->t.a, "SET search_path TO %s", quoted);
    PQfreemem(quoted);
    TRY(pg_script(c, path));
    TRY(pg_script(c, str_of(dialect_session(true, is_writer))));
    return prepare_often(c);
}

static err pg_open(conn *c, const store_options *o, bool is_writer)
{
    c->more = calloc(1, sizeof(pg_more));
    ASSERT(c->more && PQisthreadsafe());
    c->db = PQconnectdb(o->url);
    str why = str_trim(str_of(PQerrorMessage(c->db)));
    if (PQstatus(c->db) == CONNECTION_OK) return pg_setup(c, is_writer);
    return store_writer(c->s) ? ERR1(E_BUSY, "error.store.away", why)
                              : ERR2(E_IO, "error.store.open", S("PostgreSQL"), why);
}

static void drop(conn *c, void *prepared)
{
    (void)c;
    free(prepared);
}

static void pg_close(conn *c)
{
    cache_free(&c->cache, drop, c);
    PQfinish(c->db);
    free(c->more);
}

/* Prepared along with its first use; *ret_new: the answer to PREPARE is among the pending ones. */
static err pg_prepare(conn *c, const stmt_def *s, uint32_t mask, pg_prepared **ret, bool *ret_new)
{
    cache_slot *slot = cache_find(&c->cache, s, mask);
    *ret = slot->prepared;
    *ret_new = !slot->prepared;
    if (slot->prepared) return OK;
    pg_more *m = c->more;
    pg_prepared *p = calloc(1, sizeof *p);
    ASSERT(p);
    p->s = s;
    snprintf(p->name, sizeof p->name, "s%u", ++m->prepared);
    Oid types[COLUMNS_MAX];
    ASSERT(s->n_in <= COLUMNS_MAX);
    for (int i = 0; i < s->n_in; i++)
        types[i] = pg_type(s->in[i]);
    str sql = stmt_text(c->t.a, s, mask, true);
    if (!PQsendPrepare(c->db, p->name, sql.p, s->n_in, types)) {
        free(p);
        c->broken = true;
        return result_error(c, NULL);
    }
    push(c, 'q');
    slot->prepared = *ret = p;
    return OK;
}

/* A statement that could not be prepared is forgotten. */
static void forget(conn *c, const stmt_def *s, uint32_t mask)
{
    cache_slot *slot = cache_find(&c->cache, s, mask);
    free(slot->prepared);
    slot->prepared = NULL;
}

static bool send_prepared(conn *c, const pg_prepared *p, const cell *in)
{
    const char *values[COLUMNS_MAX];
    int lengths[COLUMNS_MAX], formats[COLUMNS_MAX];
    pg_scratch scratch[COLUMNS_MAX];
    for (int i = 0; i < p->s->n_in; i++) {
        ASSERT(in[i].type == CELL_NULL || in[i].type == p->s->in[i]);
        values[i] = pg_put(&in[i], c->t.a, &scratch[i], &lengths[i]);
        formats[i] = 1;
    }
    return PQsendQueryPrepared(c->db, p->name, p->s->n_in, values, lengths, formats, 1);
}

static err tell_rows(const PGresult *r, const stmt_def *s, row_fn on_row, void *ctx)
{
    cell out[COLUMNS_MAX];
    int rows = PQntuples(r);
    ASSERT(s->n_out <= COLUMNS_MAX);
    if (PQnfields(r) != s->n_out) return ERR1(E_BUG, "error.store.columns", str_of(s->name));
    for (int row = 0; row < rows; row++) {
        for (int i = 0; i < s->n_out; i++)
            if (!pg_take(r, row, i, s->out[i], &out[i]))
                return ERR2(E_BUG, "error.store.type", str_of(s->name), str_of(PQfname(r, i)));
        if (on_row) TRY(on_row(ctx, out));
    }
    return OK;
}

/* A write of which nothing is asked travels with what follows; if it fails, its part of the group
 * does, at the latest when it ends. */
static bool may_wait(const conn *c, const stmt_def *s, bool is_new, const void *asked)
{
    return c->t.writes && s->writes && !s->n_out && !is_new && !asked;
}

static err pg_run(conn *c, const stmt_def *s, uint32_t mask, const cell *in, row_fn on_row,
        void *ctx, int64_t *ret_changed)
{
    pg_prepared *p;
    bool is_new;
    PGresult *r;
    if (((pg_more *)c->more)->n_pending > PENDING_MAX - 8) TRY(sync_and_drain(c, NULL));
    TRY(pg_prepare(c, s, mask, &p, &is_new));
    if (!send_prepared(c, p, in)) {
        c->broken = true;
        return result_error(c, NULL);
    }
    push(c, 'q');
    if (may_wait(c, s, is_new, ret_changed)) {
        c->deferred = true;
        return OK;
    }
    err e = sync_and_drain(c, &r);
    if (failed(e) && is_new) forget(c, s, mask);
    TRY(e);
    e = tell_rows(r, s, on_row, ctx);
    if (!failed(e) && ret_changed) *ret_changed = atoll(PQcmdTuples(r));
    PQclear(r);
    return e;
}

static err check_types(const PGresult *r, const stmt_def *s)
{
    if (PQnfields(r) != s->n_out) return ERR1(E_BUG, "error.store.columns", str_of(s->name));
    for (int i = 0; i < s->n_out; i++)
        if (PQftype(r, i) != pg_type(s->out[i]))
            return ERR2(E_BUG, "error.store.type", str_of(s->name), str_of(PQfname(r, i)));
    for (int i = 0; i < s->n_in; i++)
        if (PQparamtype(r, i) != pg_type(s->in[i]))
            return ERR1(E_BUG, "error.store.parameters", str_of(s->name));
    return OK;
}

static err pg_check(conn *c, const stmt_def *s, uint32_t mask)
{
    pg_prepared *p;
    bool is_new;
    PGresult *r;
    TRY(pg_prepare(c, s, mask, &p, &is_new));
    if (!PQsendDescribePrepared(c->db, p->name)) return result_error(c, NULL);
    push(c, 'q');
    err e = sync_and_drain(c, &r);
    if (failed(e) && is_new) forget(c, s, mask);
    TRY(e);
    e = check_types(r, s);
    PQclear(r);
    return e;
}

static void pg_budget(conn *c, int64_t steps)
{
    (void)c; /* statement_timeout stands in: reads of PostgreSQL run on the pool */
    (void)steps;
}

static bool pg_in_transaction(conn *c)
{
    return !c->broken && PQtransactionStatus(c->db) != PQTRANS_IDLE;
}

static err pg_revive(conn *c)
{
    if (!c->broken && PQstatus(c->db) == CONNECTION_OK) return OK;
    cache_free(&c->cache, drop, c);
    PQfinish(c->db);
    free(c->more);
    c->broken = c->deferred = false;
    return pg_open(c, store_opened_with(c->s), true);
}

const engine engine_pg = { true, pg_open, pg_close, pg_script, pg_run, pg_check, pg_command,
    pg_budget, pg_in_transaction, pg_revive };
