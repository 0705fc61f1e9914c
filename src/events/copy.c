/* copy.c - see copy.h. upkeep is held from begin to end, so that no file is swapped and the overlay
 * stays; writing only while the snapshot is taken. */
#include "events/copy.h"
#include "events/history_in.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct history_copy {
    history *h;
    size_t n_months;
    history_month *months;
    bool begun, attached; /* on the sweeper's connection */
};

static const char open_name[] = "copy-month.new", over_name[] = "copy-overlay.new";

static void path_in(char out[4096], const char *dir, const char *name)
{
    int n = snprintf(out, 4096, "%s/%s", dir, name);
    ASSERT(n > 0 && n < 4096);
}

/* ---- the snapshot ---- */

static void note_months(history_copy *c)
{
    history *h = c->h;
    c->n_months = h->n_months;
    c->months = calloc(h->n_months + 1, sizeof *c->months);
    ASSERT(c->months);
    for (size_t i = 0; i < h->n_months; i++)
        c->months[i] = (history_month){ .year_month = h->months[i].year_month,
            .n_rows = h->months[i].n_rows,
            .open = h->months[i].open };
}

/* A transaction has its snapshot of a file from its first look at it. */
static err pin(history_copy *c)
{
    char fresh[4096];
    int64_t seen;
    month *m = month_open(c->h);
    duckdb_connection d = c->h->sweeper;
    if (m == NULL) return OK;
    path_in(fresh, c->h->dir, open_name);
    unlink(fresh);
    TRY(duck_runf(d, "ATTACH '%s' AS kept (STORAGE_VERSION 'v1.5.0')", fresh));
    c->attached = true;
    TRY(duck_run(d, "BEGIN"));
    c->begun = true;
    TRY(duck_i64(d, &seen, "SELECT count(*) FROM m%06d.batch", m->year_month));
    return duck_i64(d, &seen, "SELECT count(*) FROM ov.overlay");
}

err history_copy_begin(history *h, err (*at)(void *ctx), void *ctx, history_copy **ret)
{
    history_copy *c = calloc(1, sizeof *c);
    ASSERT(c && h);
    c->h = h;
    pthread_mutex_lock(&h->upkeep);
    pthread_mutex_lock(&h->writing);
    h->copied = true;
    note_months(c);
    err e = pin(c);
    if (!failed(e)) e = at(ctx);
    pthread_mutex_unlock(&h->writing);
    if (failed(e)) {
        history_copy_end(c);
        return e;
    }
    *ret = c;
    return OK;
}

/* ---- its files ---- */

static err settle(history_copy *c, const char *name, const char *to)
{
    char fresh[4096];
    TRY(duck_run(c->h->sweeper, "COMMIT"));
    c->begun = false;
    TRY(duck_run(c->h->sweeper, "CHECKPOINT kept"));
    TRY(duck_run(c->h->sweeper, "DETACH kept"));
    c->attached = false;
    path_in(fresh, c->h->dir, name);
    return rename(fresh, to) == 0 ? OK : err_errno("error.history.disk", str_of(to));
}

static err put_open(history_copy *c, const char *dir)
{
    char to[4096];
    month *m = month_open(c->h);
    int n = snprintf(
            to, sizeof to, "%s/%04d-%02d.duckdb", dir, m->year_month / 100, m->year_month % 100);
    ASSERT(n > 0 && n < (int)sizeof to);
    TRY(month_rows_copy(c->h->sweeper, m, "kept"));
    return settle(c, open_name, to);
}

/* No row of it changes while upkeep is held. */
static err put_overlay(history_copy *c, const char *dir)
{
    char to[4096], fresh[4096];
    duckdb_connection d = c->h->sweeper;
    path_in(to, dir, "overlay.duckdb");
    path_in(fresh, c->h->dir, over_name);
    unlink(fresh);
    TRY(duck_runf(d, "ATTACH '%s' AS kept (STORAGE_VERSION 'v1.5.0')", fresh));
    c->attached = true;
    TRY(duck_run(d, "BEGIN"));
    c->begun = true;
    TRY(duck_run(d, "CREATE TABLE kept.overlay AS SELECT * FROM ov.overlay"));
    return settle(c, over_name, to);
}

static err put_same(history_copy *c, const char *dir, const char *name)
{
    char from[4096], to[4096];
    path_in(from, c->h->dir, name);
    path_in(to, dir, name);
    return link(from, to) == 0 ? OK : err_errno("error.history.disk", str_of(from));
}

err history_copy_put(history_copy *c, const char *dir)
{
    char name[32];
    TRY(put_same(c, dir, "key"));
    if (c->n_months) TRY(put_open(c, dir));
    for (size_t i = 0; i + 1 < c->n_months; i++) {
        int ym = c->months[i].year_month;
        snprintf(name, sizeof name, "%04d-%02d.duckdb", ym / 100 % 10000, ym % 100);
        TRY(put_same(c, dir, name));
    }
    return put_overlay(c, dir);
}

size_t history_copy_months(const history_copy *c)
{
    return c->n_months;
}

history_month history_copy_month(const history_copy *c, size_t i)
{
    ASSERT(i < c->n_months);
    return c->months[i];
}

/* What is left of a copy that failed goes. */
static void undo(history_copy *c)
{
    char fresh[4096];
    err e = OK;
    if (c->begun) e = duck_run(c->h->sweeper, "ROLLBACK");
    if (c->attached) e = duck_run(c->h->sweeper, "DETACH kept");
    (void)e; /* there is nothing more to do about it: the files go at the next start too */
    path_in(fresh, c->h->dir, open_name);
    unlink(fresh);
    path_in(fresh, c->h->dir, over_name);
    unlink(fresh);
}

void history_copy_end(history_copy *c)
{
    if (c == NULL) return;
    undo(c);
    pthread_mutex_lock(&c->h->writing);
    c->h->copied = false;
    pthread_mutex_unlock(&c->h->writing);
    pthread_mutex_unlock(&c->h->upkeep);
    free(c->months);
    free(c);
}
