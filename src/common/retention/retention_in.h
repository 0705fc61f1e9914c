/* retention_in.h - within common/retention. */
#pragma once
#include "common/retention/retention.h"

/* So many went by a rule: noted, and told to the ledger when some did. Writing. */
MUST_USE err retention_tell(struct txn *t, const realm *rl, const retention_rule *r, int64_t person,
        instant before, int64_t gone);
