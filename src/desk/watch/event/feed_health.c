/* feed_health.c - numbers by feed for 24 hours from three grouped questions; only a feed that said
 * nothing in that time is asked for by itself. Owned shares count what the viewer sees. */
#include "desk/watch/event/feed_health.h"

#include "api/app.h"
#include "store/store.h"

enum { HOUR_S = 3600, FEEDS_TOP = 5000 };

static feed_numbers *numbers_of(feed_health *h, int64_t row)
{
    for (size_t i = 0; i < h->n; i++)
        if (h->numbers[i].row == row) return &h->numbers[i];
    return NULL;
}

static instant day_ago(instant now)
{
    return (instant){ now.us - US_PER_DAY };
}

static err intake_read(call *c, feed_health *h)
{
    history_feeds_row *rows;
    size_t n;
    TRY(history_feeds(c->realm->history, c->a, day_ago(h->now), &rows, &n));
    for (size_t i = 0; i < n; i++) {
        feed_numbers *x = numbers_of(h, rows[i].feed);
        if (!x) continue;
        x->rows_24h = rows[i].n_rows;
        x->rejects_24h = rows[i].n_rejected;
        x->last_event.us = rows[i].last_us;
    }
    return OK;
}

static err last_read(call *c, feed_numbers *x)
{
    history_batches_row *rows;
    size_t n;
    if (x->last_event.us) return OK;
    TRY(history_batches(c->realm->history, c->a, (uint32_t)x->row, 0, 1, &rows, &n));
    if (n) x->last_event.us = rows[0].received;
    return OK;
}

static err hours_read(call *c, const feed_health *h, feed_numbers *x)
{
    history_feed_hours_row *rows;
    size_t n;
    int64_t hour_us = HOUR_S * US_PER_S, first = (h->now.us / hour_us - FEED_HOURS + 1) * hour_us;
    if (!x->rows_24h) return OK;
    TRY(history_feed_hours(
            c->realm->history, c->a, (uint32_t)x->row, (instant){ first }, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        int64_t at = (rows[i].at - first) / hour_us;
        if (at >= 0 && at < FEED_HOURS) x->hours[at] += rows[i].n_rows;
    }
    return OK;
}

static err shares_read(call *c, feed_health *h)
{
    for (int unowned = 0; unowned < 2; unowned++) {
        event_filter f = { .from = day_ago(h->now), .unowned = unowned };
        history_facet_row *rows;
        size_t n;
        TRY(history_facet(
                c->realm->history, c->a, &c->viewer.sight, &f, EV_FEED, FEEDS_TOP, &rows, &n));
        for (size_t i = 0; i < n; i++) {
            int64_t row;
            feed_numbers *x = str_to_i64(rows[i].value, &row) ? numbers_of(h, row) : NULL;
            if (!x) continue;
            if (unowned)
                x->owned_24h -= rows[i].n_rows;
            else
                x->counted_24h = x->owned_24h = rows[i].n_rows;
        }
    }
    return OK;
}

static err files_read(call *c, feed_health *h)
{
    feed_files_row *rows;
    size_t n;
    TRY(feed_files(c->t, &c->viewer, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        feed_numbers *x = numbers_of(h, rows[i].feed);
        if (x) x->last_file = rows[i].last;
    }
    return OK;
}

err feed_health_read(call *c, int64_t only, feed_health **ret)
{
    feed_health *h = NEW(c->a, feed_health);
    h->now = txn_now(c->t);
    h->limits = feed_limits_load(c->app->conf);
    TRY(feed_all(c->t, &c->viewer, c->a, &h->feeds, &h->n));
    h->numbers = NEW_ARRAY(c->a, feed_numbers, h->n + 1);
    for (size_t i = 0; i < h->n; i++)
        h->numbers[i].row = h->feeds[i]._row;
    *ret = h;
    if (!h->n) return OK;
    TRY(intake_read(c, h));
    TRY(shares_read(c, h));
    TRY(files_read(c, h));
    TRY(feed_alarms(c->t, c->a, &h->alarms, &h->n_alarms));
    for (size_t i = 0; i < h->n; i++) {
        if (only && h->numbers[i].row != only) continue;
        TRY(last_read(c, &h->numbers[i]));
        TRY(hours_read(c, h, &h->numbers[i]));
    }
    return OK;
}

feed_state feed_health_of(const feed_health *h, const feed_all_row *f)
{
    const feed_numbers *x = &h->numbers[f - h->feeds];
    if (str_eq(f->state, S("paused"))) return FEED_PAUSED;
    if (!x->last_event.us) return FEED_NEW;
    return feed_quiet(&h->limits, h->now.us - x->last_event.us,
            feed_patience_us(f->every_s, f->expect_every_s));
}

/* Of a feed that the viewer sees. */
static void put_alarms(const feed_health *h, const feed_all_row *f, jsonw *w)
{
    jw_key(w, S("alarms"));
    jw_arr(w);
    for (size_t i = 0; i < h->n_alarms; i++) {
        if (h->alarms[i].feed != f->_row) continue;
        jw_obj(w);
        jw_kstr(w, "what", h->alarms[i].what);
        jw_ktime(w, "since", h->alarms[i].since);
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

void feed_health_put(const feed_health *h, const feed_all_row *f, jsonw *w)
{
    static const char *const words[] = { "alive", "late", "silent", "new", "paused" };
    const feed_numbers *x = &h->numbers[f - h->feeds];
    jw_ktime(w, "last_event", x->last_event);
    jw_ktime(w, "last_file", x->last_file);
    jw_ki64(w, "events_24h", x->rows_24h);
    jw_ki64(w, "rejects_24h", x->rejects_24h);
    jw_key(w, S("owned_pct"));
    int64_t tenths = x->counted_24h ? x->owned_24h * 1000 / x->counted_24h : 0;
    if (x->counted_24h)
        jw_f64(w, (double)tenths / 10);
    else
        jw_null(w);
    jw_kstr(w, "health", str_of(words[feed_health_of(h, f)]));
    put_alarms(h, f, w);
    jw_key(w, S("hours"));
    jw_arr(w);
    for (int i = 0; i < FEED_HOURS; i++)
        jw_i64(w, x->hours[i]);
    jw_end_arr(w);
}

err feed_health_events(call *c, instant *last, int64_t *n_24h)
{
    event_list newest;
    history_total_row total;
    event_filter day = { .from = day_ago(txn_now(c->t)) }, all = { 0 };
    const sight *s = &c->viewer.sight;
    TRY(history_count(c->realm->history, c->a, s, &day, &total));
    *n_24h = total.n_rows;
    *last = (instant){ total.taken_in };
    if (total.n_rows) return OK;
    TRY(history_search(c->realm->history, c->a, s, &all, NULL, 1, &newest));
    if (newest.n) last->us = newest.rows[0].time_observation;
    return OK;
}
