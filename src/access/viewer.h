/* viewer.h - who asks. Every read takes one, every write names one. A viewer is a value made once a
 * request from a session, key or local user and is then constant; any thread may read it. */
#pragma once
#include "base/base.h"
#include "base/text.h"
#include "events/sight.h"

/* What a person can show again when a dangerous act asks for it: the strongest thing there is. */
typedef enum { PROOF_LINK, PROOF_OIDC, PROOF_PASSWORD, PROOF_TOTP, PROOF_PASSKEY } proof_kind;

enum { VIEWER_LEAVES = 16, VIEWER_ROLES = 8 };

/* A leave that concerns a viewer: its own (person is the viewer's), or of somebody who named it. */
typedef struct {
    int64_t person;
    id128 id; /* the person's */
    uint32_t roles;
    instant starts, until;
    instant role_until[VIEWER_ROLES]; /* as in viewer, of who is away */
} viewer_leave;

typedef struct viewer {
    sight sight; /* what the model needs: organisation, provider, person, community, now, audiences
                  */
    uint32_t roles; /* bits of data/permissions.json roles in the organisation acted for */
    bool national;  /* acts for the organisation that runs this site */
    bool system; /* reactions, pipeline, outbox: not a person; creates and moves records by rule */
    bool may_write; /* false for read-only keys */
    bool scoped;    /* a key that may be used for some permissions only: */
    uint64_t scope; /* bits by number of permission */
    bool enrol;     /* must make a passkey before anything else (signin.staff_passkey) */
    int64_t person; /* row; 0 for the system */
    int64_t org;    /* row of the organisation acted for */
    id128 person_id, org_id;
    instant role_until[VIEWER_ROLES]; /* when each ends by itself; {0}: never (access/role_end.h) */
    viewer_leave leaves[VIEWER_LEAVES]; /* access/leave.h */
    uint8_t n_leaves;
    int64_t stands_for; /* within one act: for whom it is done (permit_for); 0: for itself */
    id128 stands_for_id;
    lang lang;
    str how; /* session|key|local|link|system */
    int64_t epoch; /* the access epoch it was found in (access/audience.h); 0: nobody's */
    proof_kind proof;
    instant strong; /* a session: when that was last shown; 0: never. Live clock. */
} viewer;

/* The machine itself, acting in txn t's realm: sees what the national CERT's organisation sees. */
struct txn;
MUST_USE err viewer_system(struct txn *t, viewer *ret);
