/* pool.h - worker threads for calls that may take their time, with a bounded queue.
 * Included by src/api only. */
#pragma once
#include "base/base.h"

typedef struct pool pool;
struct walk;
/* work is run on a worker for each walk. */
MUST_USE err pool_open(int workers, int limit, void (*work)(struct walk *w), pool **ret);
/* false: the queue is full or closing. */
bool pool_submit(pool *p, struct walk *w);
void pool_close(pool *p); /* runs what is queued, then joins */
