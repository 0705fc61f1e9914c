/* withhold.h - messages that were waiting when a backup was made: how many, and that they stay.
 * What an installation sent after its backup waits in the restored one still; sent again, a notice
 * comes twice. Called by main, alone with the data folder. */
#pragma once
#include "access/realm.h"

/* Deliveries by mail and single mails made up to `before`. */
MUST_USE err outbox_waiting(const realm *r, instant before, int64_t *ret);
/* They are withheld, each with its entry in the ledger. *ret: how many. */
MUST_USE err outbox_withhold(realm *r, instant before, int64_t *ret);
