/* copy_pg.c - PostgreSQL's rows by COPY within the one repeatable-read transaction, by libpq alone:
 * no program is started, which the server could not, and no version of a tool has to fit. In: the
 * steps of the tables as they were then, the rows, the places of the counters; all of it in one
 * transaction. A file TABLE.copy begins with the table's columns and goes on as COPY writes. Owns
 * nothing; the connection is out of pipeline mode meanwhile. */
#include "base/thread.h"
#include "base/time.h"
#include "store/conn.h"
#include "store/copy.h"
#include "store/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH = 4300, HEAD_MAX = 8192, PART = 1 << 16, FLUSH_BYTES = 4 << 20 };

static err fault_of(PGconn *c, const PGresult *r)
{
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    const char *words = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    return dialect_pg_error(state ? state : "", "", words ? words : PQerrorMessage(c));
}

/* *ret: the answer, or NULL when it is not asked for. */
static err ask(PGconn *c, str sql, PGresult **ret)
{
    CLEANUP(arena_free_p) arena *a = arena_new(64 << 20);
    PGresult *r = PQexec(c, str_z(a, sql));
    ExecStatusType s = PQresultStatus(r);
    if (s != PGRES_COMMAND_OK && s != PGRES_TUPLES_OK && s != PGRES_COPY_OUT &&
            s != PGRES_COPY_IN && s != PGRES_EMPTY_QUERY) {
        err e = fault_of(c, r);
        PQclear(r);
        return e;
    }
    if (ret)
        *ret = r;
    else
        PQclear(r);
    return OK;
}

/* What comes is not the pipeline's; what was sent before has been answered. */
static err plain(conn *c)
{
    TRY(c->e->script(c, S("SELECT 1")));
    if (!PQexitPipelineMode(c->db)) {
        c->broken = true;
        return fault_of(c->db, NULL);
    }
    return OK;
}

static void piped(conn *c)
{
    if (!PQenterPipelineMode(c->db)) c->broken = true;
}

static str value(const PGresult *r, int row, int col)
{
    return (str){ PQgetvalue(r, row, col), (size_t)PQgetlength(r, row, col) };
}

/* Each table of this schema with its columns in order, apart by commas. */
static err tables(PGconn *c, PGresult **ret)
{
    return ask(c,
            S("SELECT t.relname, string_agg(a.attname, ',' ORDER BY a.attnum)"
              " FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0"
              " AND NOT a.attisdropped AND a.attgenerated = ''"
              " WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r'"
              " GROUP BY t.relname ORDER BY t.relname"),
            ret);
}

/* ---- out ---- */

typedef struct {
    conn *c;
    const char *dir;
    const store_copy_watch *w;
} copying;

/* What was written goes to the disk now, not all at the end with others' commits behind it. */
static int64_t flush(FILE *f)
{
    int64_t began = monotonic_us();
    (void)!fflush(f);
    (void)!sync_file_range(
            fileno(f), 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE);
    thread_rests(began);
    return 0;
}

static err stream_out(copying *x, FILE *f)
{
    char *part = NULL;
    int n;
    int64_t since = 0;
    while ((n = PQgetCopyData(x->c->db, &part, 0)) > 0) {
        bool bad = fwrite(part, 1, (size_t)n, f) != (size_t)n;
        PQfreemem(part);
        if (x->w->bytes_out) *x->w->bytes_out += n;
        if ((since += n) > FLUSH_BYTES) since = flush(f);
        if (bad || (x->w->stop && *x->w->stop)) { /* the rest would have to be read: it ends here */
            x->c->broken = true;
            return bad ? err_errno("error.store.copy_write", str_of(x->dir))
                       : ERR(E_BUSY, "error.store.copy_stopped");
        }
    }
    return n == -1 ? OK : fault_of(x->c->db, NULL);
}

/* The rows that COPY says it gave. */
static err end_out(PGconn *c, int64_t *ret_rows)
{
    PGresult *r = PQgetResult(c), *last;
    err e = PQresultStatus(r) == PGRES_COMMAND_OK ? OK : fault_of(c, r);
    if (!failed(e)) *ret_rows = atoll(PQcmdTuples(r)); /* allow atoll: libpq's own digits */
    PQclear(r);
    while ((last = PQgetResult(c)))
        PQclear(last);
    return e;
}

static err table_out(copying *x, str name, str columns)
{
    char path[PATH];
    int64_t rows = 0;
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    snprintf(path, sizeof path, "%s/%.*s.copy", x->dir, STR_ARG(name));
    FILE *f = fopen(path, "wxe");
    if (!f) return err_errno("error.store.copy_write", str_of(path));
    fprintf(f, "%.*s\n", STR_ARG(columns));
    err e = ask(x->c->db, str_fmt(a, "COPY %.*s (%.*s) TO STDOUT", STR_ARG(name), STR_ARG(columns)),
            NULL);
    if (!failed(e)) e = stream_out(x, f);
    if (!failed(e)) e = end_out(x->c->db, &rows);
    if (fclose(f) && !failed(e)) e = err_errno("error.store.copy_write", str_of(path));
    if (!failed(e) && x->w->table) e = x->w->table(x->w->ctx, name, rows);
    return e;
}

/* Where each counter of rows stands: no number is given twice, though its row be gone. */
static err counters_out(copying *x)
{
    char path[PATH];
    PGresult *r;
    snprintf(path, sizeof path, "%s/counters", x->dir);
    TRY(ask(x->c->db,
            S("SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences"
              " WHERE schemaname = current_schema() ORDER BY sequencename"),
            &r));
    FILE *f = fopen(path, "wxe");
    for (int i = 0; f && i < PQntuples(r); i++)
        fprintf(f, "%s %s\n", PQgetvalue(r, i, 0), PQgetvalue(r, i, 1));
    PQclear(r);
    return f && fclose(f) == 0 ? OK : err_errno("error.store.copy_write", str_of(path));
}

static err tables_out(copying *x)
{
    PGresult *r;
    TRY(ask(x->c->db, S("SET LOCAL statement_timeout = 0"), NULL));
    TRY(tables(x->c->db, &r));
    err e = OK;
    for (int i = 0; !failed(e) && i < PQntuples(r); i++)
        if (!copy_is_keys(value(r, i, 0))) e = table_out(x, value(r, i, 0), value(r, i, 1));
    PQclear(r);
    return failed(e) ? e : counters_out(x);
}

err copy_out_pg(txn *t, const char *dir, const store_copy_watch *w)
{
    copying x = { t->c, dir, w };
    TRY(plain(t->c));
    err e = tables_out(&x);
    piped(t->c);
    return e;
}

static err count_one(PGconn *c, str name, const store_copy_watch *w)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    PGresult *r;
    int64_t rows = 0;
    TRY(ask(c, str_fmt(a, "SELECT count(*) FROM %.*s", STR_ARG(name)), &r));
    bool good = str_to_i64(value(r, 0, 0), &rows);
    PQclear(r);
    return good ? w->table(w->ctx, name, rows) : ERR1(E_BUG, "error.store.type", name);
}

static err count_all(PGconn *c, const store_copy_watch *w)
{
    PGresult *r;
    TRY(tables(c, &r));
    err e = OK;
    for (int i = 0; w->table && !failed(e) && i < PQntuples(r); i++)
        if (!copy_is_keys(value(r, i, 0))) e = count_one(c, value(r, i, 0), w);
    PQclear(r);
    return e;
}

err copy_count_pg(txn *t, const store_copy_watch *w)
{
    TRY(plain(t->c));
    err e = count_all(t->c->db, w);
    piped(t->c);
    return e;
}

/* ---- in ---- */

static bool word_fits(str s, bool commas)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (!good && !(commas && c == ',')) return false;
    }
    return s.n > 0 && s.n < HEAD_MAX / 2;
}

static err form(const char *name)
{
    return ERR1(E_INVALID, "error.store.fill_form", str_of(name));
}

static err stream_in(PGconn *c, FILE *f)
{
    char part[PART];
    size_t n;
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        if (PQputCopyData(c, part, (int)n) != 1) return fault_of(c, NULL);
    if (ferror(f)) return err_errno("error.store.copy_write", S("COPY"));
    if (PQputCopyEnd(c, NULL) != 1) return fault_of(c, NULL);
    int64_t rows;
    return end_out(c, &rows);
}

/* name: of the table. Its first line says the columns. */
static err table_in(PGconn *c, const char *dir, str name)
{
    char path[PATH], head[HEAD_MAX];
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    snprintf(path, sizeof path, "%s/%.*s.copy", dir, STR_ARG(name));
    FILE *f = fopen(path, "re");
    if (!f) return err_errno("error.store.copy_write", str_of(path));
    str columns = fgets(head, sizeof head, f) ? str_trim(str_of(head)) : (str){ 0 };
    err e = word_fits(columns, true) ? OK : form(path);
    if (!failed(e))
        e = ask(c, str_fmt(a, "COPY %.*s (%.*s) FROM STDIN", STR_ARG(name), STR_ARG(columns)),
                NULL);
    if (!failed(e)) e = stream_in(c, f);
    fclose(f);
    return e;
}

static err tables_in(PGconn *c, const char *dir)
{
    struct dirent *d;
    DIR *all = opendir(dir);
    err e = OK;
    if (!all) return err_errno("error.store.copy_write", str_of(dir));
    while (!failed(e) && (d = readdir(all))) {
        str file = str_of(d->d_name);
        if (!str_ends(file, S(".copy"))) continue;
        str name = str_sub(file, 0, file.n - 5);
        e = word_fits(name, false) && !copy_is_keys(name) ? table_in(c, dir, name)
                                                          : form(d->d_name);
    }
    closedir(all);
    return e;
}

static err counter_in(PGconn *c, str line)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    str name;
    int64_t at;
    if (!str_split(&line, ' ', &name) || !word_fits(name, false) || !str_to_i64(line, &at))
        return form("counters");
    return at < 1 ? OK
                  : ask(c, str_fmt(a, "SELECT setval('%.*s', %lld)", STR_ARG(name), (long long)at),
                            NULL);
}

static err counters_in(PGconn *c, const char *dir)
{
    char path[PATH], line[256];
    snprintf(path, sizeof path, "%s/counters", dir);
    FILE *f = fopen(path, "re");
    if (!f) return err_errno("error.store.copy_write", str_of(path));
    err e = OK;
    while (!failed(e) && fgets(line, sizeof line, f))
        e = counter_in(c, str_trim(str_of(line)));
    fclose(f);
    return e;
}

static err key_in(void *ctx, str table, str id, str hex, str at)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    bool none = str_eq(hex, S("-")), never = str_eq(at, S("-"));
    return ask(ctx,
            str_fmt(a, "INSERT INTO %.*s VALUES (%.*s, %s%.*s%s, %.*s)", STR_ARG(table),
                    STR_ARG(id), none ? "" : "'\\x", STR_ARG(none ? S("NULL") : hex),
                    none ? "" : "'", STR_ARG(never ? S("NULL") : at)),
            NULL);
}

static err steps_in(PGconn *c, int64_t step)
{
    TRY(ask(c,
            S("CREATE TABLE schema_migration (number BIGINT PRIMARY KEY, checksum TEXT NOT NULL,"
              " applied BIGINT NOT NULL)"),
            NULL));
    for (int64_t i = 0; i < step; i++)
        TRY(ask(c, str_of(migrations[i].sql[1]), NULL));
    return OK;
}

static err all_in(PGconn *c, const char *dir, int64_t step, str keys)
{
    TRY(ask(c, S("BEGIN; SET LOCAL statement_timeout = 0"), NULL));
    TRY(steps_in(c, step));
    TRY(tables_in(c, dir));
    TRY(copy_key_lines(keys, key_in, c));
    TRY(counters_in(c, dir));
    return ask(c, S("COMMIT"), NULL);
}

static void no_notice(void *arg, const char *message)
{
    (void)arg, (void)message;
}

/* The schema is made by us or it is refused: what somebody works in is never written over. */
static err schema_make(PGconn *c, arena *a, const char *schema)
{
    char *name = PQescapeIdentifier(c, schema, strlen(schema));
    if (!name) return fault_of(c, NULL);
    PQsetNoticeProcessor(c, no_notice, NULL);
    err e = ask(c, str_fmt(a, "CREATE SCHEMA %s", name), NULL);
    if (failed(e)) e = ERR1(E_CONFLICT, "error.store.fill_there", str_of(schema));
    if (!failed(e))
        e = ask(c, str_fmt(a, "SET search_path TO %s; SET synchronous_commit = on", name), NULL);
    PQfreemem(name);
    return e;
}

err fill_pg(const store_options *o, const char *dir, int64_t step, str keys)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    PGconn *c = PQconnectdb(o->url);
    if (PQstatus(c) != CONNECTION_OK) {
        err e = ERR2(
                E_IO, "error.store.open", S("PostgreSQL"), str_trim(str_of(PQerrorMessage(c))));
        PQfinish(c);
        return e;
    }
    err e = schema_make(c, a, o->schema);
    bool made = !failed(e);
    if (made) e = all_in(c, dir, step, keys);
    PQfinish(c);
    if (!failed(e) || !made) return e;
    err gone = store_drop_schema(o->url, o->schema);
    (void)gone; /* the first fault is the one to tell */
    return e;
}
