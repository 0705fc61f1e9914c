/* supervise.h - the process that starts the others, keeps them running and stops them in order.
 * Owns the children's processes and control channels, and nothing else: no data, no configuration,
 * no socket to the world. One thread. Called by main for `minar serve`. */
#pragma once
#include "base/base.h"
#include "proc/rights.h"

typedef struct {
    proc_kind kind;
    int32_t grace_ms; /* from "finish what is in hand" to the end by force */
    bool leads;       /* its own orderly end ends the whole */
} supervise_child;

/* A channel that the supervisor makes between two children whenever one of them (re)starts. */
typedef struct {
    proc_kind a, b;
    bool packets; /* of whole messages, which may bring descriptors; else a stream */
} supervise_link;

typedef struct {
    const supervise_child *children; /* in the order of starting; they stop in the opposite one */
    size_t n_children;
    const supervise_link *links;
    size_t n_links;
    char *const *args; /* given to each child after --child=KIND; NULL-terminated */
} supervise_plan;

/* keys, courier, sandbox, printer, then server; the server leads, and is linked to all. args as
 * above. */
supervise_plan supervise_plan_default(char *const *args);

/* Runs until SIGTERM or SIGINT (a second one kills at once), until the leader ends by itself, or
 * until a child says at its start that the configuration is wrong. Returns the exit code. */
int supervise_run(const supervise_plan *plan);

/* How long to wait before start number n of a child (1: its first restart): at once, then 1, 2, 4
 * .. 30 s. A child that ran for a minute begins anew. Pure. */
int32_t supervise_backoff_ms(int32_t restart);

/* The part in spawn.c: starts this program again as kind; *control is the supervisor's end, -1 and
 * pid -1 when it could not. */
int32_t spawn_child(proc_kind kind, char *const *args, int *control);
