/* sqlite.c - SQLite behind the engine's door. Owns sqlite3 handles and statements. The thread is
 * the connection's; handles are opened without SQLite's own mutexes. */
#include "store/checkpoint.h"
#include "store/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <stdio.h>
#include <unistd.h>

enum { BUSY_MS = 10000, BUDGET_GRAIN = 500 };

static err lite_error(conn *c)
{
    return dialect_sqlite_error(sqlite3_extended_errcode(c->db), sqlite3_errmsg(c->db));
}

static err lite_script(conn *c, str sql)
{
    char *z = str_z(c->t.a, sql);
    return sqlite3_exec(c->db, z, NULL, NULL, NULL) == SQLITE_OK ? OK : lite_error(c);
}

/* The file is made for its owner alone; the -wal and -shm files follow its mode. */
static err make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return err_errno("error.store.open", str_of(path));
    close(fd);
    return OK;
}

/* Without counting its memory, which takes one lock of all threads at each allocation. Refused when
 * something else in the process has opened SQLite before: then it counts. */
static void configure(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static pthread_once_t configured = PTHREAD_ONCE_INIT;

static int after_commit(void *ctx, sqlite3 *db, const char *name, int pages)
{
    (void)name;
    checkpoint_hint(ctx, db, pages);
    return SQLITE_OK;
}

/* among(list, value): is the value in a bound list of ascending int64_t? */
static void among(sqlite3_context *ctx, int n, sqlite3_value **in)
{
    const int64_t *list = sqlite3_value_blob(in[0]);
    size_t all = (size_t)sqlite3_value_bytes(in[0]) / sizeof *list, from = 0, to = all;
    int64_t value = sqlite3_value_int64(in[1]);
    (void)n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (list[mid] < value)
            from = mid + 1;
        else
            to = mid;
    }
    sqlite3_result_int(ctx, from < all && list[from] == value);
}

static err lite_functions(conn *c)
{
    int rc = sqlite3_create_function_v2(
            c->db, "among", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, among, NULL, NULL, NULL);
    return rc == SQLITE_OK ? OK : lite_error(c);
}

/* What the access oracle plays on loses nothing of worth with the power. */
static err hurry(conn *c)
{
#ifdef MINAR_FAULTS
    if (!getenv("MINAR_SYNCED")) return lite_script(c, S("PRAGMA synchronous = OFF"));
#endif
    return OK;
}

static err lite_open(conn *c, const store_options *o, bool is_writer)
{
    sqlite3 *db = NULL;
    ASSERT(sqlite3_threadsafe());
    pthread_once(&configured, configure);
    if (is_writer) TRY(make_file(o->path));
    int rc = sqlite3_open_v2(o->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    c->db = db;
    if (rc != SQLITE_OK)
        return ERR2(E_IO, "error.store.open", str_of(o->path), str_of(sqlite3_errstr(rc)));
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, BUSY_MS);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    TRY(lite_functions(c));
    TRY(lite_script(c, str_of(dialect_session(false, is_writer))));
    if (!is_writer) return OK;
    TRY(hurry(c));
    checkpoint *beside;
    TRY(checkpoint_start(o->path, &beside));
    c->more = beside;
    sqlite3_wal_hook(db, after_commit, beside);
    return OK;
}

static void drop(conn *c, void *prepared)
{
    (void)c;
    sqlite3_finalize(prepared);
}

static void lite_close(conn *c)
{
    checkpoint_stop(c->more);
    cache_free(&c->cache, drop, c);
    ASSERT(sqlite3_close(c->db) == SQLITE_OK);
}

static err lite_prepare(conn *c, const stmt_def *s, uint32_t mask, sqlite3_stmt **ret)
{
    cache_slot *slot = cache_find(&c->cache, s, mask);
    if (!slot->prepared) {
        str sql = stmt_text(c->t.a, s, mask, false);
        sqlite3_stmt *made = NULL;
        if (sqlite3_prepare_v3(
                    c->db, sql.p, (int)sql.n + 1, SQLITE_PREPARE_PERSISTENT, &made, NULL))
            return err_at_pointer(lite_error(c), str_of(s->name));
        slot->prepared = made;
    }
    *ret = slot->prepared;
    return OK;
}

static int bind_cell(sqlite3_stmt *p, int i, const cell *v)
{
    switch (v->type) {
    case CELL_NULL:
        return sqlite3_bind_null(p, i);
    case CELL_I64:
    case CELL_BOOL:
        return sqlite3_bind_int64(p, i, v->i);
    case CELL_F64:
        return sqlite3_bind_double(p, i, v->f);
    case CELL_TEXT:
        return sqlite3_bind_text64(p, i, v->s.p ? v->s.p : "", v->s.n, SQLITE_STATIC, SQLITE_UTF8);
    case CELL_BLOB:
    case CELL_LIST:
        return sqlite3_bind_blob64(p, i, v->s.p ? v->s.p : "", v->s.n, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

static err bind_all(conn *c, sqlite3_stmt *p, const stmt_def *s, const cell *in)
{
    int used = sqlite3_bind_parameter_count(p);
    ASSERT(used <= s->n_in);
    for (int i = 0; i < used; i++) {
        ASSERT(in[i].type == CELL_NULL || in[i].type == s->in[i]);
        if (bind_cell(p, i + 1, &in[i]) != SQLITE_OK) return lite_error(c);
    }
    return OK;
}

/* Whether SQLite's value may stand for the declared type. */
static bool fits(cell_type want, int is)
{
    switch (want) {
    case CELL_I64:
    case CELL_BOOL:
        return is == SQLITE_INTEGER;
    case CELL_F64:
        return is == SQLITE_FLOAT || is == SQLITE_INTEGER;
    case CELL_TEXT:
        return is == SQLITE_TEXT;
    case CELL_BLOB:
        return is == SQLITE_BLOB;
    default:
        return false;
    }
}

static bool take_column(sqlite3_stmt *p, int i, cell_type want, cell *ret)
{
    int is = sqlite3_column_type(p, i);
    *ret = (cell){ .type = is == SQLITE_NULL ? CELL_NULL : want };
    if (is == SQLITE_NULL) return true;
    if (!fits(want, is)) return false;
    if (want == CELL_F64)
        ret->f = sqlite3_column_double(p, i);
    else if (want == CELL_TEXT)
        ret->s = (str){ (const char *)sqlite3_column_text(p, i),
            (size_t)sqlite3_column_bytes(p, i) };
    else if (want == CELL_BLOB)
        ret->s = (str){ sqlite3_column_blob(p, i), (size_t)sqlite3_column_bytes(p, i) };
    else
        ret->i = sqlite3_column_int64(p, i);
    if (want == CELL_BLOB && !ret->s.p) ret->s = S("");
    return true;
}

static err tell_row(sqlite3_stmt *p, const stmt_def *s, row_fn on_row, void *ctx)
{
    cell out[COLUMNS_MAX];
    ASSERT(s->n_out <= COLUMNS_MAX);
    for (int i = 0; i < s->n_out; i++)
        if (!take_column(p, i, s->out[i], &out[i]))
            return ERR2(
                    E_BUG, "error.store.type", str_of(s->name), str_of(sqlite3_column_name(p, i)));
    return on_row ? on_row(ctx, out) : OK;
}

static err lite_run(conn *c, const stmt_def *s, uint32_t mask, const cell *in, row_fn on_row,
        void *ctx, int64_t *ret_changed)
{
    sqlite3_stmt *p;
    TRY(lite_prepare(c, s, mask, &p));
    err e = bind_all(c, p, s, in);
    int rc = SQLITE_DONE;
    while (!failed(e) && (rc = sqlite3_step(p)) == SQLITE_ROW)
        e = tell_row(p, s, on_row, ctx);
    if (!failed(e) && rc != SQLITE_DONE) e = lite_error(c);
    if (!failed(e) && s->tells_row && on_row)
        e = on_row(ctx, &(cell){ CELL_I64, { .i = sqlite3_last_insert_rowid(c->db) } });
    if (!failed(e) && ret_changed) *ret_changed = s->writes ? sqlite3_changes64(c->db) : 0;
    sqlite3_reset(p);
    return e;
}

static err lite_check(conn *c, const stmt_def *s, uint32_t mask)
{
    sqlite3_stmt *p;
    TRY(lite_prepare(c, s, mask, &p));
    if (sqlite3_column_count(p) != (s->tells_row ? 0 : s->n_out))
        return ERR1(E_BUG, "error.store.columns", str_of(s->name));
    if (sqlite3_bind_parameter_count(p) > s->n_in)
        return ERR1(E_BUG, "error.store.parameters", str_of(s->name));
    if ((sqlite3_stmt_readonly(p) != 0) == s->writes)
        return ERR1(E_BUG, "error.store.writes", str_of(s->name));
    return OK;
}

/* BEGIN, SAVEPOINT and their like: prepared once, found by the literal's address. */
static err lite_command(conn *c, const char *sql, bool wait)
{
    (void)wait;
    cache_slot *slot = cache_find(&c->cache, (const stmt_def *)(const void *)sql, UINT32_MAX);
    if (!slot->prepared) {
        sqlite3_stmt *made = NULL;
        if (sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, NULL))
            return lite_error(c);
        slot->prepared = made;
    }
    int rc = sqlite3_step(slot->prepared);
    err e = rc == SQLITE_DONE ? OK : lite_error(c);
    sqlite3_reset(slot->prepared);
    return e;
}

static int spend(void *ctx)
{
    conn *c = ctx;
    c->budget_left -= BUDGET_GRAIN;
    return c->budget_left < 0;
}

static void lite_budget(conn *c, int64_t steps)
{
    if (!steps && !c->budgeted) return;
    c->budget_left = steps;
    c->budgeted = steps != 0;
    sqlite3_progress_handler(c->db, steps ? BUDGET_GRAIN : 0, steps ? spend : NULL, c);
}

static bool lite_in_transaction(conn *c)
{
    return !sqlite3_get_autocommit(c->db);
}

static err lite_revive(conn *c)
{
    (void)c;
    return OK;
}

const engine engine_sqlite = { false, lite_open, lite_close, lite_script, lite_run, lite_check,
    lite_command, lite_budget, lite_in_transaction, lite_revive };
