/* action.h - what time does to what organisations have to do. Office only. */
#pragma once
#include "desk/office/tell.h"

/* Whose time has passed is told once: who does it, else who works for the organisation. Writer. */
MUST_USE err action_turn(const teller *x);
/* Is there one? Any transaction. */
MUST_USE err action_turn_wanted(struct txn *t, bool *ret);
