/* feed.h - what the other nouns of WATCH ask of feeds. WATCH only. */
#pragma once
#include "api/api.h"

/* Feeds that the viewer may see: how many are alive, how many there are, when the last event came
 * and how many in 24 hours. last_event {0}: none. */
MUST_USE err feed_summary(
        call *c, int64_t *alive, int64_t *total, instant *last_event, int64_t *events_24h);
