/* disk.c - files of the history that must be on disk before the next step. Owns nothing; any
 * thread. */
#include "events/history_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

err disk_sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return err_errno("error.history.disk", str_of(dir));
    int bad = fsync(fd);
    err e = bad ? err_errno("error.history.disk", str_of(dir)) : OK;
    close(fd);
    return e;
}

static err write_all(int fd, const void *p, size_t n, const char *path)
{
    for (size_t done = 0; done < n;) {
        ssize_t k = write(fd, (const char *)p + done, n - done);
        if (k < 0 && errno == EINTR) continue;
        if (k < 0) return err_errno("error.history.disk", str_of(path));
        done += (size_t)k;
    }
    if (fsync(fd) != 0) return err_errno("error.history.disk", str_of(path));
    return OK;
}

err disk_write_new(const char *dir, const char *name, const void *p, size_t n)
{
    char path[4096], fresh[4096];
    int k = snprintf(path, sizeof path, "%s/%s", dir, name);
    int l = snprintf(fresh, sizeof fresh, "%s/%s.new", dir, name);
    ASSERT(k > 0 && (size_t)k < sizeof path && l > 0 && (size_t)l < sizeof fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return err_errno("error.history.disk", str_of(fresh));
    err e = write_all(fd, p, n, fresh);
    close(fd);
    TRY(e);
    if (rename(fresh, path) != 0) return err_errno("error.history.disk", str_of(path));
    return disk_sync_dir(dir);
}

int64_t disk_bytes(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}
