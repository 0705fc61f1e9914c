/* pipeline.c - blocks and batches go round: each is made once and reused. A block has room before
 * its bytes for the row that the block before it left unfinished, so a row is copied at most once.
 */
#include "flow/pipeline.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "flow/parse.h"
#include "flow/queue.h"

enum { BLOCKS = 6, BATCHES = 3 };

typedef struct {
    const flow_run_input *in;
    flow_queue *free_blocks, *blocks, *free_batches, *batches;
    flow_block *block[BLOCKS];
    flow_batch *batch[BATCHES];
    flow_parser *parser;
    fault read_fault; /* copied: faults belong to the thread that made them */
    bool read_failed;
    arena *faults;
} run;

static bool asked_to_stop(const run *r)
{
    return r->in->stop && *r->in->stop;
}

/* ---- the reader ---- */

static void read_failed(run *r, err e)
{
    r->read_fault = *fault_copy(r->faults, e.f);
    r->read_failed = true;
}

static bool fill(run *r, flow_block *b, uint64_t offset)
{
    b->n = 0;
    b->offset = offset;
    b->last = b->begun = b->jump = false;
    while (b->n < FLOW_BLOCK_BYTES && !b->last) {
        size_t got = 0;
        err e = r->in->input.read(r->in->input.ctx, offset + b->n, flow_block_data(b) + b->n,
                FLOW_BLOCK_BYTES - b->n, &got);
        if (failed(e)) {
            read_failed(r, e);
            return false;
        }
        b->n += got;
        b->last = got == 0;
    }
    return true;
}

/* Reads from the start. A run that goes on where an earlier one stopped needs the header first,
 * then jumps: the parser says where to. */
static void *reader_main(void *ctx)
{
    run *r = ctx;
    uint64_t offset = 0;
    for (bool last = false; !last && !asked_to_stop(r);) {
        flow_block *b = flow_queue_get(r->free_blocks);
        if (!b || !fill(r, b, offset)) break;
        last = b->last;
        offset += b->n;
        if (r->in->from.offset > offset && b->offset == 0) {
            offset = r->in->from.offset; /* the first block holds the header: skip what was taken */
            b->jump = true;
        }
        if (!flow_queue_put(r->blocks, b)) break;
    }
    flow_queue_end(r->blocks);
    return NULL;
}

/* ---- the worker ---- */

static bool batch_send(run *r, flow_batch *b, match_scratch **scratch, flow_snapshot **current)
{
    b->snapshot = flow_snapshot_take(r->in->snapshots);
    if (b->snapshot != *current) { /* scratch belongs to the patterns it was made for */
        match_scratch_free(*scratch);
        flow_snapshot_release(*current);
        *current = b->snapshot;
        flow_snapshot_hold(*current);
        *scratch = match_scratch_new(flow_snapshot_match(b->snapshot));
    }
    for (size_t i = 0; i < b->n; i++)
        if (b->time_observation[i] == 0) b->time_observation[i] = r->in->now.us;
    flow_look_batch(b->snapshot, *scratch, r->in->groups, b);
    return flow_queue_put(r->batches, b);
}

static bool batch_empty(const flow_batch *b)
{
    return b->n == 0 && b->n_reject == 0 && b->from.offset == b->to.offset;
}

/* Turns one block into batches; false: the run is over. */
static bool block_work(run *r, flow_block *block, match_scratch **scratch, flow_snapshot **current)
{
    for (bool more = true; more;) {
        flow_batch *b = flow_queue_get(r->free_batches);
        if (!b) return false;
        flow_batch_clear(b);
        more = flow_parser_fill(r->parser, block, b);
        if (batch_empty(b)) {
            if (!flow_queue_put(r->free_batches, b)) return false;
            continue;
        }
        if (!more) b->block = (char *)block; /* the last batch of a block takes it along */
        if (!batch_send(r, b, scratch, current)) return false;
        if (!more) return true;
    }
    return flow_queue_put(r->free_blocks, block);
}

static void *worker_main(void *ctx)
{
    run *r = ctx;
    match_scratch *scratch = NULL;
    flow_snapshot *current = NULL;
    for (flow_block *b; (b = flow_queue_get(r->blocks));)
        if (!block_work(r, b, &scratch, &current)) break;
    match_scratch_free(scratch);
    flow_snapshot_release(current);
    flow_queue_end(r->batches);
    return NULL;
}

/* ---- the caller's thread ---- */

static void count(const flow_batch *b, flow_run_result *ret)
{
    ret->events += b->n;
    ret->rejects += b->n_reject;
    for (size_t i = 0; i < b->n_repeat; i++)
        ret->repeats += b->repeat[i].count;
    for (size_t i = 0; i < b->n; i++) {
        ret->owned += b->owner[i] != 0;
        ret->matched += b->hits[i].n > 0;
        ret->promoted += b->promote[i] != 0;
    }
    ret->rows = ret->events + ret->rejects + ret->repeats;
    ret->at = b->to;
}

static err sink_all(run *r, flow_run_result *ret)
{
    err e = OK;
    for (flow_batch *b; !failed(e) && (b = flow_queue_get(r->batches));) {
        flow_block *block = (flow_block *)(void *)b->block;
        e = r->in->sink(r->in->sink_ctx, b);
        if (!failed(e)) count(b, ret);
        flow_snapshot_release(b->snapshot);
        b->snapshot = NULL;
        b->block = NULL;
        if (block) (void)!flow_queue_put(r->free_blocks, block);
        (void)!flow_queue_put(r->free_batches, b);
        if (asked_to_stop(r)) {
            ret->stopped = true;
            break;
        }
    }
    return e;
}

static void run_open(run *r, const flow_run_input *in)
{
    *r = (run){ .in = in, .faults = arena_new((size_t)1 << 20) };
    r->free_blocks = flow_queue_new(BLOCKS);
    r->blocks = flow_queue_new(2);
    r->free_batches = flow_queue_new(BATCHES);
    r->batches = flow_queue_new(BATCHES);
    for (size_t i = 0; i < BLOCKS; i++) {
        r->block[i] = malloc(sizeof **r->block);
        ASSERT(r->block[i] && flow_queue_put(r->free_blocks, r->block[i]));
    }
    for (size_t i = 0; i < BATCHES; i++) {
        r->batch[i] = flow_batch_new(FLOW_BATCH_ROWS);
        ASSERT(flow_queue_put(r->free_batches, r->batch[i]));
    }
    r->parser = flow_parser_new(in->feed, in->mapping, in->file, in->from, in->seal);
}

static void run_close(run *r)
{
    for (size_t i = 0; i < BATCHES; i++) {
        flow_snapshot_release(r->batch[i]->snapshot); /* of a batch that nobody took */
        flow_batch_free(r->batch[i]);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        free(r->block[i]);
    flow_parser_free(r->parser);
    flow_queue_free(r->free_blocks);
    flow_queue_free(r->blocks);
    flow_queue_free(r->free_batches);
    flow_queue_free(r->batches);
    arena_free(r->faults);
}

static void stop_all(run *r)
{
    flow_queue *q[] = { r->free_blocks, r->blocks, r->free_batches, r->batches };
    for (size_t i = 0; i < ARRAY_LEN(q); i++)
        flow_queue_close(q[i]);
}

err flow_run(const flow_run_input *in, flow_run_result *ret)
{
    run r;
    pthread_t reader, worker;
    ASSERT(in->feed && in->input.read && in->snapshots && in->seal && in->sink);
    *ret = (flow_run_result){ .at = in->from };
    run_open(&r, in);
    ASSERT(pthread_create(&reader, NULL, reader_main, &r) == 0);
    ASSERT(pthread_create(&worker, NULL, worker_main, &r) == 0);
    err e = sink_all(&r, ret);
    stop_all(&r);
    pthread_join(reader, NULL);
    pthread_join(worker, NULL);
    if (!failed(e) && r.read_failed)
        e = err_at_row(err_make(r.read_fault.code, r.read_fault.key,
                               str_copy(r.faults, r.read_fault.args[0]), r.read_fault.args[1],
                               r.read_fault.args[2]),
                in->file, 0, 0);
    run_close(&r);
    return e;
}

static err memory_read(void *ctx, uint64_t offset, char *p, size_t cap, size_t *n)
{
    str s = str_sub(*(const str *)ctx, offset, cap);
    if (s.n) memcpy(p, s.p, s.n);
    *n = s.n;
    return OK;
}

static err fd_read(void *ctx, uint64_t offset, char *p, size_t cap, size_t *n)
{
    ssize_t got = pread(*(const int *)ctx, p, cap, (off_t)offset);
    if (got < 0) return err_errno("error.flow.read", (str){ 0 });
    *n = (size_t)got;
    return OK;
}

flow_input flow_input_memory(const str *text)
{
    return (flow_input){ memory_read, (void *)(uintptr_t)text };
}
flow_input flow_input_fd(const int *fd)
{
    return (flow_input){ fd_read, (void *)(uintptr_t)fd };
}
