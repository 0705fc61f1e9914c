/* stage.c - see stage.h. */
#include "common/backup/stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 4600, DEPTH_MAX = 16, OPEN_MAX = 16 };

static err fault_at(const char *path)
{
    return err_errno("error.backup.io", str_of(path));
}

/* The store and the history say themselves what of their files is to be kept. */
static bool theirs(const char *name)
{
    return str_starts(str_of(name), S("records.db")) || strcmp(name, "history") == 0;
}

static bool unfinished(const char *name)
{
    return str_ends(str_of(name), S(".part")) || str_ends(str_of(name), S(".new"));
}

static err link_below(const char *from, const char *to, int depth);

static err link_one(const char *from, const char *to, int depth)
{
    struct stat st;
    if (lstat(from, &st) != 0) return errno == ENOENT ? OK : fault_at(from);
    if (S_ISDIR(st.st_mode)) {
        if (mkdir(to, 0700) != 0 && errno != EEXIST) return fault_at(to);
        return link_below(from, to, depth + 1);
    }
    if (!S_ISREG(st.st_mode)) return OK;
    return link(from, to) == 0 || errno == EEXIST || errno == ENOENT ? OK : fault_at(from);
}

static err link_below(const char *from, const char *to, int depth)
{
    struct dirent *d;
    char f[PATH], t[PATH];
    err e = OK;
    if (depth > DEPTH_MAX) return ERR1(E_IO, "error.backup.io", str_of(from));
    DIR *all = opendir(from);
    if (!all) return errno == ENOENT ? OK : fault_at(from);
    while (!failed(e) && (d = readdir(all))) {
        if (d->d_name[0] == '.' || unfinished(d->d_name)) continue;
        if (depth == 0 && theirs(d->d_name)) continue;
        int n = snprintf(f, sizeof f, "%s/%s", from, d->d_name);
        int m = snprintf(t, sizeof t, "%s/%s", to, d->d_name);
        e = n < PATH && m < PATH ? link_one(f, t, depth)
                                 : ERR1(E_IO, "error.backup.io", str_of(to));
    }
    closedir(all);
    return e;
}

err stage_link_realm(const char *from, const char *to)
{
    return link_below(from, to, 0);
}

err stage_write(const char *path, str bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return fault_at(path);
    err e = OK;
    while (!failed(e) && bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            e = fault_at(path);
        else
            bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
    if (close(fd) != 0 && !failed(e)) e = fault_at(path);
    return e;
}

err stage_write_durable(const char *dir, const char *name, str bytes)
{
    char path[PATH], part[PATH + 8];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    snprintf(part, sizeof part, "%s.part", path);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return fault_at(part);
    bool good = write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n && fsync(fd) == 0;
    close(fd);
    if (!good || rename(part, path) != 0) return fault_at(path);
    int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    good = at >= 0 && fsync(at) == 0;
    if (at >= 0) close(at);
    return good ? OK : fault_at(dir);
}

static err copy_file(const char *from, const char *to)
{
    char part[65536];
    FILE *in = fopen(from, "re"), *out = fopen(to, "wxe");
    err e = out ? OK : fault_at(to);
    for (size_t n; in && !failed(e) && (n = fread(part, 1, sizeof part, in)) > 0;)
        if (fwrite(part, 1, n, out) != n) e = fault_at(to);
    if (in) fclose(in);
    if (out && fclose(out) != 0 && !failed(e)) e = fault_at(to);
    return e;
}

err stage_copy_folder(const char *from, const char *to)
{
    struct dirent *d;
    struct stat st;
    char f[PATH], t[PATH];
    err e = mkdir(to, 0700) == 0 || errno == EEXIST ? OK : fault_at(to);
    DIR *all = opendir(from);
    while (all && !failed(e) && (d = readdir(all))) {
        if (d->d_name[0] == '.' || unfinished(d->d_name)) continue;
        int n = snprintf(f, sizeof f, "%s/%s", from, d->d_name);
        int m = snprintf(t, sizeof t, "%s/%s", to, d->d_name);
        if (n < PATH && m < PATH && lstat(f, &st) == 0 && S_ISREG(st.st_mode)) e = copy_file(f, t);
    }
    if (all) closedir(all);
    return e;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st, (void)flag, (void)at;
    return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

void stage_remove(const char *path)
{
    (void)nftw(path, remove_one, OPEN_MAX, FTW_DEPTH | FTW_PHYS);
}

void stage_sweep(const char *data_dir)
{
    struct dirent *d;
    char path[PATH];
    snprintf(path, sizeof path, "%s/spool", data_dir);
    DIR *all = opendir(path);
    while (all && (d = readdir(all))) {
        if (!str_starts(str_of(d->d_name), S("backup-"))) continue;
        snprintf(path, sizeof path, "%s/spool/%s", data_dir, d->d_name);
        stage_remove(path);
    }
    if (all) closedir(all);
}
