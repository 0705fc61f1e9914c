/* power_log.c - loaded before a program (LD_PRELOAD), writes down what it does to the files below a
 * folder, in order: opened, written, cut to a size, synced, renamed, removed. power.c makes from it
 * what a disk may hold after the power went at any moment.
 * MINAR_POWER_LOG: the log, appended to; MINAR_POWER_ROOT: the folder, absolute. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "power_log.h"

enum { FDS = 4096 };
static char *paths[FDS]; /* below the folder; NULL: a file of no interest */
static const char *root;
static size_t root_n;
static int to = -1;
/* What is done and that it was done are one step: the log's order is the files'. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
    void *f = dlsym(RTLD_NEXT, name);
    if (!f) abort();
    return f;
}

__attribute__((constructor)) static void begin(void)
{
    const char *log = getenv("MINAR_POWER_LOG");
    root = getenv("MINAR_POWER_ROOT");
    if (!log || !root) return;
    root_n = strlen(root);
    int fd = REAL(open64)(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    /* Out of the way of numbers that a program counts on. */
    to = fcntl(fd, F_DUPFD_CLOEXEC, 900);
    close(fd);
}

static const char *inside(const char *path)
{
    if (to < 0 || !path || strncmp(path, root, root_n) != 0 || path[root_n] != '/') return NULL;
    return path + root_n + 1;
}

static void note(power_kind kind, const char *path, uint64_t at, const void *data, size_t n)
{
    power_record r = { POWER_MAGIC, kind, (uint32_t)strlen(path), at, n };
    struct iovec v[] = { { &r, sizeof r }, { (void *)(uintptr_t)path, r.path_n },
        { (void *)(uintptr_t)data, n } };
    int saved = errno;
    ssize_t want = (ssize_t)(sizeof r + r.path_n + n);
    if (REAL(writev)(to, v, data ? 3 : 2) != want) abort();
    errno = saved;
}

static const char *path_of(int fd)
{
    return fd >= 0 && fd < FDS ? paths[fd] : NULL;
}

static int opened(int fd, const char *path, int flags)
{
    const char *in = inside(path);
    if (fd < 0 || fd >= FDS) return fd;
    free(paths[fd]);
    paths[fd] = in ? strdup(in) : NULL;
    if (in && (flags & O_TRUNC)) note(POWER_CUT, in, 0, NULL, 0);
    if (in && (flags & O_CREAT)) note(POWER_MADE, in, 0, NULL, 0);
    return fd;
}

/* ---- the calls ---- */

#define OPENS(name, ...)                                                                           \
    pthread_mutex_lock(&turn);                                                                     \
    va_list more;                                                                                  \
    va_start(more, flags);                                                                         \
    int mode = va_arg(more, int), fd = REAL(name)(__VA_ARGS__);                                    \
    va_end(more);                                                                                  \
    opened(fd, path, flags);                                                                       \
    pthread_mutex_unlock(&turn);                                                                   \
    return fd

int open(const char *path, int flags, ...)
{
    OPENS(open, path, flags, mode);
}
int open64(const char *path, int flags, ...)
{
    OPENS(open64, path, flags, mode);
}
int openat(int dir, const char *path, int flags, ...)
{
    OPENS(openat, dir, path, flags, mode);
}
int openat64(int dir, const char *path, int flags, ...)
{
    OPENS(openat64, dir, path, flags, mode);
}

int close(int fd)
{
    pthread_mutex_lock(&turn);
    if (path_of(fd)) {
        free(paths[fd]);
        paths[fd] = NULL;
    }
    int rc = fd == to ? 0 : REAL(close)(fd);
    pthread_mutex_unlock(&turn);
    return rc;
}

static ssize_t wrote(int fd, ssize_t n, const void *data, int64_t at)
{
    if (n > 0) note(POWER_WROTE, path_of(fd), (uint64_t)at, data, (size_t)n);
    return n;
}

#define WRITES(name, place, ...)                                                                   \
    if (!path_of(fd)) return REAL(name)(__VA_ARGS__);                                              \
    pthread_mutex_lock(&turn);                                                                     \
    int64_t at = place;                                                                            \
    ssize_t n = wrote(fd, REAL(name)(__VA_ARGS__), data, at);                                      \
    pthread_mutex_unlock(&turn);                                                                   \
    return n

static int64_t place_now(int fd)
{
    if (fcntl(fd, F_GETFL) & O_APPEND) return lseek64(fd, 0, SEEK_END);
    return lseek64(fd, 0, SEEK_CUR);
}

ssize_t write(int fd, const void *data, size_t size)
{
    WRITES(write, place_now(fd), fd, data, size);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t off)
{
    WRITES(pwrite, off, fd, data, size, off);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t off)
{
    WRITES(pwrite64, off, fd, data, size, off);
}

#define DOES(name, kind, where, ...)                                                               \
    if (!path_of(fd)) return REAL(name)(__VA_ARGS__);                                              \
    pthread_mutex_lock(&turn);                                                                     \
    int rc = REAL(name)(__VA_ARGS__);                                                              \
    if (rc == 0) note(kind, path_of(fd), (uint64_t)(where), NULL, 0);                              \
    pthread_mutex_unlock(&turn);                                                                   \
    return rc

int ftruncate(int fd, off_t size)
{
    DOES(ftruncate, POWER_CUT, size, fd, size);
}
int ftruncate64(int fd, off64_t size)
{
    DOES(ftruncate64, POWER_CUT, size, fd, size);
}
int fsync(int fd)
{
    DOES(fsync, POWER_SYNCED, 0, fd);
}
int fdatasync(int fd)
{
    DOES(fdatasync, POWER_SYNCED, 0, fd);
}
int fallocate(int fd, int mode, off_t off, off_t n)
{
    DOES(fallocate, POWER_LONG, off + n, fd, mode, off, n);
}
int fallocate64(int fd, int mode, off64_t off, off64_t n)
{
    DOES(fallocate64, POWER_LONG, off + n, fd, mode, off, n);
}
int posix_fallocate(int fd, off_t off, off_t n)
{
    DOES(posix_fallocate, POWER_LONG, off + n, fd, off, n);
}
int posix_fallocate64(int fd, off64_t off, off64_t n)
{
    DOES(posix_fallocate64, POWER_LONG, off + n, fd, off, n);
}

int rename(const char *from, const char *dest)
{
    pthread_mutex_lock(&turn);
    int rc = REAL(rename)(from, dest);
    const char *a = inside(from), *b = inside(dest);
    if (rc == 0 && a && b) note(POWER_NAMED, a, 0, b, strlen(b));
    pthread_mutex_unlock(&turn);
    return rc;
}

#define REMOVES(name, path, ...)                                                                   \
    pthread_mutex_lock(&turn);                                                                     \
    int rc = REAL(name)(__VA_ARGS__);                                                              \
    if (rc == 0 && inside(path)) note(POWER_GONE, inside(path), 0, NULL, 0);                       \
    pthread_mutex_unlock(&turn);                                                                   \
    return rc

int unlink(const char *path)
{
    REMOVES(unlink, path, path);
}
/* DuckDB's way: glibc's own goes on without passing by unlink here. */
int remove(const char *path)
{
    REMOVES(remove, path, path);
}
int unlinkat(int dir, const char *name, int flags)
{
    char at[64], path[8192];
    snprintf(at, sizeof at, "/proc/self/fd/%d", dir);
    ssize_t n = name[0] == '/' || dir == AT_FDCWD ? -1 : readlink(at, path, 4096);
    snprintf(path + (n > 0 ? n : 0), 4096, n > 0 ? "/%s" : "%s", name);
    REMOVES(unlinkat, path, dir, name, flags);
}
