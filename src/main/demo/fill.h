/* fill.h - a demonstration filled by the running server itself: what `minar demo` does, on a thread
 * of its own, through the same calls. One at a time. Owns that thread. The program starts and stops
 * it; the route of realms asks for it through app. */
#pragma once
#include "main/program.h"

typedef struct demo_filler demo_filler;
demo_filler *demo_filler_new(program *p);
/* Ends what is under way, then itself. NULL: nothing. */
void demo_filler_free(demo_filler *f);
/* Fills the demonstration that key is of, whose clock stands DEMO_REGISTRY_DAYS before now. Ends
 * one that is under way. */
MUST_USE err demo_filler_start(demo_filler *f, str key);
/* Ends it and waits until its thread has. */
void demo_filler_stop(demo_filler *f);
/* Percent; -1: nothing is being filled. Any thread. */
int demo_filler_percent(const demo_filler *f);
