/* search.c - the questions of history.h, put together from the generated queries.
 * Owns nothing; any thread. Lists are found in two steps: the keys of the rows first, month by month
 * from the newest, then those rows whole; so a page reads no text of a row that it does not show. */
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

/* The rows of keys that are seen, newest first; asks the months that the keys are in. */
static err rows_read(reader *r, history *h, arena *a, const sight *s, const event_key *keys, size_t n,
        event_list *ret)
{
    *ret = (event_list){ 0 };
    if (n == 0) return OK;
    q_by_key_in in = { .low = INT64_MAX, .high = INT64_MIN, .keys = keys, .n_keys = n };
    for (size_t i = 0; i < n; i++) {
        if (keys[i].batch < in.low) in.low = keys[i].batch;
        if (keys[i].batch > in.high) in.high = keys[i].batch;
    }
    size_t first = 0, end = h->n_months;
    while (first < end && month_end(h, first) <= in.low)
        first++;
    while (end > first && h->months[end - 1].first_batch > in.high)
        end--;
    reader_narrow(r, first, end - first);
    TRY(q_by_key(r, a, s, &in, &ret->rows, &ret->n));
    ids_fill(h, a, ret->rows, ret->n);
    return OK;
}

/* Keys of at most `most` rows behind `before`, month by month from the newest. */
static err keys_find(reader *r, history *h, arena *a, const sight *s, const event_filter *f,
        event_key before, uint32_t most, event_key *keys, size_t *n)
{
    reader_narrow_to(r, f, before.batch);
    size_t found = 0, first = 0, end = 0;
    reader_span(r, &first, &end);
    while (end-- > first && found < most) {
        q_page_in in = { before.batch, before.row_no, most - (uint32_t)found };
        history_page_row *rows = NULL;
        size_t got = 0;
        reader_narrow(r, end, 1);
        TRY(q_page(r, a, s, f, &in, &rows, &got));
        for (size_t i = 0; i < got; i++)
            keys[found++] = (event_key){ rows[i].batch, rows[i].row_no };
    }
    *n = found;
    return OK;
}

err history_search(history *h, arena *a, const sight *s, const event_filter *f, const id128 *before,
        size_t limit, event_list *ret)
{
    ASSERT(h != NULL && a != NULL && s != NULL && ret != NULL);
    if (limit < 1 || limit > HISTORY_PAGE_MAX) return ERR(E_INVALID, "error.history.limit");
    event_key start = { INT64_MAX, INT64_MAX };
    if (before != NULL) start = event_key_of(h, *before);
    CLEANUP(reader_give) reader *r = NULL;
    TRY(reader_take(h, &r));
    event_key *keys = NEW_ARRAY(a, event_key, limit + 1);
    size_t n = 0;
    TRY(keys_find(r, h, a, s, f, start, (uint32_t)limit + 1, keys, &n));
    TRY(rows_read(r, h, a, s, keys, n < limit ? n : limit, ret));
    ret->more = n > limit;
    return OK;
}

err history_events(history *h, arena *a, const sight *s, const id128 *ids, size_t n, event_list *ret)
{
    ASSERT(h != NULL && s != NULL && (ids != NULL || n == 0));
    if (n > HISTORY_PAGE_MAX) return ERR(E_TOO_LARGE, "error.history.list");
    event_key *keys = NEW_ARRAY(a, event_key, n);
    for (size_t i = 0; i < n; i++)
        keys[i] = event_key_of(h, ids[i]);
    CLEANUP(reader_give) reader *r = NULL;
    TRY(reader_take(h, &r));
    return rows_read(r, h, a, s, keys, n, ret);
}

err history_event(history *h, arena *a, const sight *s, id128 id, event *ret)
{
    event_list one;
    TRY(history_events(h, a, s, &id, 1, &one));
    if (one.n == 0) return ERR(E_ABSENT, "error.history.event");
    *ret = one.rows[0];
    return OK;
}

err history_last_of(history *h, arena *a, const sight *s, const event_filter *f, const uint64_t *findings,
        size_t n, uint32_t each, event_list *ret)
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
    return rows_read(r, h, a, s, keys, got, ret);
}

/* ---- counting ---- */
static err count_reader(history *h, const sight *s, const event_filter *f, reader **r)
{
    ASSERT(h != NULL && s != NULL);
    TRY(reader_take(h, r));
    reader_narrow_to(*r, f, INT64_MAX);
    return OK;
}

err history_count(history *h, arena *a, const sight *s, const event_filter *f, history_total_row *ret)
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
