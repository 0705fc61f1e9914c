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
    id128 instance;          /* origin of records made here */
    int64_t site_org;        /* row of the organisation that runs this site (the national CERT) */
    int64_t national_grp;    /* row of the group that holds it alone */
    void *slots[8];          /* what upper layers keep per realm (flow's snapshot, outbox, ...): see enum */
} realm;
enum { SLOT_FLOW, SLOT_OUTBOX, SLOT_REACTIONS, SLOT_STREAMS, SLOT_JOBS };

/* All open realms; index 0 is live. */
typedef struct realms realms;
MUST_USE err realms_open(const char *data_dir, realms **ret);   /* the live one and those made before */
void realms_close(realms *r);
realm *realms_live(realms *r);
realm *realms_find(realms *r, str name);                        /* NULL when there is none */
size_t realms_count(const realms *r);
realm *realms_at(realms *r, size_t i);
MUST_USE err realms_make(realms *r, str name, realm_kind kind, realm **ret);
MUST_USE err realms_remove(realms *r, str name);                /* not the live one: E_DENIED */
