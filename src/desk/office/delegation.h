/* delegation.h - what office's files share about administration that is delegated. Office only. */
#pragma once
#include "api/api.h"
#include "desk/office/tell.h"

/* "administered": {"keeper","since","until"} of an organisation (row), or null, into the object
 * that is open. Whoever sees the organisation is told by whom. */
MUST_USE err delegation_put(call *c, int64_t org);
/* Tells the administrators of a person's organisation, by mail and in the portal, what a delegate
 * did; nothing when the viewer is none. */
MUST_USE err delegation_tell(call *c, const person_handle *p, const char *text);

/* What time does: ends delegations. */
MUST_USE err delegation_turn_wanted(struct txn *t, bool *ret);
MUST_USE err delegation_turn(const teller *x);
/* One is over: gone, in the ledger and told to both. author 0: by its time. */
MUST_USE err delegation_over(const teller *x, int64_t org, int64_t keeper, int64_t author);
/* What both are told of: the ledger's entry that an organisation sees, about another one. */
typedef struct {
    ledger_type type;
    int64_t org, other, author;
} delegation_fact;
MUST_USE err delegation_entry(const teller *x, const delegation_fact *f);
