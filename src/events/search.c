/* search.c - the questions of history.h, put together from the generated queries.
 * Owns nothing; any thread. Lists are found in two steps, month by month from the newest: the
 * places of the rows first, then those rows whole; so a page reads no text of a row that it does
 * not show. */
#include "events/history_in.h"
#include "events/queries_gen.h"

static void ids_fill(const history *h, arena *a, event *rows, size_t n)
{
    event_key *keys = NEW_ARRAY(a, event_key, n);
    id128 *ids = NEW_ARRAY(a, id128, n);
    for (size_t i = 0; i < n; i++)
        keys[i] = (event_key){ rows[i].batch, rows[i].row_no };
    event_ids(h, keys, n, ids);
    for (size_t i = 0; i < n; i++)
        rows[i].id = ids[i];
}

/* The whole rows at places of one month, newest first, behind those that ret has. */
static err rows_add(reader *r, history *h, arena *a, const sight *s, size_t month_no,
        const int64_t *places, size_t n, event_list *ret)
{
    event *rows = NULL;
    size_t got = 0;
    if (n == 0) return OK; /* a full page that only asked whether there are more */
    reader_narrow(r, month_no, 1);
    TRY(q_rows(r, a, s, &(q_rows_in){ places, n }, &rows, &got));
    ids_fill(h, a, rows, got);
    ASSERT(ret->n + got <= HISTORY_PAGE_MAX);
    if (got > 0) memcpy(ret->rows + ret->n, rows, got * sizeof *rows);
    ret->n += got;
    return OK;
}

/* The rest of a page from the batches from..before of one month; *more when they have further
 * rows. */
static err window_page(reader *r, history *h, arena *a, const sight *s, const event_filter *f,
        int64_t from, event_key before, size_t month_no, size_t limit, event_list *ret)
{
    history_page_row *rows = NULL;
    size_t n = 0, want = limit - ret->n;
    q_page_in in = { from, before.batch, before.row_no, (uint32_t)want + 1 };
    static_assert(sizeof *rows == sizeof(int64_t), "a place and nothing else");
    reader_narrow(r, month_no, 1);
    TRY(q_page(r, a, s, f, &in, &rows, &n));
    if (n == 0) return OK;
    ret->more = n > want;
    return rows_add(r, h, a, s, month_no, &rows->rid, n < want ? n : want, ret);
}

#define WINDOW_ROWS 250000 /* two of the engine's row groups */

/* How many batches hold about so many rows, by the month's mean. */
static int64_t batches_of(const month *m, int64_t rows)
{
    int64_t batches = m->last_batch - m->first_batch + 1, all = m->n_rows > 0 ? m->n_rows : 1;
    double n = (double)rows * (double)batches / (double)all;
    return n < 1 ? 1 : n > (double)batches ? batches : (int64_t)n;
}

/* The rest of a page from one month: its newest batches first, then eight times as many, and so
 * on, so that a page that fills soon reads little. What last_batch says may be older than what the
 * engine shows: it measures the window and does not bound it above. */
static err month_page(reader *r, history *h, arena *a, const sight *s, const event_filter *f,
        event_key before, size_t month_no, size_t limit, event_list *ret)
{
    const month *m = &h->months[month_no];
    for (int64_t rows = WINDOW_ROWS; before.batch >= m->first_batch && !ret->more; rows *= 8) {
        int64_t last = m->last_batch, top = before.batch < last ? before.batch : last;
        int64_t from = top - batches_of(m, rows) + 1;
        if (from < m->first_batch) from = m->first_batch;
        TRY(window_page(r, h, a, s, f, from, before, month_no, limit, ret));
        before = (event_key){ from - 1, INT64_MAX };
    }
    return OK;
}

err history_search(history *h, arena *a, const sight *s, const event_filter *f,
        const id128 *before, size_t limit, event_list *ret)
{
    ASSERT(h != NULL && a != NULL && s != NULL && ret != NULL);
    if (limit < 1 || limit > HISTORY_PAGE_MAX) return ERR(E_INVALID, "error.history.limit");
    event_key start = { INT64_MAX, INT64_MAX };
    if (before != NULL) start = event_key_of(h, *before);
    CLEANUP(reader_give) reader *r = NULL;
    TRY(reader_take(h, &r));
    size_t first = 0, end = 0;
    reader_narrow_to(r, f, start.batch);
    reader_span(r, &first, &end);
    event_list found = { .rows = NEW_ARRAY(a, event, limit) };
    while (end-- > first && !found.more)
        TRY(month_page(r, h, a, s, f, start, end, limit, &found));
    *ret = found;
    return OK;
}

/* Those of the keys that lie in one month. */
static size_t keys_within(const history *h, size_t month_no, const event_key *keys, size_t n,
        event_key *in, q_places_in *q)
{
    size_t k = 0;
    *q = (q_places_in){ .low = INT64_MAX, .high = INT64_MIN, .keys = in };
    for (size_t i = 0; i < n; i++) {
        if (keys[i].batch < h->months[month_no].first_batch ||
                keys[i].batch >= month_end(h, month_no))
            continue;
        in[k++] = keys[i];
        if (keys[i].batch < q->low) q->low = keys[i].batch;
        if (keys[i].batch > q->high) q->high = keys[i].batch;
    }
    q->n_keys = k;
    return k;
}

/* The rows of keys that are seen, newest first. */
static err keys_read(reader *r, history *h, arena *a, const sight *s, const event_key *keys,
        size_t n, event_list *ret)
{
    *ret = (event_list){ .rows = NEW_ARRAY(a, event, n) };
    event_key *in = NEW_ARRAY(a, event_key, n);
    for (size_t m = h->n_months; m-- > 0;) {
        q_places_in q;
        history_places_row *rows = NULL;
        size_t got = 0;
        if (keys_within(h, m, keys, n, in, &q) == 0) continue;
        reader_narrow(r, m, 1);
        TRY(q_places(r, a, s, &q, &rows, &got));
        if (got > 0) TRY(rows_add(r, h, a, s, m, &rows->rid, got, ret));
    }
    return OK;
}

err history_events(
        history *h, arena *a, const sight *s, const id128 *ids, size_t n, event_list *ret)
{
    ASSERT(h != NULL && s != NULL && (ids != NULL || n == 0));
    if (n > HISTORY_PAGE_MAX) return ERR(E_TOO_LARGE, "error.history.list");
    event_key *keys = NEW_ARRAY(a, event_key, n);
    for (size_t i = 0; i < n; i++)
        keys[i] = event_key_of(h, ids[i]);
    CLEANUP(reader_give) reader *r = NULL;
    TRY(reader_take(h, &r));
    return keys_read(r, h, a, s, keys, n, ret);
}

err history_event(history *h, arena *a, const sight *s, id128 id, event *ret)
{
    event_list one;
    TRY(history_events(h, a, s, &id, 1, &one));
    if (one.n == 0) return ERR(E_ABSENT, "error.history.event");
    *ret = one.rows[0];
    return OK;
}

err history_last_of(history *h, arena *a, const sight *s, const event_filter *f,
        const uint64_t *findings, size_t n, uint32_t each, event_list *ret)
{
    ASSERT(h != NULL && s != NULL && (findings != NULL || n == 0));
    *ret = (event_list){ 0 };
    if (n == 0) return OK;
    if (n > HISTORY_LIST_MAX) return ERR(E_TOO_LARGE, "error.history.list");
    if (each < 1 || each * n > HISTORY_PAGE_MAX) return ERR(E_INVALID, "error.history.limit");
    CLEANUP(reader_give) reader *r = NULL;
    TRY(reader_take(h, &r));
    reader_narrow_to(r, f, INT64_MAX);
    history_last_of_findings_row *rows = NULL;
    size_t got = 0;
    q_last_of_findings_in in = { findings, n, each };
    TRY(q_last_of_findings(r, a, s, f, &in, &rows, &got));
    event_key *keys = NEW_ARRAY(a, event_key, got);
    for (size_t i = 0; i < got; i++)
        keys[i] = (event_key){ rows[i].batch, rows[i].row_no };
    return keys_read(r, h, a, s, keys, got, ret);
}

/* ---- counting ---- */
static err count_reader(history *h, const sight *s, const event_filter *f, reader **r)
{
    ASSERT(h != NULL && s != NULL);
    TRY(reader_take(h, r));
    reader_narrow_to(*r, f, INT64_MAX);
    return OK;
}

err history_count(
        history *h, arena *a, const sight *s, const event_filter *f, history_total_row *ret)
{
    history_total_row *rows = NULL;
    size_t n = 0;
    CLEANUP(reader_give) reader *r = NULL;
    TRY(count_reader(h, s, f, &r));
    TRY(q_total(r, a, s, f, &rows, &n));
    ASSERT(n == 1);
    *ret = rows[0];
    return OK;
}

err history_facet(history *h, arena *a, const sight *s, const event_filter *f, event_column by,
        uint32_t top, history_facet_row **ret, size_t *n)
{
    if ((int)by < 0 || by >= EVENT_COLUMNS || !event_columns[by].facet)
        return ERR(E_INVALID, "error.history.facet");
    if (top < 1 || top > HISTORY_TOP_MAX) return ERR(E_INVALID, "error.history.limit");
    CLEANUP(reader_give) reader *r = NULL;
    TRY(count_reader(h, s, f, &r));
    return q_facet(r, a, s, f, &(q_facet_in){ by, top }, ret, n);
}

/* The rows of one column follow each other; which column it is says the one bit that is not set. */
static void values_split(history_facets_row *rows, size_t n, size_t n_by, history_values *ret)
{
    int64_t all = (1 << n_by) - 1;
    for (size_t i = 0; i < n; i++) {
        size_t k = n_by - 1;
        while (!(all & ~rows[i].which & 1 << (n_by - 1 - k)))
            ASSERT(k-- > 0);
        if (!ret[k].n++) ret[k].rows = &rows[i];
    }
}

err history_facets(history *h, arena *a, const sight *s, const event_filter *f,
        const event_column *by, size_t n_by, uint32_t top, history_values *ret)
{
    enum { COLUMNS_AT_ONCE = 16 };
    history_facets_row *rows;
    size_t n;
    ASSERT(n_by > 0 && n_by <= COLUMNS_AT_ONCE);
    for (size_t i = 0; i < n_by; i++)
        if (!event_columns[by[i]].facet) return ERR(E_INVALID, "error.history.facet");
    if (top < 1 || top > HISTORY_TOP_MAX) return ERR(E_INVALID, "error.history.limit");
    CLEANUP(reader_give) reader *r = NULL;
    TRY(count_reader(h, s, f, &r));
    TRY(q_facets(r, a, s, f, &(q_facets_in){ by, n_by, top }, &rows, &n));
    memset(ret, 0, n_by * sizeof *ret);
    values_split(rows, n, n_by, ret);
    return OK;
}

err history_facet_ip(history *h, arena *a, const sight *s, const event_filter *f, bool destination,
        uint32_t top, history_facet_ip_row **ret, size_t *n)
{
    if (top < 1 || top > HISTORY_TOP_MAX) return ERR(E_INVALID, "error.history.limit");
    q_facet_ip_in in = { EV_SOURCE_IP_HI, EV_SOURCE_IP_LO, top };
    if (destination) in = (q_facet_ip_in){ EV_DESTINATION_IP_HI, EV_DESTINATION_IP_LO, top };
    CLEANUP(reader_give) reader *r = NULL;
    TRY(count_reader(h, s, f, &r));
    return q_facet_ip(r, a, s, f, &in, ret, n);
}

err history_histogram(history *h, arena *a, const sight *s, const event_filter *f, event_column by,
        int64_t width_us, history_histogram_row **ret, size_t *n)
{
    ASSERT(by == EV_TIME_SOURCE || by == EV_TIME_OBSERVATION);
    if (width_us < US_PER_S) return ERR(E_INVALID, "error.history.limit");
    CLEANUP(reader_give) reader *r = NULL;
    TRY(count_reader(h, s, f, &r));
    return q_histogram(r, a, s, f, &(q_histogram_in){ by, width_us }, ret, n);
}
