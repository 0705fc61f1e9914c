/* event.h - what the files of events and lookup share: filters out of queries, events as JSON,
 * names of owners and feeds as the viewer may see them. WATCH only. */
#pragma once
#include "api/api.h"
#include "common/observable/observable.h"
#include "events/history.h"

/* The filter that a query asks for. Unknown or unseen organisations and feeds give one that no
 * event passes. Errors: E_INVALID with pointer /q or /to. */
MUST_USE err event_filter_of(call *c, const struct event_query *q, event_filter *ret);
/* Narrows f to what was recognised. False: events are not found by that. */
bool event_filter_by(const observable *o, event_filter *f);

/* Names that one answer needs, asked for once each. */
typedef struct event_names event_names;
event_names *event_names_new(call *c);
typedef struct {
    bool seen;
    id128 id;
    str key, name; /* name: texts */
} event_name;
MUST_USE err event_owner_name(event_names *n, int64_t row, event_name *ret);
MUST_USE err event_feed_name(event_names *n, int64_t row, event_name *ret);

/* Members of an Event; whole: with extra, raw and why. */
MUST_USE err event_put(event_names *n, const event *e, bool whole);
