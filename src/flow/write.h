/* write.h - the pipeline's sink: batches into the history, with the input's new position in the
 * same transaction, several to a commit; then their findings to the promoter. Used by intake on the
 * worker's thread. */
#pragma once
#include "flow/intake_in.h"

typedef struct flow_writer flow_writer;
typedef struct {
    flow *f;
    intake_run *run;
    intake_feed feed;
    int64_t audience_owned; /* AMBER+STRICT with the national group */
    bool careful;           /* commits the first batch at once: the program crashed at this input */
} write_input;

flow_writer *writer_new(const write_input *in);
void writer_free(flow_writer *w); /* what is not committed is as if it had not been */
/* A flow_sink: commits by itself when enough has come together, or a second has passed. */
MUST_USE err writer_take(void *w, const flow_batch *b);
/* Commits what is there. */
MUST_USE err writer_flush(flow_writer *w);
