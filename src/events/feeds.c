/* feeds.c - what came in: batches, rejects, health of the feeds, where inputs stand, numbers of
 * the history itself. Owns nothing; any thread. Who calls has checked the right to keep feeds. */
#include "events/history_in.h"
#include "events/queries_gen.h"

err history_batches(history *h, arena *a, uint32_t feed, int64_t before, uint32_t limit,
        history_batches_row **ret, size_t *n)
{
    if (limit < 1 || limit > HISTORY_PAGE_MAX) return ERR(E_INVALID, "error.history.limit");
    CLEANUP(reader_give) reader *r = NULL;
    TRY(reader_take(h, &r));
    return q_batches(
            r, a, &(q_batches_in){ feed, before > 0 ? before : INT64_MAX, limit }, ret, n);
}

err history_batch(history *h, arena *a, int64_t batch, history_batch_by_id_row *ret)
{
    history_batch_by_id_row *rows = NULL;
    size_t n = 0;
    CLEANUP(reader_give) reader *r = NULL;
    TRY(reader_take(h, &r));
    TRY(q_batch_by_id(r, a, &(q_batch_by_id_in){ batch }, &rows, &n));
    if (n == 0) return ERR(E_ABSENT, "error.history.no_batch");
    *ret = rows[0];
    return OK;
}

err history_rejects(
        history *h, arena *a, int64_t batch, uint32_t limit, history_rejects_row **ret, size_t *n)
{
    if (limit < 1 || limit > HISTORY_PAGE_MAX) return ERR(E_INVALID, "error.history.limit");
    CLEANUP(reader_give) reader *r = NULL;
    TRY(reader_take(h, &r));
    return q_rejects(r, a, &(q_rejects_in){ batch, limit }, ret, n);
}

err history_feed_hours(
        history *h, arena *a, uint32_t feed, instant from, history_feed_hours_row **ret, size_t *n)
{
    CLEANUP(reader_give) reader *r = NULL;
    TRY(reader_take(h, &r));
    reader_narrow_to(r, &(event_filter){ .from = from }, INT64_MAX);
    return q_feed_hours(r, a, &(q_feed_hours_in){ feed, from.us }, ret, n);
}

err history_feeds(history *h, arena *a, instant from, history_feeds_row **ret, size_t *n)
{
    CLEANUP(reader_give) reader *r = NULL;
    TRY(reader_take(h, &r));
    reader_narrow_to(r, &(event_filter){ .from = from }, INT64_MAX);
    return q_feeds(r, a, &(q_feeds_in){ from.us }, ret, n);
}

err history_position_read(history *h, arena *a, str input, input_position *ret)
{
    history_position_row *rows = NULL;
    size_t n = 0;
    CLEANUP(reader_give) reader *r = NULL;
    TRY(reader_take(h, &r));
    if (reader_months(r) == 0) return ERR1(E_ABSENT, "error.history.position", input);
    reader_narrow(r, reader_months(r) - 1, 1); /* a new month takes the newest positions over */
    TRY(q_position(r, a, &(q_position_in){ input }, &rows, &n));
    if (n == 0) return ERR1(E_ABSENT, "error.history.position", input);
    *ret = (input_position){ rows[0].input, rows[0].place, rows[0].mark, { rows[0].moved } };
    return OK;
}

static err month_stat(reader *r, history *h, arena *a, size_t i, history_month *ret)
{
    char path[4096], wal[4096];
    const month *m = &h->months[i];
    history_sizes_row *rows = NULL;
    size_t n = 0;
    reader_narrow(r, i, 1);
    TRY(q_sizes(r, a, &(q_sizes_in){ m->first_batch, month_end(h, i) }, &rows, &n));
    ASSERT(n == 1);
    month_path(h, m->year_month, "", path);
    month_path(h, m->year_month, ".wal", wal);
    *ret = (history_month){ m->year_month, rows[0].n_rows, disk_bytes(path) + disk_bytes(wal),
        rows[0].n_overlaid, m->open };
    return OK;
}

err history_stat(history *h, arena *a, history_stats *ret)
{
    CLEANUP(reader_give) reader *r = NULL;
    TRY(reader_take(h, &r));
    *ret = (history_stats){ .n = reader_months(r) };
    ret->months = NEW_ARRAY(a, history_month, ret->n);
    for (size_t i = 0; i < ret->n; i++) {
        TRY(month_stat(r, h, a, i, &ret->months[i]));
        ret->n_rows += ret->months[i].n_rows;
        ret->n_bytes += ret->months[i].n_bytes;
    }
    return OK;
}
