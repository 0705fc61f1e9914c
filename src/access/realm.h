/* realm.h - one realm: live, demo or an exercise. A record store, a history and a ledger of its own
 * under the same program, with its own clock. Opened at start or when made; constant after that but
 * for the clock. Any thread may read it. */
#pragma once
#include "base/time.h"

struct store;
struct history;
struct ledger;
typedef enum { REALM_LIVE, REALM_DEMO, REALM_EXERCISE } realm_kind;
typedef struct realm {
    char name[33];
    realm_kind kind;
    clock_src clock;
    struct store *store;
    struct history *history;
    struct ledger *ledger;
    id128 instance;       /* origin of records made here */
    int64_t site_org;     /* row of the organisation that runs this site (the national CERT) */
    int64_t national_grp; /* row of the group that holds it alone */
    void *slots[4];       /* what upper layers keep per realm: see the enum below */
    bool removed;
} realm;
enum { SLOT_FLOW, SLOT_OUTBOX, SLOT_REACTIONS, SLOT_PARTS };

/* All open realms; index 0 is live. At most 16 in the life of a process. */
typedef struct realms realms;
typedef struct {
    const char *data_dir;
    const char *store_url; /* postgresql://... or empty: SQLite files under data_dir */
    const char *schema;    /* what the schemas' names begin with; NULL: "minar" */
    size_t history_memory_bytes;
    int history_threads;
} realms_options;
/* Opens the live realm and those made before. */
MUST_USE err realms_open(const realms_options *o, realms **ret);
/* Looks at the live realm's store and changes nothing: store_look. *ret_there false: none was made.
 */
MUST_USE err realms_look(
        const realms_options *o, bool *ret_there, int64_t *ret_done, int64_t *ret_known);
/* "minar_live": where a realm's records are on PostgreSQL; in a. */
char *realm_schema(arena *a, str begins, str name);
void realms_close(realms *r); /* no call may be under way */
realm *realms_live(realms *r);
realm *realms_find(realms *r, str name); /* NULL when there is none */
size_t realms_count(const realms *r);    /* removed ones included */
realm *realms_at(realms *r, size_t i);   /* NULL: removed */
/* E_INVALID (name), E_CONFLICT (exists), E_FULL. Not yet founded: access/site.h. */
MUST_USE err realms_make(realms *r, str name, realm_kind kind, instant now, realm **ret);
/* Not the live one: E_DENIED. It is found no more and its files are gone at once; its handles are
 * closed at the end of the process, because calls may still be under way in it. */
MUST_USE err realms_remove(realms *r, str name);
/* Sets and keeps the clock of a realm that is not live. */
MUST_USE err realm_set_clock(realms *all, realm *r, instant now, bool frozen);
