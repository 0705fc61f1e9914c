/* nth.c - loaded before a program (LD_PRELOAD), makes the n-th call of one kind fail, once: writing
 * to, syncing or opening a file below a folder, taking a connection, or, in the server's process,
 * asking for memory. Armed from outside through a shared file (nth.mjs). MINAR_NTH: the file;
 * MINAR_POWER_ROOT: the folder, absolute. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NONE, WRITE, SYNC, OPEN, ACCEPT, MEMORY };
/* As nth.mjs writes and reads it. */
typedef struct {
    _Atomic uint32_t kind;
    _Atomic int32_t left; /* calls until the one that fails; below 0: it has */
} control;

enum { FDS = 4096 };
static _Atomic uint8_t ours[FDS]; /* 1: a file below the folder */
static control *armed;
static const char *root;
static size_t root_n;
static int is_server;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
    void *f = dlsym(RTLD_NEXT, name);
    if (!f) abort();
    return f;
}

/* Started as "minar --child=server ...". */
static int named_server(void)
{
    char args[256] = { 0 };
    int fd = REAL(open64)("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = REAL(read)(fd, args, sizeof args - 1);
    REAL(close)(fd);
    return n > 0 && memmem(args, (size_t)n, "--child=server", 14) != NULL;
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("MINAR_NTH");
    root = getenv("MINAR_POWER_ROOT");
    if (!path || !root) return;
    root_n = strlen(root);
    is_server = named_server();
    int fd = REAL(open64)(path, O_RDWR | O_CLOEXEC);
    void *p = mmap(NULL, sizeof *armed, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    REAL(close)(fd);
    if (p != MAP_FAILED) armed = p;
}

/* Is this the call that fails? */
static int fails(uint32_t kind)
{
    if (!armed || armed->kind != kind) return 0;
    return atomic_fetch_sub(&armed->left, 1) == 1;
}

static int is_ours(int fd)
{
    return fd >= 0 && fd < FDS && ours[fd];
}

static int inside(const char *path)
{
    return root && path && strncmp(path, root, root_n) == 0 && path[root_n] == '/';
}

static int opened(int fd, const char *path)
{
    if (fd >= 0 && fd < FDS) ours[fd] = (uint8_t)inside(path);
    return fd;
}

#define OPENS(name, ...)                                                                           \
    va_list more;                                                                                  \
    va_start(more, flags);                                                                         \
    int mode = va_arg(more, int);                                                                  \
    va_end(more);                                                                                  \
    if (inside(path) && fails(OPEN)) {                                                             \
        errno = EMFILE;                                                                            \
        return -1;                                                                                 \
    }                                                                                              \
    return opened(REAL(name)(__VA_ARGS__), path)

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
    if (fd >= 0 && fd < FDS) ours[fd] = 0;
    return REAL(close)(fd);
}

#define DOES(kind, name, ...)                                                                      \
    if (is_ours(fd) && fails(kind)) {                                                              \
        errno = EIO;                                                                               \
        return -1;                                                                                 \
    }                                                                                              \
    return REAL(name)(__VA_ARGS__)

ssize_t write(int fd, const void *data, size_t size)
{
    DOES(WRITE, write, fd, data, size);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t off)
{
    DOES(WRITE, pwrite, fd, data, size, off);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t off)
{
    DOES(WRITE, pwrite64, fd, data, size, off);
}
int ftruncate(int fd, off_t size)
{
    DOES(WRITE, ftruncate, fd, size);
}
int ftruncate64(int fd, off64_t size)
{
    DOES(WRITE, ftruncate64, fd, size);
}
int fsync(int fd)
{
    DOES(SYNC, fsync, fd);
}
int fdatasync(int fd)
{
    DOES(SYNC, fdatasync, fd);
}

int accept4(int fd, struct sockaddr *from, socklen_t *n, int flags)
{
    if (fails(ACCEPT)) {
        errno = EMFILE;
        return -1;
    }
    return REAL(accept4)(fd, from, n, flags);
}

/* glibc's own, which need no looking up: looking up asks for memory. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);

static int no_memory(void)
{
    if (!is_server || !fails(MEMORY)) return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t n)
{
    return no_memory() ? NULL : __libc_malloc(n);
}
void *calloc(size_t n, size_t size)
{
    return no_memory() ? NULL : __libc_calloc(n, size);
}
