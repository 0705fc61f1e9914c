/* world.h - a live realm in a folder, with its history and its pipeline running: for tests and
 * benches of what comes in. Opened again in the same folder it goes on. Tests only. */
#pragma once
#include "access/realm.h"
#include "access/viewer.h"
#include "base/time.h"
#include "flow/flow.h"

typedef struct {
    char dir[1024];
    realms *all;
    realm *r;
    int64_t person;
} world;

/* A new folder below MINAR_TMP (or /tmp); the path is w->dir. */
void world_folder(world *w, const char *name);
/* Opens what is in w->dir; founds it the first time. */
void world_open(world *w);
void world_flow(world *w); /* starts the pipeline */
void world_close(world *w);
void world_remove(world *w);

/* Rows of what is made. net: its network, may be NULL. */
int64_t world_org(world *w, const char *key, const char *net);
int64_t world_feed(world *w, const char *key, const char *format, const char *yaml);
void world_mapping(world *w, str text);
/* Reads in a file that holds text and waits for its end: the import's row. */
int64_t world_import(world *w, int64_t feed, const char *name, str text);
/* One number out of the records. */
typedef struct {
    int64_t read, done, same, bad;
    char state[16];
    str report; /* in a */
} world_run;
world_run world_run_of(world *w, arena *a, int64_t row);
int64_t world_events(world *w); /* in the history, all feeds */
int64_t world_findings(world *w, int64_t *ret_seen);
viewer world_viewer(struct txn *t);
