/* thread.c - see thread.h. */
#include "base/thread.h"
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NICE = 19 };

void thread_gives_way(void)
{
    /* On Linux both are the thread's; batch: it never interrupts another when it wakes. Refused (a
     * sandbox): it works on as it is. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
    (void)sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 });
}
