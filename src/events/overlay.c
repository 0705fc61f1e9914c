/* overlay.c - what is different from what was written: owner and audience assigned later, rows
 * erased. Owns overlay.duckdb; months.c joins it into the views of the months that have rows here.
 * One change at a time (upkeep); queries go on, except while a view is made or a file swapped. */
#include "events/history_in.h"

#include <stdio.h>

err overlay_load(history *h)
{
    TRY(duck_runf(
            h->keeper, "ATTACH '%s/overlay.duckdb' AS ov (STORAGE_VERSION 'v1.5.0')", h->dir));
    return duck_run(h->keeper,
            "CREATE TABLE IF NOT EXISTS ov.overlay(batch BIGINT, row_no BIGINT, owner BIGINT,"
            " owner_why UTINYINT, audience BIGINT, erased UTINYINT, changed BIGINT)");
}

err overlay_count(
        duckdb_connection c, const month *m, int64_t until, bool erased_only, int64_t *ret)
{
    return duck_i64(c, ret,
            "SELECT count(*) FROM ov.overlay WHERE batch >= %lld AND batch < %lld%s",
            (long long)m->first_batch, (long long)until, erased_only ? " AND erased = 1" : "");
}

/* ---- one change: a list of rows that replace what the overlay said of them ---- */
typedef struct {
    event_key key;
    const event_change *change; /* NULL: erased */
} overlay_row;

static void rows_put(buf *b, const overlay_row *rows, size_t n, instant now)
{
    for (size_t i = 0; i < n; i++) {
        const event_change *c = rows[i].change;
        buf_fmt(b, "%s(%lld::BIGINT, %lld::BIGINT, ", i ? "," : "", (long long)rows[i].key.batch,
                (long long)rows[i].key.row_no);
        if (c == NULL)
            buf_put(b, S("NULL::BIGINT, NULL::UTINYINT, NULL::BIGINT, 1, "));
        else
            buf_fmt(b, "%lld, %d, %lld, 0, ", (long long)c->owner, c->owner_why,
                    (long long)c->audience);
        buf_fmt(b, "%lld)", (long long)now.us);
    }
}

/* Rows that are in a file, and not erased already, take the place of older overlay rows. */
static err change_write(history *h, arena *a, const overlay_row *rows, size_t n, instant now)
{
    buf b = buf_new(a, n * 80 + 1024);
    buf_put(&b, S("CREATE OR REPLACE TEMP TABLE change AS SELECT c.* FROM (VALUES "));
    rows_put(&b, rows, n, now);
    buf_put(&b, S(") c(batch, row_no, owner, owner_why, audience, erased, changed) WHERE EXISTS ("
                  "SELECT 1 FROM ("));
    for (size_t i = 0; i < h->n_months; i++)
        buf_fmt(&b, "%sSELECT batch, n_rows FROM m%06d.batch", i ? " UNION ALL " : "",
                h->months[i].year_month);
    buf_put(&b,
            S(") b WHERE b.batch = c.batch AND c.row_no BETWEEN 1 AND b.n_rows) AND NOT EXISTS ("
              "SELECT 1 FROM ov.overlay o WHERE o.batch = c.batch AND o.row_no = c.row_no"
              " AND o.erased = 1)"));
    buf_byte(&b, '\0');
    TRY(duck_run(h->keeper, b.p));
    TRY(duck_run(h->keeper, "BEGIN"));
    err e = duck_run(h->keeper, "DELETE FROM ov.overlay o USING change c WHERE o.batch = c.batch "
                                "AND o.row_no = c.row_no;"
                                "INSERT INTO ov.overlay SELECT batch, row_no, owner, "
                                "CAST(owner_why AS UTINYINT), audience,"
                                " CAST(erased AS UTINYINT), changed FROM change;"
                                "COMMIT");
    if (failed(e)) {
        err undone = duck_run(h->keeper, "ROLLBACK");
        (void)undone; /* the first fault is the one to tell */
    }
    return e;
}

/* Months that had no overlay until now get a view that joins it. */
static err views_renew(history *h)
{
    for (size_t i = 0; i < h->n_months; i++) {
        month *m = &h->months[i];
        int64_t n = 0;
        TRY(overlay_count(h->keeper, m, month_end(h, i), false, &n));
        if ((n > 0) == m->overlaid) continue;
        m->overlaid = n > 0;
        TRY(month_view(h, m));
    }
    return OK;
}

static err change_locked(
        history *h, const overlay_row *rows, size_t n, instant now, size_t *changed)
{
    if (h->n_months == 0) return OK;
    arena *a = arena_new(64u << 20);
    int64_t done = 0;
    err e = change_write(h, a, rows, n, now);
    arena_free(a);
    TRY(e);
    TRY(duck_i64(h->keeper, &done, "SELECT count(*) FROM change"));
    TRY(duck_run(h->keeper, "DROP TABLE change"));
    TRY(views_renew(h));
    *changed = (size_t)done;
    return OK;
}

/* The change and the views that show it happen between two queries, not within one. */
static err change(history *h, const overlay_row *rows, size_t n, instant now, size_t *changed)
{
    *changed = 0;
    if (n == 0) return OK;
    if (n > HISTORY_LIST_MAX) return ERR(E_TOO_LARGE, "error.history.list");
    pthread_mutex_lock(&h->upkeep);
    pthread_rwlock_wrlock(&h->shape);
    err e = change_locked(h, rows, n, now, changed);
    pthread_rwlock_unlock(&h->shape);
    pthread_mutex_unlock(&h->upkeep);
    return e;
}

err history_assign(history *h, const event_change *c, size_t n, instant now, size_t *changed)
{
    ASSERT(h != NULL && changed != NULL && (n == 0 || c != NULL));
    arena *a = arena_new(16u << 20);
    overlay_row *rows = NEW_ARRAY(a, overlay_row, n <= HISTORY_LIST_MAX ? n : 0);
    for (size_t i = 0; i < n && n <= HISTORY_LIST_MAX; i++)
        rows[i] = (overlay_row){ event_key_of(h, c[i].id), &c[i] };
    err e = change(h, rows, n, now, changed);
    arena_free(a);
    return e;
}

err history_erase(history *h, const id128 *ids, size_t n, instant now, size_t *changed)
{
    ASSERT(h != NULL && changed != NULL && (n == 0 || ids != NULL));
    arena *a = arena_new(16u << 20);
    overlay_row *rows = NEW_ARRAY(a, overlay_row, n <= HISTORY_LIST_MAX ? n : 0);
    for (size_t i = 0; i < n && n <= HISTORY_LIST_MAX; i++)
        rows[i] = (overlay_row){ event_key_of(h, ids[i]), NULL };
    err e = change(h, rows, n, now, changed);
    arena_free(a);
    return e;
}

/* ---- removing the bytes ---- */
static err overlay_forget(history *h, int64_t from, int64_t to)
{
    TRY(duck_runf(h->keeper, "DELETE FROM ov.overlay WHERE batch >= %lld AND batch < %lld",
            (long long)from, (long long)to));
    return duck_run(h->keeper, "CHECKPOINT ov");
}

/* The new file holds what the overlay said, so its rows there go; said twice it would do no harm.
 */
static err swap_locked(history *h, size_t i)
{
    month *m = &h->months[i];
    TRY(month_swap(h, m));
    TRY(overlay_forget(h, m->first_batch, month_end(h, i)));
    m->overlaid = false;
    return month_view(h, m);
}

/* Upkeep is held, so a sealed month stays as it is while it is copied and queries and appending go
 * on. */
static err month_sweep(history *h, size_t i)
{
    month *m = &h->months[i];
    TRY(month_copy(h, m));
    pthread_rwlock_wrlock(&h->shape);
    err e = swap_locked(h, i);
    pthread_rwlock_unlock(&h->shape);
    return e;
}

/* Whether month i has erased rows, and whether it is the open one; false when there is no month i.
 */
static err sweep_look(history *h, size_t i, bool *there, bool *open, int64_t *erased)
{
    pthread_rwlock_rdlock(&h->shape);
    *there = i < h->n_months;
    err e = OK;
    if (*there) {
        *open = h->months[i].open;
        e = overlay_count(h->sweeper, &h->months[i], month_end(h, i), true, erased);
    }
    pthread_rwlock_unlock(&h->shape);
    return e;
}

/* The open month is copied while appending waits; looked at again, as it may be sealed by then. */
static err sweep_all(history *h)
{
    bool there = true, open = false;
    for (size_t i = 0; there; i++) {
        int64_t erased = 0;
        TRY(sweep_look(h, i, &there, &open, &erased));
        if (!there || erased == 0) continue;
        if (open) pthread_mutex_lock(&h->writing);
        err e = month_sweep(h, i);
        if (open) pthread_mutex_unlock(&h->writing);
        TRY(e);
    }
    return OK;
}

err history_sweep(history *h)
{
    ASSERT(h != NULL);
    pthread_mutex_lock(&h->upkeep);
    err e = sweep_all(h);
    pthread_mutex_unlock(&h->upkeep);
    return e;
}

static err forget_locked(history *h, instant t, size_t *months)
{
    while (h->n_months > 1 && h->months[0].last_us < t.us) {
        int64_t from = h->months[0].first_batch, to = month_end(h, 0);
        TRY(month_remove(h, 0));
        TRY(overlay_forget(h, from, to));
        ++*months;
    }
    return OK;
}

err history_old(history *h, instant t, int64_t *ret_rows, instant *ret_oldest)
{
    *ret_rows = 0;
    pthread_rwlock_rdlock(&h->shape);
    for (size_t i = 0; i + 1 < h->n_months && h->months[i].last_us < t.us; i++) {
        if (!i) *ret_oldest = (instant){ h->months[i].first_us };
        *ret_rows += h->months[i].n_rows;
    }
    pthread_rwlock_unlock(&h->shape);
    return OK;
}

err history_forget(history *h, instant t, size_t *months)
{
    ASSERT(h != NULL && months != NULL);
    *months = 0;
    pthread_mutex_lock(&h->upkeep);
    pthread_mutex_lock(&h->writing);
    pthread_rwlock_wrlock(&h->shape);
    err e = forget_locked(h, t, months);
    pthread_rwlock_unlock(&h->shape);
    pthread_mutex_unlock(&h->writing);
    pthread_mutex_unlock(&h->upkeep);
    return e;
}
