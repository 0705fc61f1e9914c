/* flow_in.h - what the files behind flow.h and intake.h share. Included by src/flow only.
 * Locks: `lock` guards the mapping, what bundles brought and the list of runs; each other part has
 * its own. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "flow/flow.h"
#include "flow/promote.h"
#include "flow/reference.h"
#include "flow/seal.h"
#include "flow/shadowserver.h"
#include "flow/snapshot.h"

/* A loaded mapping; the last one who holds it frees it. */
typedef struct {
    atomic_int holds;
    arena *a;
    const ss_mapping *m;
    size_t unknown;
} flow_mapping;

struct loader;
struct schedule;
struct intake;

typedef struct flow {
    realm *r;
    flow_options o;
    char dir[3072]; /* DATA/realm/NAME */
    flow_geo *geo;  /* NULL: none; the loader's thread alone */
    flow_snapshot_slot *snapshots;
    flow_seal_key seal;
    pthread_mutex_t lock;
    flow_mapping *mapping;      /* NULL: none */
    vuln *vuln;                 /* NULL: none */
    id128 in_use[BUNDLE_KINDS]; /* folders of reference_part that each kind is used from */
    _Atomic bool closing;
    struct loader *loader;
    promoter *promoter;
    struct intake *intake;
    struct schedule *schedule; /* NULL: none */
} flow;

static inline flow *flow_of(const realm *r)
{
    return r->slots[SLOT_FLOW];
}

flow_mapping *mapping_hold(flow *f); /* NULL when there is none */
void mapping_release(flow_mapping *m);

/* flow.c: a mapping that a bundle brought, unless a newer one was loaded by hand. */
bool mapping_from(flow *f, const char *path);
/* reference_load.c, the loader's thread: address data and what bundles brought; before the first
 * snapshot, and again when a bundle was applied. */
void reference_open(flow *f);
void reference_load(flow *f);
/* loader.c: an empty snapshot at once; the thread reads the first real one and keeps it fresh. */
MUST_USE err loader_open(flow *f);
void loader_await(flow *f); /* until the first one is there, or the pipeline closes */
void loader_close(flow *f);
MUST_USE err loader_settle(flow *f, int64_t timeout_ms);

/* intake.c: the queue of imports and its worker. */
MUST_USE err intake_open(flow *f);
void intake_close(flow *f);

/* schedule.c: fetches and the drop folder. */
MUST_USE err schedule_open(flow *f);
void schedule_close(flow *f);
