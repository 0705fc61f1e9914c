/* throttle.h - slows guessing: by account and by address, in memory. Any thread. */
#pragma once
#include "base/base.h"

/* May this account be tried from this address now? E_FULL with the seconds to wait as argument 1.
 */
MUST_USE err throttle_ask(str account, str peer);
/* What came of it. */
void throttle_tell(str account, str peer, bool good);
