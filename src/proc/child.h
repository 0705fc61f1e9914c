/* child.h - a child's side of the supervisor: who am I, what am I told, who are my peers.
 * Owns the control channel at CHILD_CONTROL_FD. A child is this program run again with
 * --child=KIND as its first argument; it never starts anything itself.
 * Called by main (child_wanted, child_open) and by the process's own body. */
#pragma once
#include "base/base.h"
#include "proc/rights.h"

enum { CHILD_CONTROL_FD = 3 };

/* Kinds of the frames between supervisor and child, one per message of a SOCK_SEQPACKET. */
enum { CONTROL_STOP = 1, CONTROL_LINK = 2, CONTROL_READY = 3 };

/* True when this process was started as a child: --child=KIND is argv[1]. */
MUST_USE bool child_wanted(int argc, char **argv, proc_kind *ret);

typedef struct child child;
/* Takes the control channel up: signals that are the supervisor's business are ignored, the process
 * dies with its supervisor, the log is named. Errors: E_USAGE: not started by a supervisor. */
MUST_USE err child_open(proc_kind kind, child **ret);
void child_close(child *c);

typedef struct {
    /* Finish what is in hand, take nothing new, and end the process with status 0. */
    void (*stop)(void *ctx);
    /* peer (re)started: fd is the new channel to it, and yours; the old one, if any, is dead. */
    void (*link)(void *ctx, proc_kind peer, int fd);
    void *ctx;
} child_events;

void child_ready(child *c); /* tells the supervisor that it works now */
/* For a loop of one's own: the descriptor to wait for, and one message from it. False: the
 * supervisor is gone: end at once. */
int child_fd(const child *c);
MUST_USE bool child_read(child *c, const child_events *events);
/* For a process with threads: a thread of its own reads, and ends the process when the supervisor
 * is gone. events and what they need live as long as the process. Call it after rights_apply. */
void child_watch(child *c, const child_events *events);
