/* throttle.h - slows guessing: by account and by address, in memory. Any thread. */
#pragma once
#include "base/base.h"

/* May this account be tried from this address now? Then the attempt counts as failed until
 * throttle_tell says otherwise. E_FULL with the seconds to wait as argument 1. */
MUST_USE err throttle_ask(str account, str peer);
/* What came of an attempt that was let in. UNTRIED: nothing was compared (the queue was full). */
typedef enum { THROTTLE_WRONG, THROTTLE_RIGHT, THROTTLE_UNTRIED } throttle_end;
void throttle_tell(str account, str peer, throttle_end end);
