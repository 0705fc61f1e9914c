/* leave.h - what office's files share about leaves. Office only. */
#pragma once
#include "api/api.h"
#include "desk/office/tell.h"

/* "stands_in": [..] of v, into the object that is open. */
MUST_USE err leave_stands_put(call *c, struct txn *t, const viewer *v);
/* An entry about a leave of this organisation, seen by it and by the national desk. by NULL:
 * the machine. */
MUST_USE err leave_entry(struct txn *t, const realm *r, ledger_type type, id128 leave, int64_t org,
        const viewer *by);

/* What time does: begins and ends leaves, and tells the national desk for whom nobody acts. */
MUST_USE err leave_turn_wanted(struct txn *t, bool *ret);
MUST_USE err leave_turn(const teller *x);
