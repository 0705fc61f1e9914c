/* ring.h - the most recent sealed entries in memory, so that thousands of streams and the reactions
 * need no query to follow. Staged by the writer inside a group, published once it is durable. */
#pragma once
#include "ledger/ledger.h"

typedef struct ring ring;
ring *ring_new(int64_t size); /* size: entries sealed so far; the ring starts empty */
void ring_free(ring *r);
void ring_stage(ring *r, const ledger_item *e); /* writer; copies */
void ring_unstage(ring *r);                     /* writer; forgets what was staged */
void ring_publish(ring *r);                     /* writer */
/* Any thread. false when `after` is older than the ring: read the store instead. */
bool ring_read(ring *r, int64_t after, int64_t limit, ledger_fn fn, void *ctx, int64_t *ret_last,
        err *ret);
