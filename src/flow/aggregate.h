/* aggregate.h - the same finding again: the first event of a group passes at once, later ones
 * within the feed's window only count. A fixed table; when it is full the oldest groups make room,
 * which can let an event pass again but never loses one. Belongs to the worker's thread. */
#pragma once
#include "engine/fingerprint/fingerprint.h"
#include "flow/event.h"

typedef struct flow_aggregate flow_aggregate;
/* groups: how many can be open at once; 40 bytes each. */
flow_aggregate *flow_aggregate_new(size_t groups);
void flow_aggregate_free(flow_aggregate *g);
/* Puts a group back after a start, from the history: an event of it within the window only counts.
 */
void flow_aggregate_seed(flow_aggregate *g, uint64_t finding, int64_t first_us, int64_t last_us);
/* True: the event passes (a new group, or its window is over). gap_us 0: everything passes. Times
 * are the events' own; one out of order does not close a group. */
bool flow_aggregate_take(
        flow_aggregate *g, uint64_t finding, int64_t time_us, int64_t gap_us, int64_t span_us);
size_t flow_aggregate_open(const flow_aggregate *g);
uint64_t flow_aggregate_evicted(const flow_aggregate *g); /* groups closed early for want of room */
/* Removes the rows of b that only repeat, and lists them in b->repeat (one entry a finding). Sets
 * count and finding of all rows. owner must be set. */
void flow_aggregate_batch(flow_aggregate *g, flow_batch *b, int64_t gap_us, int64_t span_us);
