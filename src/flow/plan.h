/* plan.h - the way from a file's columns to events, worked out once for each file from its header,
 * so that a row needs no look-up by name. Made and used on the worker's thread; lives in an arena
 * that outlasts its batches. */
#pragma once
#include "flow/event.h"
#include "flow/feed.h"
#include "flow/seal.h"

typedef enum { DRIFT_MISSING, DRIFT_MISSING_REQUIRED, DRIFT_NEW, DRIFT_TWICE } drift_kind;
typedef struct {
    str column;
    drift_kind kind;
} flow_drift;

/* What the batches of one file have in common. */
typedef struct flow_source_info {
    const flow_feed *feed;
    str file, report_type, feed_name, header; /* header: the row as it came */
    bool quarantined;  /* no mapping for this report type: the columns were guessed */
    flow_drift *drift; /* where the header differs from what was expected */
    size_t n_drift;
} flow_source_info;

typedef struct flow_plan flow_plan;

/* What a plan is made from: fields in the order in which they are tried. */
typedef struct {
    const flow_feed *feed;
    str file, report_type, feed_name;
    const feed_field *field;
    size_t n_field;
    const feed_constant *constant;
    size_t n_constant;
    bool guess; /* columns without a field: by name; else extra */
    bool quarantined;
    bool by_name; /* rows name their values (JSON): a new name is no drift */
} plan_input;

/* header: the column names; header_raw: the row as it came. Everything is copied or borrowed from
 * in, which must live as long. */
const flow_plan *flow_plan_make(
        arena *a, const plan_input *in, const str *header, size_t n, str header_raw);
const flow_source_info *flow_plan_source(const flow_plan *p);
bool flow_plan_has_secrets(const flow_plan *p);
/* The column with that name, or -1: for rows that come by name. hint: where it was last time. */
int flow_plan_column(const flow_plan *p, str name, size_t hint);
size_t flow_plan_columns(const flow_plan *p);

/* One row of cells. kind: value_kind of each cell (JSON), or NULL when all are text. */
typedef struct {
    const str *cell;
    const uint8_t *kind;
    uint32_t n;
    str raw;
    int64_t number;
    uint64_t offset;
} flow_row;
/* Adds the row to b as an event or as a reject. Cells and raw are borrowed until b is cleared.
 * False: rejected. b must have room. */
bool flow_plan_row(const flow_plan *p, flow_batch *b, const flow_row *r, const flow_seal_key *seal);
/* Drops what the row in hand has added so far and keeps it as a reject. */
void flow_row_reject(flow_batch *b, const flow_row *r, const char *reason, str column);
/* An extra under a name that the plan does not know ("extra." is put before it). */
void flow_row_unknown(
        flow_batch *b, str column, str value, value_kind kind, const flow_seal_key *seal);
