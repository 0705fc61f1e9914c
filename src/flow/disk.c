/* disk.c - files are written beside their place and renamed, so that a crash leaves the old or the
 * new. */
#include "flow/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 20 };

static void close_fd(int *fd)
{
    if (*fd >= 0) close(*fd);
}

err disk_read(arena *a, const char *path, size_t max, str *ret)
{
    struct stat st;
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return ERR1(E_ABSENT, "error.feed.disk_absent", str_of(path));
    if (fd < 0 || fstat(fd, &st)) return err_errno("error.feed.disk", str_of(path));
    if ((size_t)st.st_size > max) return ERR1(E_TOO_LARGE, "error.feed.disk_large", str_of(path));
    char *p = arena_alloc(a, (size_t)st.st_size + 1);
    size_t n = 0;
    for (ssize_t got; (got = read(fd, p + n, (size_t)st.st_size - n)) != 0; n += (size_t)got)
        if (got < 0) return err_errno("error.feed.disk", str_of(path));
    *ret = (str){ p, n };
    return OK;
}

static bool write_all(int fd, str s)
{
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        s = str_sub(s, (size_t)n, s.n);
    }
    return true;
}

/* The name in the folder is durable only when the folder is. */
static bool folder_sync(const char *path)
{
    char dir[PATH_MAX];
    snprintf(dir, sizeof dir, "%s", path);
    char *slash = strrchr(dir, '/');
    if (slash) *slash = 0;
    CLEANUP(close_fd) int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

err disk_write(const char *path, str text)
{
    char beside[PATH_MAX];
    snprintf(beside, sizeof beside, "%s.new", path);
    CLEANUP(close_fd) int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || !write_all(fd, text) || fsync(fd) || rename(beside, path) || !folder_sync(path))
        return err_errno("error.feed.disk", str_of(path));
    return OK;
}

err disk_folder(const char *path)
{
    if (mkdir(path, 0700) && errno != EEXIST) return err_errno("error.feed.disk", str_of(path));
    return OK;
}

static err hash_fd(int fd, const char *path, EVP_MD_CTX *h, int64_t *ret_bytes)
{
    CLEANUP(arena_free_p) arena *a = arena_new(PIECE * 2);
    char *piece = arena_alloc(a, PIECE);
    *ret_bytes = 0;
    for (;;) {
        ssize_t n = read(fd, piece, PIECE);
        if (n < 0) return err_errno("error.feed.disk", str_of(path));
        if (n == 0) return OK;
        ASSERT(EVP_DigestUpdate(h, piece, (size_t)n) == 1);
        *ret_bytes += n;
    }
}

err disk_hash(const char *path, uint8_t ret[32], int64_t *ret_bytes)
{
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_errno("error.feed.disk", str_of(path));
    EVP_MD_CTX *h = EVP_MD_CTX_new();
    ASSERT(h && EVP_DigestInit_ex(h, EVP_sha256(), NULL) == 1);
    err e = hash_fd(fd, path, h, ret_bytes);
    if (!failed(e)) ASSERT(EVP_DigestFinal_ex(h, ret, NULL) == 1);
    EVP_MD_CTX_free(h);
    return e;
}

static bool copy_to(int from, int to)
{
    for (;;) {
        ssize_t n = copy_file_range(from, NULL, to, NULL, (size_t)1 << 30, 0);
        if (n == 0) return true;
        if (n < 0) return false;
    }
}

static bool copy_file(const char *from, const char *to)
{
    CLEANUP(close_fd) int in = open(from, O_RDONLY | O_CLOEXEC);
    CLEANUP(close_fd) int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return in >= 0 && out >= 0 && copy_to(in, out);
}

err disk_keep(const char *from, const char *to, bool ours)
{
    (void)!unlink(to);
    bool linked = ours && link(from, to) == 0;
    if (!linked && !copy_file(from, to)) return err_errno("error.feed.disk", str_of(to));
    CLEANUP(close_fd) int fd = open(to, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) || !folder_sync(to)) return err_errno("error.feed.disk", str_of(to));
    return OK;
}

err disk_move(const char *from, const char *to)
{
    if (rename(from, to) || !folder_sync(to)) return err_errno("error.feed.disk", str_of(to));
    return OK;
}
