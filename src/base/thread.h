/* thread.h - what a thread says of itself to the kernel. Any layer; about the calling thread alone.
 */
#pragma once
#include "base/base.h"

/* This thread, and those it starts from now on, give way to others: for work that nobody waits for
 * by the millisecond (history, pipeline, slow reads), so that quick answers stay quick beside it.
 */
void thread_gives_way(void);
