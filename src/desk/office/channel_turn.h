/* channel_turn.h - an organisation's administrators are told of a channel that turned itself off.
 * The office's keeper runs it (keeper.c). */
#pragma once
#include "desk/office/tell.h"

MUST_USE err channel_turn(const teller *x);
MUST_USE err channel_turn_wanted(struct txn *t, bool *ret);
