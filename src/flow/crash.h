/* crash.h - marks beside files in hand when the program crashes (a broken invariant, a bad access),
 * so that the next start knows which input was there. Being killed from outside leaves no mark. Any
 * thread; at most 16 files at a time. */
#pragma once
#include "base/base.h"

/* How many crashes are marked beside path since it got on. */
int64_t crash_count(const char *path);
/* From now on a crash is marked beside path. Returns what crash_off takes. */
int crash_on(const char *path);
void crash_got_on(int watch);        /* earlier marks are struck out */
void crash_off(int watch);           /* nothing is marked any more */
void crash_forget(const char *path); /* marks are removed with the file */
