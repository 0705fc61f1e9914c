/* snapshot.h - what the pipeline knows of the records, as it stood at one moment: owners,
 * indicators, address data, feeds. Never changed after it is made: a newer one takes its place
 * whole, and the old one goes when the last batch that holds it comes back. Made by whoever reads
 * the records; any thread. */
#pragma once
#include "flow/feed.h"
#include "flow/geo.h"
#include "flow/owner.h"

struct ss_mapping;

typedef struct {
    match_kind kind;
    str value;
    int64_t row; /* the indicator's row in the store: what events keep */
} flow_indicator;

typedef struct {
    instant made; /* when the records were read */
    owner_input owners;
    const flow_indicator *indicator;
    size_t n_indicator;
    flow_geo *geo; /* held by the snapshot from now on; NULL: none */
} snapshot_input;

typedef struct flow_snapshot flow_snapshot;
typedef struct {
    size_t indicators, indicators_refused, domains_refused, bytes;
} snapshot_stats;

/* Copies what it needs of in. One owner: the caller. Errors: E_INVALID error.flow.pattern. */
MUST_USE err flow_snapshot_make(const snapshot_input *in, flow_snapshot **ret);
void flow_snapshot_hold(flow_snapshot *s);
void flow_snapshot_release(flow_snapshot *s);       /* NULL is allowed */
instant flow_snapshot_made(const flow_snapshot *s); /* its age is now minus this */
snapshot_stats flow_snapshot_stat(const flow_snapshot *s);
const owners *flow_snapshot_owners(const flow_snapshot *s);
const match *flow_snapshot_match(const flow_snapshot *s);
const flow_geo *flow_snapshot_geo(const flow_snapshot *s);
int64_t flow_snapshot_indicator_row(const flow_snapshot *s, uint32_t id);

/* The place where the current one is found. Taking one costs a lock of some nanoseconds once a
 * batch. */
typedef struct flow_snapshot_slot flow_snapshot_slot;
flow_snapshot_slot *flow_snapshot_slot_new(flow_snapshot *first); /* takes over the caller's hold */
void flow_snapshot_slot_free(flow_snapshot_slot *t);
void flow_snapshot_swap(
        flow_snapshot_slot *t, flow_snapshot *next);      /* takes over the caller's hold */
flow_snapshot *flow_snapshot_take(flow_snapshot_slot *t); /* release it when done */
