/* sandbox_main.h - the sandbox process: starts an opener for each input, ends it at its deadline.
 * Owns everything in its process. Called by main in the child, on its one thread. */
#pragma once
#include "proc/child.h"

/* Runs until told to stop; returns the exit code. Gives up its rights before it takes a job, and
 * opens something harmless first: without an opener's fences it does not begin. */
int sandbox_main(child *c);
