/* summary.c - route of an event summary: count, histogram and facets of one filter. In the pool. */
#include "desk/watch/event/event.h"

#include "common/findings/findings.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { BARS_MAX = 120, TOP = 20, DAY_S = 86400 };

typedef struct {
    int64_t from_us, to_us, step_s;
    int64_t *bar;
    size_t n;
} histogram;

/* The finest step that needs no more than so many bars. */
static int64_t step_for(int64_t span_us)
{
    static const int64_t steps[] = { 60, 300, 900, 3600, 3 * 3600, 6 * 3600, DAY_S, 7 * DAY_S,
        30 * DAY_S };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (span_us / (steps[i] * US_PER_S) < BARS_MAX) return steps[i];
    return (span_us / US_PER_S / BARS_MAX / DAY_S + 1) * DAY_S;
}

/* Where the query names no ends, the days that have events do. Times that were not said lie at
 * zero. */
static void ends(call *c, const struct event_query *q, const history_total_row *total, histogram *h)
{
    const int64_t day = DAY_S * US_PER_S;
    bool some = total->first > 0;
    h->to_us = txn_now(c->t).us;
    h->from_us = some ? total->first / day * day : h->to_us - day;
    if (some) h->to_us = total->last / day * day + day;
    if (q->has_from) h->from_us = q->from.us;
    if (q->has_to) h->to_us = q->to.us;
    if (q->has_to && !q->has_from && !some) h->from_us = q->to.us - day;
}

static err histogram_read(call *c, const event_filter *f, histogram *h)
{
    history_histogram_row *rows;
    size_t n;
    h->step_s = step_for(h->to_us - h->from_us);
    int64_t step = h->step_s * US_PER_S, first = h->from_us / step * step;
    h->n = (size_t)((h->to_us - first + step - 1) / step);
    h->bar = NEW_ARRAY(c->a, int64_t, h->n + 1);
    TRY(history_histogram(
            c->realm->history, c->a, &c->viewer.sight, f, EV_TIME_SOURCE, step, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        int64_t at = (rows[i].at - first) / step;
        if (rows[i].at >= first && at < (int64_t)h->n) h->bar[at] += rows[i].n_rows;
    }
    h->from_us = first;
    return OK;
}

static void put_histogram(jsonw *w, const histogram *h)
{
    jw_ktime(w, "from", (instant){ h->from_us });
    jw_ktime(w, "to", (instant){ h->to_us });
    jw_ki64(w, "step_s", h->step_s);
    jw_key(w, S("histogram"));
    jw_arr(w);
    for (size_t i = 0; i < h->n; i++)
        jw_i64(w, h->bar[i]);
    jw_end_arr(w);
}

/* ---- facets ---- */

static const event_column facets[] = { EV_TYPE, EV_IDENTIFIER, EV_FEED, EV_OWNER, EV_SOURCE_CC,
    EV_SEVERITY };
static const char *const facet_names[ARRAY_LEN(facets)] = { "type", "identifier", "feed", "owner",
    "cc", "severity" };

static void put_value(jsonw *w, str value, str label, int64_t n)
{
    jw_obj(w);
    jw_kstr(w, "value", value);
    if (label.n) jw_kraw(w, "label", label);
    jw_ki64(w, "count", n);
    jw_end_obj(w);
}

/* Names stand for rows; what the viewer does not see is left out. */
static err put_named(
        event_names *names, jsonw *w, event_column by, const history_facets_row *r, arena *a)
{
    int64_t row;
    event_name name = { 0 };
    if (!str_to_i64(r->value, &row)) return OK;
    TRY(by == EV_FEED ? event_feed_name(names, row, &name) : event_owner_name(names, row, &name));
    if (name.seen)
        put_value(w, by == EV_FEED ? name.key : id_text(a, name.id), name.name, r->n_rows);
    else if (by == EV_OWNER && row == 0)
        put_value(w, (str){ 0 }, (str){ 0 }, r->n_rows);
    return OK;
}

static err put_row(event_names *names, call *c, event_column by, const history_facets_row *r)
{
    int64_t n;
    if (by == EV_FEED || by == EV_OWNER) return put_named(names, &c->out, by, r, c->a);
    str value = r->value;
    if (by == EV_SEVERITY && str_to_i64(value, &n)) value = severity_name(n);
    if (value.n) put_value(&c->out, value, (str){ 0 }, r->n_rows);
    return OK;
}

static err put_facets(call *c, const event_filter *f)
{
    event_names *names = event_names_new(c);
    history_values of[ARRAY_LEN(facets)];
    TRY(history_facets(
            c->realm->history, c->a, &c->viewer.sight, f, facets, ARRAY_LEN(facets), TOP, of));
    jw_key(&c->out, S("facets"));
    jw_obj(&c->out);
    for (size_t i = 0; i < ARRAY_LEN(facets); i++) {
        jw_key(&c->out, str_of(facet_names[i]));
        jw_arr(&c->out);
        for (size_t k = 0; k < of[i].n; k++)
            TRY(put_row(names, c, facets[i], &of[i].rows[k]));
        jw_end_arr(&c->out);
    }
    jw_end_obj(&c->out);
    return OK;
}

err h_event_summary(call *c)
{
    const struct event_query *q = c->query;
    event_filter f;
    history_total_row total;
    histogram h = { 0 };
    TRY(event_filter_of(c, q, &f));
    TRY(history_count(c->realm->history, c->a, &c->viewer.sight, &f, &total));
    ends(c, q, &total, &h);
    TRY(histogram_read(c, &f, &h));
    jw_obj(&c->out);
    jw_ki64(&c->out, "count", total.n_rows);
    put_histogram(&c->out, &h);
    TRY(put_facets(c, &f));
    jw_end_obj(&c->out);
    return OK;
}
