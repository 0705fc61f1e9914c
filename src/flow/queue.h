/* queue.h - a bounded queue of pointers between two threads: a full one makes the sender wait,
 * which is how a slow sink slows the reader. Any two threads. */
#pragma once
#include "base/base.h"

typedef struct flow_queue flow_queue;
flow_queue *flow_queue_new(size_t cap);
void flow_queue_free(flow_queue *q);
bool flow_queue_put(
        flow_queue *q, void *p);      /* waits for room; false when closed (p was not taken) */
void *flow_queue_get(flow_queue *q);  /* waits; NULL when closed and empty */
void flow_queue_end(flow_queue *q);   /* nothing more is put: get drains, then gives NULL */
void flow_queue_close(flow_queue *q); /* at once, for both sides: a stop or a failure */
