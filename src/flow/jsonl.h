/* jsonl.h - rows that are JSON objects, one a line: IntelMQ events and what others send. Nested
 * objects are flattened with dots; arrays stay JSON. Used by the worker's thread. */
#pragma once
#include "flow/plan.h"

/* A plan from the feed's columns, the keys of the first line, and the Data Format's own keys. */
MUST_USE err jsonl_plan(
        arena *a, const flow_feed *feed, str file, str first_line, const flow_plan **ret);
/* Adds one line as event or reject; false when it was rejected. */
bool jsonl_row(const flow_plan *p, flow_batch *b, str line, int64_t number, uint64_t offset,
        const flow_seal_key *seal);
