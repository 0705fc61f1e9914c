/* beat.h - a thread that takes a turn at once and then every so often, until it is stopped: what a
 * part does by itself as time goes on. It gives way to others. Any layer; start and stop on one
 * thread. */
#pragma once
#include "base/base.h"

typedef struct beat beat;
/* One turn; gives how many seconds to the next, from its end (0: at once). */
typedef int beat_turn(void *ctx);
/* ctx is borrowed until the stop. Errors: E_IO (no thread), which names the part. */
MUST_USE err beat_start(beat_turn *turn, void *ctx, str part, beat **ret);
/* Waits for the turn in hand. NULL: nothing. */
void beat_stop(beat *b);
