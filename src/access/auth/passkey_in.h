/* passkey_in.h - shared by the passkey files of auth alone. */
#pragma once
#include "base/base.h"

struct txn;
/* A challenge is answered: once. E_INVALID (error.access.passkey_late) the second time. */
MUST_USE err passkey_spend_challenge(struct txn *t, str challenge);
