/* feed_health.h - how the feeds are, out of the history: asked for all in a few questions. WATCH
 * only. */
#pragma once
#include "desk/watch/event/feed_judge.h"
#include "events/history.h"
#include "gen/desk/watch/event/queries.h"

enum { FEED_HOURS = 24 };

/* Numbers of one feed. */
typedef struct {
    int64_t row, rows_24h, rejects_24h, owned_24h, counted_24h;
    instant last_event, last_file;
    int64_t hours[FEED_HOURS];
} feed_numbers;

typedef struct {
    instant now;
    feed_all_row *feeds;   /* all that the viewer sees */
    feed_numbers *numbers; /* of each; only of one when asked so */
    size_t n;
    feed_limits limits;
    feed_alarms_row *alarms; /* that are told; of feeds the viewer does not see too */
    size_t n_alarms;
} feed_health;

/* only: row of one feed, 0: all. */
MUST_USE err feed_health_read(call *c, int64_t only, feed_health **ret);
feed_state feed_health_of(const feed_health *h, const feed_all_row *f);
/* Members of a Feed that are not its record's. */
void feed_health_put(const feed_health *h, const feed_all_row *f, jsonw *w);
/* The viewer's own events: the last one's time ({0}: none), and how many in 24 hours. */
MUST_USE err feed_health_events(call *c, instant *last, int64_t *n_24h);
