/* thread.c - see thread.h. */
#include "base/thread.h"
#include "base/time.h"
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { NICE = 19, LEAST_US = 1000, MOST_US = 200000 };

void thread_gives_way(void)
{
    /* On Linux both are the thread's; batch: it never interrupts another when it wakes. Refused (a
     * sandbox): it works on as it is. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
    (void)sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 });
}

/* The kernel's struct sched_attr in its first length: its header does not go with libc's. */
struct turns {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

void thread_turns(int64_t us)
{
    struct turns a = { 0 };
    if (syscall(SYS_sched_getattr, 0, &a, sizeof a, 0) != 0) return;
    a.runtime = (uint64_t)us * 1000;
    (void)syscall(SYS_sched_setattr, 0, &a, 0);
}

void thread_rests(int64_t began_us)
{
    int64_t us = monotonic_us() - began_us;
    if (us < LEAST_US) us = LEAST_US;
    if (us > MOST_US) us = MOST_US;
    (void)nanosleep(&(struct timespec){ 0, us * 1000 }, NULL);
}
