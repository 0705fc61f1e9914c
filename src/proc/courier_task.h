/* courier_task.h - the courier's jobs in hand: from the frame that opens one to its reply.
 * Owns the tasks, each with its arena and transfer. The courier's one thread only. */
#pragma once
#include "base/base.h"
#include "net/transfer.h"
#include "proc/courier_main.h"
#include "proc/courier_wire.h"

typedef struct task task;
typedef struct {
    const courier_setup *setup;
    const trust *trusted;
    void *multi;   /* CURLM * */
    frame_out out; /* replies on their way to the server */
    task *tasks;
    size_t n_tasks, held_bytes;
    bool stopping; /* takes no new job */
} desk;

/* One frame from the server. False: it said what it must not; close the channel. */
MUST_USE bool desk_take(desk *d, frame_head head, str payload);
/* curl has ended these transfers: replies, or the next hop. */
void desk_collect(desk *d);
/* The server took some of what waited: bodies that were held go on. */
void desk_go_on(desk *d);
/* The server is gone or the process ends: whatever is in hand is dropped. */
void desk_clear(desk *d);
