/* thread.c - see thread.h. */
#include "base/thread.h"
#include <sys/resource.h>
#include <unistd.h>

enum { NICE = 10 };

void thread_gives_way(void)
{
    /* On Linux a nice value is the thread's. Refused (a sandbox): it works on as it is. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
}
