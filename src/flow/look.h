/* look.h - the stages after parsing, over a whole batch: enrich, owner, aggregate, match, mark.
 * Belongs to the worker's thread. */
#pragma once
#include "flow/aggregate.h"
#include "flow/snapshot.h"

/* Hits of every row against the snapshot's indicators; scratch as match_scratch_new gives it. */
void flow_match_batch(const flow_snapshot *s, match_scratch *scratch, flow_batch *b);
/* Sets promote: owned and of a type that deserves a finding, or matched. */
void flow_mark_batch(flow_batch *b);
/* All of them in order, and the texts of extra at the end. groups may be NULL: nothing is
 * aggregated. */
void flow_look_batch(
        flow_snapshot *s, match_scratch *scratch, flow_aggregate *groups, flow_batch *b);
