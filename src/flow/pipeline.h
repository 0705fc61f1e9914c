/* pipeline.h - one input through all stages: a reader thread fills blocks, a worker thread turns
 * them into batches, the caller's thread gives these to the sink. Bounded queues lie between them,
 * so memory does not grow with the input: about 40 MB a run besides the snapshot. */
#pragma once
#include "flow/look.h"
#include "flow/plan.h"

/* Where bytes come from. read gives up to cap bytes at offset into p; *n 0 is the end. It is called
 * from the reader's thread, with growing offsets except for one jump after the header was read. */
typedef struct {
    err (*read)(void *ctx, uint64_t offset, char *p, size_t cap, size_t *n);
    void *ctx;
} flow_input;
flow_input flow_input_memory(const str *text); /* *text must live through the run */
flow_input flow_input_fd(const int *fd);       /* a file that can be read at an offset */

/* Takes a batch: write and commit it with b->to as the input's new position. The batch is borrowed
 * until it returns. A fault ends the run and is what flow_run gives back. */
typedef err (*flow_sink)(void *ctx, const flow_batch *b);

typedef struct {
    const flow_feed *feed;
    const struct ss_mapping *mapping; /* for FEED_SHADOWSERVER; NULL: everything is quarantined */
    str file;                         /* name as it came: tells Shadowserver's report type */
    flow_input input;
    flow_position from; /* {0, 0}: from the start; else as a batch's `to` said */
    flow_snapshot_slot *snapshots;
    flow_aggregate *groups; /* NULL: no aggregation */
    const flow_seal_key *seal;
    instant now;              /* time.observation of rows that say none */
    const _Atomic bool *stop; /* set by anyone: the run ends after the batch in hand; may be NULL */
    flow_sink sink;
    void *sink_ctx;
} flow_run_input;

typedef struct {
    uint64_t rows, events, rejects, repeats, owned, matched, promoted;
    flow_position at; /* behind the last batch that the sink took */
    bool stopped;
} flow_run_result;

/* Runs to the end of the input, to a stop, or to the first fault of input or sink; *ret is set in
 * every case. Errors: those of read and sink. */
MUST_USE err flow_run(const flow_run_input *in, flow_run_result *ret);
