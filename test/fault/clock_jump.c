/* clock_jump.c - loaded before a program (LD_PRELOAD), shifts its wall clock by so many
 * microseconds as stand in a shared file (MINAR_CLOCK), which clock.mjs changes while the program
 * runs. The monotonic clock goes on as it is, as when somebody sets a machine's clock. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static _Atomic int64_t *shift_us;

/* Others' constructors ask for the time before ours has run. */
static int real_clock_gettime(clockid_t id, struct timespec *t)
{
    static int (*_Atomic found)(clockid_t, struct timespec *);
    int (*f)(clockid_t, struct timespec *) = found;
    if (!f) found = f = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    if (!f) abort();
    return f(id, t);
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("MINAR_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *p = mmap(NULL, sizeof *shift_us, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (p != MAP_FAILED) shift_us = p;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    int e = real_clock_gettime(id, t);
    if (e || !shift_us || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE)) return e;
    int64_t us = (int64_t)t->tv_sec * 1000000 + t->tv_nsec / 1000 + atomic_load(shift_us);
    t->tv_sec = us / 1000000;
    t->tv_nsec = us % 1000000 * 1000 + t->tv_nsec % 1000;
    return 0;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    (void)zone;
    struct timespec s;
    if (clock_gettime(CLOCK_REALTIME, &s)) return -1;
    *t = (struct timeval){ s.tv_sec, s.tv_nsec / 1000 };
    return 0;
}

time_t time(time_t *ret)
{
    struct timespec s;
    if (clock_gettime(CLOCK_REALTIME_COARSE, &s)) return -1;
    if (ret) *ret = s.tv_sec;
    return s.tv_sec;
}
