/* thread.h - what a thread says of itself to the kernel. Any layer; about the calling thread alone.
 */
#pragma once
#include "base/base.h"

/* This thread, and those it starts from now on, give way to others: for work that nobody waits for
 * by the millisecond (history, pipeline, slow reads), so that quick answers stay quick beside it.
 */
void thread_gives_way(void);
/* This thread, and those it starts from now on, ask for turns on a processor of so many
 * microseconds (0: the kernel's own length): a thread that asks for short turns gets its next one
 * sooner. Linux 6.12 and later; an older kernel goes on as it did. */
void thread_turns(int64_t us);
/* Rests as long as the work since began_us (base/time.h: monotonic_us) took, at least 1 ms and at
 * most 200: whoever works so takes half of a disk or less. */
void thread_rests(int64_t began_us);
