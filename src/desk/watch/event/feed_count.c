/* feed_count.c - what feeds bring, by day: each file that was read in is counted once, when it
 * ends. Forty days are kept of each feed, so that looking costs the same whatever the history. */
#include "desk/watch/event/feed_alarm.h"
#include "gen/desk/watch/event/queries.h"
#include "store/store.h"

enum { KEPT_DAYS = 40 };

static err count_run(struct txn *t, const feed_run_counts_row *r)
{
    int64_t day = r->finished.us / US_PER_DAY, rows = r->rows_done + r->rows_same;
    TRY(feed_day_add(t,
            &(feed_day_add_args){
                    .feed = r->feed, .day = day, .n_rows = rows, .n_bad = r->rows_bad },
            NULL));
    TRY(feed_day_trim(t, &(feed_day_trim_args){ .feed = r->feed, .day = day - KEPT_DAYS }, NULL));
    if (!rows) return OK;
    return feed_pulse_set(t, &(feed_pulse_set_args){ .feed = r->feed, .last = r->finished }, NULL);
}

err feed_count(struct txn *t, const realm *r, void *ctx, const ledger_item *entries, size_t n)
{
    (void)r, (void)ctx;
    for (size_t i = 0; i < n; i++) {
        feed_run_counts_row *rows;
        size_t found;
        TRY(feed_run_counts(t, &(feed_run_counts_args){ .id = entries[i].subject }, txn_arena(t),
                &rows, &found));
        if (found) TRY(count_run(t, rows));
    }
    return OK;
}
