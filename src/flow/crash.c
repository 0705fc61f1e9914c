/* crash.c - the mark is one byte appended to PATH.crash by a signal handler, which then lets the
 * signal take its course. Handlers that somebody set before (a sanitizer's) are left alone. */
#include "flow/crash.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WATCHES = 16 };
static _Atomic int watched[WATCHES]; /* descriptor plus 1; 0: free */

static void mark(int sig)
{
    for (int i = 0; i < WATCHES; i++)
        if (watched[i]) (void)!write(watched[i] - 1, "x", 1);
    raise(sig); /* SA_RESETHAND: the default follows */
}

static void install(void)
{
    static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        struct sigaction old,
                ours = { .sa_handler = mark, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER) };
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
            sigaction(signals[i], &ours, NULL);
    }
}

static void beside(const char *path, char out[4200])
{
    snprintf(out, 4200, "%s.crash", path);
}

int64_t crash_count(const char *path)
{
    char name[4200];
    struct stat st;
    beside(path, name);
    return stat(name, &st) == 0 ? (int64_t)st.st_size : 0;
}

int crash_on(const char *path)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char name[4200];
    pthread_once(&once, install);
    beside(path, name);
    int fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    for (int i = 0; fd >= 0 && i < WATCHES; i++) {
        int none = 0;
        if (atomic_compare_exchange_strong(&watched[i], &none, fd + 1)) return i;
    }
    if (fd >= 0) close(fd);
    return -1;
}

void crash_got_on(int watch)
{
    if (watch >= 0) (void)!ftruncate(watched[watch] - 1, 0);
}

void crash_off(int watch)
{
    if (watch < 0) return;
    int fd = atomic_exchange(&watched[watch], 0) - 1;
    close(fd);
}

void crash_forget(const char *path)
{
    char name[4200];
    beside(path, name);
    (void)!unlink(name);
}
