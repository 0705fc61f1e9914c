/* copy_sqlite.c - SQLite's own copy of a snapshot, page by page with pauses, so that writers beside
 * it hardly notice; and a store of such a copy. Owns the second handle. The copy's keys are deleted
 * and overwritten before it is told. */
#include "base/thread.h"
#include "base/time.h"
#include "store/conn.h"
#include "store/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEP_PAGES = 256, PATH = 4300 };

static err fault_of(sqlite3 *db)
{
    return dialect_sqlite_error(sqlite3_extended_errcode(db), sqlite3_errmsg(db));
}

static err run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? OK : fault_of(db);
}

static err db_open(const char *path, bool make, sqlite3 **ret)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (make ? SQLITE_OPEN_CREATE : 0);
    int rc = sqlite3_open_v2(path, ret, flags, NULL);
    if (rc != SQLITE_OK)
        return ERR2(E_IO, "error.store.open", str_of(path), str_of(sqlite3_errstr(rc)));
    sqlite3_busy_timeout(*ret, 2000);
    return OK;
}

/* ---- out ---- */

/* What was written goes to the disk now and not all at the end, when the commits of others would
 * stand behind it. */
static void flush(int fd)
{
    (void)!sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE);
}

static err pages(sqlite3 *from, sqlite3 *to, int fd, const store_copy_watch *w)
{
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
    int rc = SQLITE_OK, last = 0;
    if (!b) return fault_of(to);
    while (rc == SQLITE_OK && !(w->stop && *w->stop)) {
        int64_t began = monotonic_us();
        rc = sqlite3_backup_step(b, STEP_PAGES);
        int done = sqlite3_backup_pagecount(b) - sqlite3_backup_remaining(b);
        if (w->bytes_out) *w->bytes_out += (int64_t)(done - last) * 4096;
        last = done;
        flush(fd);
        thread_rests(began);
    }
    int end = sqlite3_backup_finish(b);
    if (rc == SQLITE_OK) return ERR(E_BUSY, "error.store.copy_stopped");
    return end == SQLITE_OK ? OK : dialect_sqlite_error(end, sqlite3_errstr(end));
}

/* It is copied on as one file: no log beside it, and nothing of the keys on its free pages. */
static err settle(sqlite3 *db)
{
    return run(db, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF;"
                   "PRAGMA secure_delete = ON; DELETE FROM person_key; DELETE FROM file_key");
}

static err count_one(sqlite3 *db, str name, const store_copy_watch *w)
{
    sqlite3_stmt *p = NULL;
    char *sql = sqlite3_mprintf("SELECT count(*) FROM \"%.*w\"", STR_ARG(name));
    int rc = sqlite3_prepare_v2(db, sql, -1, &p, NULL);
    sqlite3_free(sql);
    if (rc == SQLITE_OK) rc = sqlite3_step(p);
    int64_t rows = rc == SQLITE_ROW ? sqlite3_column_int64(p, 0) : 0;
    err e = rc == SQLITE_ROW ? OK : fault_of(db);
    sqlite3_finalize(p);
    return failed(e) ? e : w->table(w->ctx, name, rows);
}

static err count_all(sqlite3 *db, const store_copy_watch *w)
{
    sqlite3_stmt *p = NULL;
    if (!w->table) return OK;
    if (sqlite3_prepare_v2(db,
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%'"
                " ESCAPE '!' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
                -1, &p, NULL) != SQLITE_OK)
        return fault_of(db);
    err e = OK;
    int rc = SQLITE_DONE;
    while (!failed(e) && (rc = sqlite3_step(p)) == SQLITE_ROW) {
        str name = { (const char *)sqlite3_column_text(p, 0), (size_t)sqlite3_column_bytes(p, 0) };
        if (!copy_is_keys(name)) e = count_one(db, name, w);
    }
    if (!failed(e) && rc != SQLITE_DONE) e = fault_of(db);
    sqlite3_finalize(p);
    return e;
}

err copy_count_sqlite(txn *t, const store_copy_watch *w)
{
    return count_all(t->c->db, w);
}

err copy_out_sqlite(txn *t, const char *dir, const store_copy_watch *w)
{
    char path[PATH];
    sqlite3 *to = NULL;
    int fd = -1;
    snprintf(path, sizeof path, "%s/records.db", dir);
    err e = db_open(path, true, &to);
    if (!failed(e) && chmod(path, 0600)) e = err_errno("error.store.open", str_of(path));
    if (!failed(e)) e = run(to, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF");
    if (!failed(e) && (fd = open(path, O_WRONLY | O_CLOEXEC)) < 0)
        e = err_errno("error.store.open", str_of(path));
    if (!failed(e)) e = pages(t->c->db, to, fd, w);
    if (!failed(e)) e = settle(to);
    if (!failed(e)) e = count_all(to, w);
    sqlite3_close(to);
    if (fd >= 0) close(fd); /* after it: closing any descriptor of a file lets SQLite's locks go */
    return e;
}

/* ---- in ---- */

static err insert_key(void *ctx, str table, str id, str hex, str at)
{
    bool none = str_eq(hex, S("-")), never = str_eq(at, S("-"));
    char *sql = sqlite3_mprintf("INSERT INTO %.*s VALUES (%.*s, %s%.*s%s, %.*s)", STR_ARG(table),
            STR_ARG(id), none ? "" : "x'", STR_ARG(none ? S("NULL") : hex), none ? "" : "'",
            STR_ARG(never ? S("NULL") : at));
    err e = run(ctx, sql);
    sqlite3_free(sql);
    return e;
}

static err fill_keys(const char *path, str keys)
{
    sqlite3 *db = NULL;
    err e = db_open(path, false, &db);
    if (!failed(e)) e = run(db, "PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
    if (!failed(e)) e = run(db, "DELETE FROM person_key; DELETE FROM file_key");
    if (!failed(e)) e = copy_key_lines(keys, insert_key, db);
    if (!failed(e)) e = run(db, "COMMIT");
    sqlite3_close(db);
    return e;
}

err fill_sqlite(const store_options *o, const char *dir, str keys)
{
    char from[PATH];
    snprintf(from, sizeof from, "%s/records.db", dir);
    if (access(o->path, F_OK) == 0)
        return ERR1(E_CONFLICT, "error.store.fill_there", str_of(o->path));
    if (rename(from, o->path)) return err_errno("error.store.open", str_of(from));
    return fill_keys(o->path, keys);
}
