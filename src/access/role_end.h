/* role_end.h - roles that end by themselves: until when a person has which. Owns table role_end.
 * What that means for a viewer is viewer_roles_now; that an end is written down and sessions and
 * keys go with it is desk/office's. The thread is the transaction's. */
#pragma once
#include "access/viewer.h"

struct txn;

/* Until when each role lasts, by bit number; {0}: without an end, or not had. */
MUST_USE err role_ends_of(struct txn *t, int64_t person, instant ret[VIEWER_ROLES]);
/* The roles (bits) of a person end then; until {0}: those that the person has no more have no end
 * any more. Writing. */
MUST_USE err role_ends_set(
        struct txn *t, int64_t person, uint32_t roles, instant until, int64_t author);
/* What is left of roles (bits) that end by until. Pure. */
uint32_t roles_left(uint32_t roles, const instant until[VIEWER_ROLES], instant now);
/* What is left of v's roles at its clock's time. v as it was made, not as it was narrowed before.
 */
void viewer_roles_now(viewer *v);
