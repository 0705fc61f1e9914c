/* query.c - writes and runs the generated queries; lends connections.
 * Owns the pool of readers. A reader holds `shape` for reading as long as it is lent, so that no
 * month is swapped under a query. */
#include "events/query.h"
#include "events/history_in.h"
#include "base/time.h"

#include <stdlib.h>
#include <time.h>

struct reader {
    history *h;
    duckdb_connection c;
    int64_t deadline_us;
    size_t first, n; /* months asked */
};

/* ---- lending ---- */
static bool pool_wait(history *h, int64_t deadline_us)
{
    struct timespec t = { deadline_us / US_PER_S, deadline_us % US_PER_S * 1000 };
    while (h->n_free == 0)
        if (pthread_cond_timedwait(&h->freed, &h->pool, &t) != 0) return h->n_free > 0;
    return true;
}

err reader_take(history *h, reader **ret)
{
    ASSERT(h != NULL && ret != NULL);
    reader *r = calloc(1, sizeof *r);
    ASSERT(r != NULL);
    r->h = h;
    r->deadline_us = monotonic_us() + h->query_us;
    pthread_mutex_lock(&h->pool);
    bool got = pool_wait(h, r->deadline_us);
    if (got) r->c = h->free[--h->n_free];
    pthread_mutex_unlock(&h->pool);
    if (!got) {
        free(r);
        return ERR(E_BUSY, "error.history.busy");
    }
    pthread_rwlock_rdlock(&h->shape);
    r->n = h->n_months;
    *ret = r;
    return OK;
}

void reader_give(reader **p)
{
    reader *r = *p;
    if (r == NULL) return;
    pthread_rwlock_unlock(&r->h->shape);
    pthread_mutex_lock(&r->h->pool);
    r->h->free[r->h->n_free++] = r->c;
    pthread_cond_signal(&r->h->freed);
    pthread_mutex_unlock(&r->h->pool);
    free(r);
    *p = NULL;
}

size_t reader_months(const reader *r)
{
    return r->h->n_months;
}

void reader_narrow(reader *r, size_t first, size_t n)
{
    ASSERT(first + n <= r->h->n_months);
    r->first = first;
    r->n = n;
}

void reader_span(const reader *r, size_t *first, size_t *end)
{
    *first = r->first;
    *end = r->first + r->n;
}

static bool month_may_hold(const month *m, const event_filter *f, int64_t last_batch)
{
    if (m->first_batch > last_batch) return false;
    if (f == NULL) return true;
    if (f->to.us != 0 && m->first_us >= f->to.us) return false;
    return f->from.us == 0 || m->last_us >= f->from.us;
}

void reader_narrow_to(reader *r, const event_filter *f, int64_t last_batch)
{
    const month *m = r->h->months;
    size_t first = 0, end = r->h->n_months;
    while (first < end && !month_may_hold(&m[first], f, last_batch))
        first++;
    while (end > first && !month_may_hold(&m[end - 1], f, last_batch))
        end--;
    reader_narrow(r, first, end - first);
}

/* ---- writing ---- */
sqlw *sqlw_new(const reader *r, arena *a)
{
    sqlw *w = NEW(a, sqlw);
    w->b = buf_new(a, 1024);
    w->r = r;
    return w;
}

void sqlw_put(sqlw *w, str s)
{
    buf_put(&w->b, s);
}

void sqlw_i64(sqlw *w, int64_t v)
{
    buf_i64(&w->b, v);
}

void sqlw_u64(sqlw *w, uint64_t v)
{
    buf_fmt(&w->b, "CAST(%llu AS UBIGINT)", (unsigned long long)v);
}

int sqlw_param(sqlw *w, str text)
{
    ASSERT(w->n_params < SQLW_PARAMS);
    w->params[w->n_params++] = text;
    return w->n_params;
}

void sqlw_param_put(sqlw *w, int number)
{
    buf_fmt(&w->b, "$%d", number);
}

void sqlw_text(sqlw *w, str text)
{
    sqlw_param_put(w, sqlw_param(w, text));
}

void sqlw_column(sqlw *w, event_column c)
{
    ASSERT((int)c >= 0 && c < EVENT_COLUMNS);
    buf_fmt(&w->b, "e.%s", event_columns[c].name);
}

void sqlw_columns(sqlw *w)
{
    for (int c = 0; c < EVENT_COLUMNS; c++) {
        if (c > 0) buf_byte(&w->b, ',');
        sqlw_column(w, (event_column)c);
    }
}

/* before and after stand around each column, with commas between. */
static void list_put(
        sqlw *w, const event_column *by, size_t n, const char *before, const char *after)
{
    ASSERT(n > 0);
    for (size_t i = 0; i < n; i++) {
        buf_fmt(&w->b, "%s%s", i ? "," : "", before);
        sqlw_column(w, by[i]);
        buf_put(&w->b, str_of(after));
    }
}

void sqlw_column_sets(sqlw *w, const event_column *by, size_t n)
{
    sqlw_put(w, S("GROUPING SETS ("));
    list_put(w, by, n, "(", ")");
    sqlw_put(w, S(")"));
}

void sqlw_column_grouping(sqlw *w, const event_column *by, size_t n)
{
    sqlw_put(w, S("GROUPING("));
    list_put(w, by, n, "", "");
    sqlw_put(w, S(")"));
}

void sqlw_column_value(sqlw *w, const event_column *by, size_t n)
{
    sqlw_put(w, S("coalesce("));
    list_put(w, by, n, "CAST(", " AS VARCHAR)");
    sqlw_put(w, S(")"));
}

/* The table of every month asked, one below the other; v: its view, m: its file's own table. */
static void months_put(sqlw *w, char kind, const char *table)
{
    const reader *r = w->r;
    buf_byte(&w->b, '(');
    for (size_t i = r->first; i < r->first + r->n; i++)
        buf_fmt(&w->b, "%sSELECT * FROM %c%06d%s%s", i > r->first ? " UNION ALL " : "", kind,
                r->h->months[i].year_month, kind == 'm' ? "." : "", kind == 'm' ? table : "");
    if (r->n == 0) buf_fmt(&w->b, "SELECT * FROM none.%s", table);
    buf_byte(&w->b, ')');
}

void sqlw_event(sqlw *w)
{
    months_put(w, 'v', "event");
}

void sqlw_batch(sqlw *w)
{
    months_put(w, 'm', "batch");
}

void sqlw_reject(sqlw *w)
{
    months_put(w, 'm', "reject");
}

void sqlw_position(sqlw *w)
{
    months_put(w, 'm', "position");
}

void sqlw_overlay(sqlw *w)
{
    sqlw_put(w, S("ov.overlay"));
}

/* The mask of one half of an address, of which so many bits count. */
static uint64_t half_mask(int bits)
{
    if (bits <= 0) return 0;
    return bits >= 64 ? UINT64_MAX : ~(UINT64_MAX >> bits);
}

/* A network is a range of one half, the other half being the same or free. */
void sqlw_net(sqlw *w, str column, event_net net)
{
    ASSERT(net.given && net.bits <= 128);
    bool short_prefix = net.bits <= 64;
    int host = short_prefix ? 64 - net.bits : 128 - net.bits;
    uint64_t mask = host == 64 ? UINT64_MAX : (UINT64_C(1) << host) - 1;
    uint64_t low = (short_prefix ? net.hi : net.lo) & ~mask;
    buf_put(&w->b, S("("));
    if (!short_prefix) {
        buf_fmt(&w->b, "%.*s_hi = ", STR_ARG(column));
        sqlw_u64(w, net.hi);
        buf_put(&w->b, S(" AND "));
    }
    buf_fmt(&w->b, "%.*s%s BETWEEN ", STR_ARG(column), short_prefix ? "_hi" : "_lo");
    sqlw_u64(w, low);
    buf_put(&w->b, S(" AND "));
    sqlw_u64(w, low | mask);
    buf_put(&w->b, S(")"));
}

void sqlw_list_u64(sqlw *w, const uint64_t *v, size_t n)
{
    ASSERT(n > 0);
    for (size_t i = 0; i < n; i++) {
        if (i > 0) buf_byte(&w->b, ',');
        sqlw_u64(w, v[i]);
    }
}

void sqlw_list_i64(sqlw *w, const int64_t *v, size_t n)
{
    ASSERT(n > 0);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&w->b, "%s(%lld::BIGINT)", i ? "," : "", (long long)v[i]);
}

void sqlw_list_key(sqlw *w, const event_key *v, size_t n)
{
    ASSERT(n > 0);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&w->b, "%s(%lld::BIGINT,%lld::BIGINT)", i ? "," : "", (long long)v[i].batch,
                (long long)v[i].row_no);
}

void sqlw_list_text(sqlw *w, const str *v, size_t n)
{
    buf all = buf_new(w->b.a, 4096);
    ASSERT(n > 0);
    for (size_t i = 0; i < n; i++) {
        ASSERT(str_find_byte(v[i], '\n') < 0);
        if (i > 0) buf_byte(&all, '\n');
        buf_put(&all, v[i]);
    }
    buf_put(&w->b, S("unnest(string_split("));
    sqlw_text(w, buf_str(&all));
    buf_put(&w->b, S(", chr(10)))"));
}

/* As one text, which costs the engine's parser nothing; four thousand numbers written out cost it
 * more than the question itself. */
void sqlw_list_net(sqlw *w, const event_net *v, size_t n)
{
    buf all = buf_new(w->b.a, 4096);
    ASSERT(n > 0);
    for (size_t i = 0; i < n; i++) {
        uint64_t hi = half_mask(v[i].bits), lo = half_mask(v[i].bits - 64);
        ASSERT(v[i].given && v[i].bits <= 128);
        buf_fmt(&all, "%s%zu %d %llu %llu %llu %llu", i ? "\n" : "", i, v[i].bits,
                (unsigned long long)(v[i].hi & hi), (unsigned long long)(v[i].lo & lo),
                (unsigned long long)hi, (unsigned long long)lo);
    }
    buf_put(&w->b, S("SELECT CAST(x[1] AS BIGINT) AS no, CAST(x[2] AS UTINYINT) AS bits, "
                     "CAST(x[3] AS UBIGINT) AS hi, CAST(x[4] AS UBIGINT) AS lo, "
                     "CAST(x[5] AS UBIGINT) AS mask_hi, CAST(x[6] AS UBIGINT) AS mask_lo FROM "
                     "(SELECT string_split(unnest(string_split("));
    sqlw_text(w, buf_str(&all));
    buf_put(&w->b, S(", chr(10))), ' ') AS x)"));
}

/* ---- running ---- */
err query_run(reader *r, arena *a, sqlw *w, const query_shape *shape, void **rows, size_t *n)
{
    CLEANUP(duck_result_free) duckdb_result result = { 0 };
    buf_byte(&w->b, '\0');
    TRY(duck_ask(r->c, w->b.p, w->params, w->n_params, r->deadline_us, &result));
    return duck_rows(&result, a, shape, rows, n);
}
