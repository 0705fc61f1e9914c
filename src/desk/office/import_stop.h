/* import_stop.h - stopping a file that is being read in, for its own route and that of long works.
 * Office only. */
#pragma once
#include "api/api.h"

/* After the batch in hand. Writing; E_ABSENT, E_DENIED, E_CONFLICT when it has ended. */
MUST_USE err import_stop(call *c, id128 id);
