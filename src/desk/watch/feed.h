/* feed.h - what the other nouns of WATCH ask of feeds. WATCH only. */
#pragma once
#include "api/api.h"

typedef enum { FEED_ALIVE, FEED_LATE, FEED_SILENT, FEED_NEW, FEED_PAUSED, FEED_STATES } feed_state;
/* Feeds that the viewer may see, by how they are. */
MUST_USE err feed_counts(call *c, int64_t ret[FEED_STATES]);

/* Feeds that the viewer may see: how many are alive, how many there are, when the last event came
 * and how many in 24 hours. last_event {0}: none. */
MUST_USE err feed_summary(
        call *c, int64_t *alive, int64_t *total, instant *last_event, int64_t *events_24h);
