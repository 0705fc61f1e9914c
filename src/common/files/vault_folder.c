/* vault_folder.c - objects as files of one folder, in 256 folders by the first byte of their name.
 * Written under another name, made durable, then moved to their own. Owns descriptors. Any thread.
 */
#include "common/files/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 4200 };

typedef struct {
    const char *folder;
} place;

typedef struct {
    int fd;
    char path[PATH], part[PATH + 8], dir[PATH];
} writing;

static void path_of(char to[PATH], const place *p, id128 object, bool dir)
{
    char id[36];
    id_put(id, object);
    if (dir)
        snprintf(to, PATH, "%s/%.2s", p->folder, id);
    else
        snprintf(to, PATH, "%s/%.2s/%.36s", p->folder, id, id);
}

static bool sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return ok;
}

/* A folder that is made is durable in the one above it. */
static bool folder_have(const char *path)
{
    char up[PATH];
    if (mkdir(path, 0700) != 0) return errno == EEXIST;
    snprintf(up, sizeof up, "%s/..", path);
    return sync_folder(up);
}

static err begin(void *ctx, id128 object, void **ret)
{
    writing *w = calloc(1, sizeof *w);
    ASSERT(w);
    path_of(w->dir, ctx, object, true);
    path_of(w->path, ctx, object, false);
    snprintf(w->part, sizeof w->part, "%s.part", w->path);
    w->fd = -1;
    if (folder_have(w->dir))
        w->fd = open(w->part, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (w->fd < 0) {
        err e = err_errno("error.files.write", str_of(w->part));
        free(w);
        return e;
    }
    *ret = w;
    return OK;
}

static err write_part(void *ctx, str part)
{
    writing *w = ctx;
    while (part.n) {
        ssize_t n = write(w->fd, part.p, part.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return err_errno("error.files.write", str_of(w->part));
        part = str_sub(part, (size_t)n, part.n);
    }
    return OK;
}

static void abandon(void *ctx)
{
    writing *w = ctx;
    if (w->fd >= 0) close(w->fd);
    (void)!unlink(w->part);
    free(w);
}

static err commit(void *ctx)
{
    writing *w = ctx;
    bool ok = fsync(w->fd) == 0;
    ok = close(w->fd) == 0 && ok;
    w->fd = -1;
    ok = ok && rename(w->part, w->path) == 0 && sync_folder(w->dir);
    err e = ok ? OK : err_errno("error.files.write", str_of(w->path));
    abandon(w);
    return e;
}

static err open_object(void *ctx, id128 object, void **ret)
{
    char path[PATH];
    path_of(path, ctx, object, false);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) return ERR(E_ABSENT, "error.files.gone");
    if (fd < 0) return err_errno("error.files.read", str_of(path));
    int *r = malloc(sizeof *r);
    ASSERT(r);
    *r = fd;
    *ret = r;
    return OK;
}

static ssize_t read_part(void *ctx, char *to, size_t max)
{
    ssize_t n;
    while ((n = read(*(int *)ctx, to, max)) < 0 && errno == EINTR)
        ;
    return n;
}

static void close_object(void *ctx)
{
    close(*(int *)ctx);
    free(ctx);
}

static err remove_object(void *ctx, id128 object)
{
    char path[PATH];
    path_of(path, ctx, object, false);
    if (unlink(path) == 0 || errno == ENOENT) return OK;
    return err_errno("error.files.write", str_of(path));
}

err vault_folder(arena *a, const char *path, vault_place *ret)
{
    place *p = NEW(a, place);
    p->folder = str_z(a, str_of(path));
    if (!folder_have(path)) return err_errno("error.files.write", str_of(path));
    *ret = (vault_place){ .ctx = p,
        .begin = begin,
        .write = write_part,
        .commit = commit,
        .abandon = abandon,
        .open = open_object,
        .read = read_part,
        .close = close_object,
        .remove = remove_object };
    return OK;
}

err vault_of_realm(arena *a, const char *data_dir, const char *realm, vault_place *ret)
{
    return vault_folder(a, str_z(a, str_fmt(a, "%s/realm/%s/files", data_dir, realm)), ret);
}
