/* tick.h - refusals leave on a fixed tick: at a multiple of 5 ms after they came in, so that the
 * time taken does not say why. Included by src/api only. */
#pragma once
#include "base/base.h"

typedef struct tick tick;
struct walk;
MUST_USE err tick_open(tick **ret);
/* Resumes w's exchange at its tick. Any thread; the exchange is suspended. */
void tick_add(tick *t, struct walk *w);
void tick_close(tick *t); /* lets go what waits */
