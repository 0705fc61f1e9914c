/* months.c - the files of the history: one a month, found at open, made when a month begins,
 * sealed when the next one does, written anew after an erasure, removed by retention. Owns files
 * YYYY-MM.duckdb. Runs under the locks that history_in.h names. */
#include "events/history_in.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Files are written in the format of this release and read by later ones. */
#define TEXT(x) #x
#define TEXT_OF(x) TEXT(x)
#define STORAGE "STORAGE_VERSION 'v1.5.0', ROW_GROUP_SIZE " TEXT_OF(HISTORY_GROUP_ROWS)

void month_path(const history *h, int year_month, const char *suffix, char out[4096])
{
    int n = snprintf(
            out, 4096, "%s/%04d-%02d.duckdb%s", h->dir, year_month / 100, year_month % 100, suffix);
    ASSERT(n > 0 && n < 4096);
}

int64_t month_end(const history *h, size_t i)
{
    return i + 1 < h->n_months ? h->months[i + 1].first_batch : INT64_MAX;
}

month *month_of_batch(history *h, int64_t batch)
{
    for (size_t i = h->n_months; i > 0; i--)
        if (batch >= h->months[i - 1].first_batch) return &h->months[i - 1];
    return NULL;
}

/* ---- one file ---- */
static err attach_as(duckdb_connection c, const char *path, const char *name, bool read_only)
{
    return duck_runf(c, "ATTACH '%s' AS %s (%s)", path, name, read_only ? "READ_ONLY" : STORAGE);
}

static err attach(history *h, const month *m)
{
    char path[4096], name[16];
    month_path(h, m->year_month, "", path);
    snprintf(name, sizeof name, "m%06d", m->year_month % 1000000);
    return attach_as(h->keeper, path, name, !m->open);
}

static err tables_make(duckdb_connection c, const char *catalog)
{
    char columns[4096];
    size_t n = 0;
    for (int i = 0; i < EVENT_COLUMNS; i++)
        n += (size_t)snprintf(columns + n, sizeof columns - n, "%s%s %s%s", i ? ", " : "",
                event_columns[i].name, event_columns[i].sql_type, event_columns[i].packing);
    ASSERT(n < sizeof columns - 1);
    return duck_runf(c,
            "CREATE TABLE %s.event(%s);"
            "CREATE TABLE %s.batch(batch BIGINT, feed UINTEGER, received BIGINT, file VARCHAR, "
            "file_hash VARCHAR, input VARCHAR, place BIGINT, n_rows BIGINT, n_rejected BIGINT, "
            "header BLOB);"
            "CREATE TABLE %s.reject(batch BIGINT, row_no BIGINT, reason VARCHAR, place VARCHAR, "
            "raw BLOB);"
            "CREATE TABLE %s.position(input VARCHAR, seq BIGINT, place BIGINT, mark VARCHAR, "
            "moved BIGINT);"
            "CREATE TABLE %s.meta(name VARCHAR, value BIGINT)",
            catalog, columns, catalog, catalog, catalog, catalog);
}

static err meta_read(history *h, int year_month, const char *name, int64_t *ret)
{
    return duck_i64(
            h->keeper, ret, "SELECT value FROM m%06d.meta WHERE name = '%s'", year_month, name);
}

static const char *absent(int column)
{
    return event_columns[column].type >= EVENT_TEXT ? "''" : "0";
}

/* An older program wrote the open month: the columns that came since are added. */
static err columns_add(history *h, month *m)
{
    for (int c = m->n_columns; c < EVENT_COLUMNS; c++)
        TRY(duck_runf(h->keeper, "ALTER TABLE m%06d.event ADD COLUMN %s %s DEFAULT %s",
                m->year_month, event_columns[c].name, event_columns[c].sql_type, absent(c)));
    if (m->n_columns < EVENT_COLUMNS)
        TRY(duck_runf(h->keeper, "UPDATE m%06d.meta SET value = %d WHERE name = 'columns'",
                m->year_month, EVENT_COLUMNS));
    return OK;
}

static err month_read(history *h, month *m)
{
    int64_t columns = 0;
    TRY(meta_read(h, m->year_month, "first_batch", &m->first_batch));
    TRY(meta_read(h, m->year_month, "columns", &columns));
    if (columns > EVENT_COLUMNS || columns < 1) return ERR(E_CONFIG, "error.history.newer");
    m->n_columns = (int)columns;
    if (m->open) TRY(columns_add(h, m));
    TRY(duck_i64(h->keeper, &m->first_us, "SELECT min(received) FROM m%06d.batch", m->year_month));
    TRY(duck_i64(h->keeper, &m->last_us, "SELECT max(received) FROM m%06d.batch", m->year_month));
    if (m->open) m->last_us = INT64_MAX;
    int64_t last = 0, rows = 0;
    TRY(duck_i64(h->keeper, &last, "SELECT max(batch) FROM m%06d.batch", m->year_month));
    TRY(duck_i64(h->keeper, &rows, "SELECT CAST(sum(n_rows) AS BIGINT) FROM m%06d.batch",
            m->year_month));
    m->last_batch = last;
    m->n_rows = rows;
    return OK;
}

/* ---- the view that queries read ---- */
static void column_put(buf *b, const month *m, int c)
{
    const event_column_info *i = &event_columns[c];
    if (c > 0) buf_put(b, S(", "));
    bool changes = c == EV_OWNER || c == EV_OWNER_WHY || c == EV_AUDIENCE;
    if (m->overlaid && changes)
        buf_fmt(b, "coalesce(o.%s, t.%s) AS %s", i->name, i->name, i->name);
    else if (c < m->n_columns)
        buf_fmt(b, "t.%s", i->name);
    else
        buf_fmt(b, "CAST(%s AS %s) AS %s", absent(c), i->sql_type, i->name);
}

err month_view(history *h, month *m)
{
    arena *a = arena_new(1 << 20);
    buf b = buf_new(a, 8192);
    buf_fmt(&b, "CREATE OR REPLACE VIEW v%06d AS SELECT ", m->year_month);
    for (int c = 0; c < EVENT_COLUMNS; c++)
        column_put(&b, m, c);
    buf_fmt(&b, ", t.rowid AS rid FROM m%06d.event t", m->year_month);
    if (m->overlaid)
        buf_put(&b, S(" LEFT JOIN ov.overlay o ON o.batch = t.batch AND o.row_no = t.row_no"
                      " WHERE o.erased IS DISTINCT FROM 1"));
    buf_byte(&b, '\0');
    err e = duck_run(h->keeper, b.p);
    arena_free(a);
    return e;
}

static err month_enter(history *h, month *m)
{
    int64_t overlaid = 0;
    TRY(attach(h, m));
    TRY(month_read(h, m));
    TRY(overlay_count(h->keeper, m, INT64_MAX, false, &overlaid));
    m->overlaid = overlaid > 0;
    return month_view(h, m);
}

/* ---- making and sealing ---- */
static int year_month_of(instant t)
{
    struct tm tm;
    time_t s = (time_t)(t.us / US_PER_S);
    ASSERT(t.us >= 0 && gmtime_r(&s, &tm) != NULL);
    int ym = (tm.tm_year + 1900) * 100 + tm.tm_mon + 1;
    ASSERT(ym >= 197001 && ym <= 999912);
    return ym;
}

/* Takes the inputs' newest positions over, so that an older file may go. */
static err positions_carry(history *h, const month *from)
{
    if (from == NULL) return OK;
    return duck_runf(h->keeper,
            "INSERT INTO fresh.position SELECT input, max(seq), arg_max(place, seq), "
            "arg_max(mark, seq),"
            " arg_max(moved, seq) FROM m%06d.position GROUP BY input",
            from->year_month);
}

static err file_make(history *h, const char *fresh, const month *from)
{
    TRY(attach_as(h->keeper, fresh, "fresh", false));
    err e = tables_make(h->keeper, "fresh");
    if (!failed(e))
        e = duck_runf(h->keeper,
                "INSERT INTO fresh.meta VALUES ('first_batch', %lld), ('columns', %d)",
                (long long)h->next_batch, EVENT_COLUMNS);
    if (!failed(e)) e = positions_carry(h, from);
    if (!failed(e)) e = duck_run(h->keeper, "CHECKPOINT fresh");
    err d = duck_run(h->keeper, "DETACH fresh");
    return failed(e) ? e : d;
}

static err month_make(history *h, int year_month, const month *from)
{
    char path[4096], fresh[4096];
    month_path(h, year_month, "", path);
    month_path(h, year_month, ".new", fresh);
    unlink(fresh);
    TRY(file_make(h, fresh, from));
    if (rename(fresh, path) != 0) return err_errno("error.history.disk", str_of(path));
    return disk_sync_dir(h->dir);
}

/* Its events end here: what it holds is checkpointed, and it is opened again for reading only. */
static err month_seal(history *h, month *m)
{
    TRY(duck_runf(h->keeper, "CHECKPOINT m%06d", m->year_month));
    TRY(duck_runf(h->keeper, "DETACH m%06d", m->year_month));
    m->open = false;
    return month_enter(h, m);
}

static err roll_locked(history *h, int year_month)
{
    month *old = month_open(h);
    if (h->n_months == MONTHS_MAX) return ERR(E_FULL, "error.history.months");
    TRY(month_make(h, year_month, old));
    if (old != NULL) TRY(month_seal(h, old));
    month *m = &h->months[h->n_months];
    *m = (month){ .year_month = year_month, .open = true };
    TRY(month_enter(h, m));
    h->n_months++;
    return OK;
}

err months_roll(history *h, instant now)
{
    int ym = year_month_of(now);
    month *m = month_open(h);
    if (m != NULL && (m->year_month >= ym || h->copied)) return OK; /* sealed after the copy */
    pthread_rwlock_wrlock(&h->shape);
    err e = roll_locked(h, ym);
    pthread_rwlock_unlock(&h->shape);
    return e;
}

/* ---- at open ---- */
static int month_compare(const void *x, const void *y)
{
    const month *a = x, *b = y;
    return a->year_month - b->year_month;
}

/* "2026-11.duckdb" -> 202611. */
static bool file_month(const char *name, int *ret)
{
    str s = str_of(name);
    int64_t year, mon;
    if (s.n != 14 || s.p[4] != '-' || !str_ends(s, S(".duckdb"))) return false;
    if (!str_to_i64(str_sub(s, 0, 4), &year) || !str_to_i64(str_sub(s, 5, 2), &mon)) return false;
    if (year < 1970 || mon < 1 || mon > 12) return false;
    *ret = (int)(year * 100 + mon);
    return true;
}

/* Notes the months and removes half-made files of a crash. */
static err months_find(history *h)
{
    DIR *d = opendir(h->dir);
    if (d == NULL) return err_errno("error.history.disk", str_of(h->dir));
    err e = OK;
    for (struct dirent *f; (f = readdir(d)) != NULL && !failed(e);) {
        int ym;
        str name = str_of(f->d_name);
        if (str_ends(name, S(".new")) || str_ends(name, S(".new.wal"))) {
            unlinkat(dirfd(d), f->d_name, 0);
        } else if (file_month(f->d_name, &ym)) {
            if (h->n_months == MONTHS_MAX)
                e = ERR(E_FULL, "error.history.months");
            else
                h->months[h->n_months++] = (month){ .year_month = ym };
        }
    }
    closedir(d);
    qsort(h->months, h->n_months, sizeof *h->months, month_compare);
    return e;
}

/* A month that a crash left between sealing steps still has a log: it goes into its file first. */
static err month_settle(history *h, const month *m)
{
    char path[4096];
    month_path(h, m->year_month, ".wal", path);
    if (access(path, F_OK) != 0) return OK;
    month_path(h, m->year_month, "", path);
    TRY(attach_as(h->keeper, path, "fresh", false));
    TRY(duck_run(h->keeper, "CHECKPOINT fresh"));
    return duck_run(h->keeper, "DETACH fresh");
}

static err counters_read(history *h, const month *m)
{
    int64_t batch = m->last_batch, received = 0, seq = 0;
    TRY(duck_i64(h->keeper, &received, "SELECT max(received) FROM m%06d.batch", m->year_month));
    TRY(duck_i64(h->keeper, &seq, "SELECT max(seq) FROM m%06d.position", m->year_month));
    h->next_batch = batch >= m->first_batch ? batch + 1 : m->first_batch;
    if (received > h->last_us) h->last_us = received;
    h->next_seq = seq + 1;
    return OK;
}

err months_load(history *h)
{
    h->next_batch = h->next_seq = 1;
    TRY(duck_run(
            h->keeper, "ATTACH ':memory:' AS none")); /* asked when no month may hold anything */
    TRY(tables_make(h->keeper, "none"));
    TRY(months_find(h));
    for (size_t i = 0; i < h->n_months; i++) {
        month *m = &h->months[i];
        m->open = i + 1 == h->n_months;
        if (!m->open) TRY(month_settle(h, m));
        TRY(month_enter(h, m));
        TRY(counters_read(h, m));
    }
    return OK;
}

/* ---- erasure and retention ---- */
err month_rows_copy(duckdb_connection c, const month *m, const char *to)
{
    TRY(tables_make(c, to));
    TRY(duck_runf(c, "INSERT INTO %s.event SELECT * EXCLUDE (rid) FROM v%06d", to, m->year_month));
    static const char *const same[] = { "batch", "reject", "position" };
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        TRY(duck_runf(c, "INSERT INTO %s.%s SELECT * FROM m%06d.%s", to, same[i], m->year_month,
                same[i]));
    return duck_runf(c, "INSERT INTO %s.meta VALUES ('first_batch', %lld), ('columns', %d)", to,
            (long long)m->first_batch, EVENT_COLUMNS);
}

err month_copy(history *h, const month *m)
{
    char fresh[4096];
    month_path(h, m->year_month, ".new", fresh);
    unlink(fresh);
    TRY(attach_as(h->sweeper, fresh, "anew", false));
    err e = month_rows_copy(h->sweeper, m, "anew");
    if (!failed(e)) e = duck_run(h->sweeper, "CHECKPOINT anew");
    err d = duck_run(h->sweeper, "DETACH anew");
    return failed(e) ? e : d;
}

err month_swap(history *h, month *m)
{
    char path[4096], fresh[4096], wal[4096];
    month_path(h, m->year_month, "", path);
    month_path(h, m->year_month, ".new", fresh);
    month_path(h, m->year_month, ".wal", wal);
    if (m->open) TRY(duck_runf(h->keeper, "CHECKPOINT m%06d", m->year_month));
    TRY(duck_runf(h->keeper, "DETACH m%06d", m->year_month));
    ASSERT(access(wal, F_OK) != 0);
    err e = rename(fresh, path) == 0 ? disk_sync_dir(h->dir)
                                     : err_errno("error.history.disk", str_of(path));
    TRY(month_enter(h, m)); /* the old file, when the new one could not take its place */
    return e;
}

err month_remove(history *h, size_t i)
{
    char path[4096];
    ASSERT(i + 1 < h->n_months);
    int ym = h->months[i].year_month;
    month_path(h, ym, "", path);
    TRY(duck_runf(h->keeper, "DROP VIEW v%06d; DETACH m%06d", ym, ym));
    memmove(&h->months[i], &h->months[i + 1], (h->n_months - i - 1) * sizeof *h->months);
    h->n_months--;
    if (unlink(path) != 0) return err_errno("error.history.disk", str_of(path));
    return disk_sync_dir(h->dir);
}
