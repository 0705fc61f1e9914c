/* role_end.h - what office's files share about roles with an end. Office only. */
#pragma once
#include "api/api.h"
#include "desk/office/tell.h"

/* What an act that gives roles says about their end. until {0}: nothing. had: roles before. */
typedef struct {
    const person_handle *p;
    uint32_t had, roles;
    instant until;
} role_giving;
/* Keeps it, after p was saved with the roles: roles given now, and those that have an end already,
 * end then. E_INVALID: an auditor without an end, an end that is past or too far; E_DENIED: later
 * than the giver's own. */
MUST_USE err role_ends_keep(call *c, const role_giving *g);

/* "role_ends": [{"role","until"}] of a person (row), into the object that is open. */
MUST_USE err role_ends_put(call *c, struct txn *t, int64_t person);

/* What time does: mails before a role ends, and ends it. */
MUST_USE err role_turn_wanted(struct txn *t, const struct app *a, bool *ret);
MUST_USE err role_turn(const teller *x);
