/* power_disk.c - see power_disk.h. Names (made, renamed, removed) count as safe in their order, as
 * a journalling file system keeps them; bytes count as safe when their file was synced after them.
 */
#include "power_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512 };

static void fail(const char *what, const char *path)
{
    fprintf(stderr, "%s: %s: %s\n", what, path, strerror(errno));
    exit(2);
}

static void *grown(void *p, size_t size)
{
    void *q = realloc(p, size);
    if (!q) fail("memory", "");
    return q;
}

uint64_t power_random(uint64_t *seed)
{
    uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static power_file *find(power_disk *d, const char *path, size_t n)
{
    for (size_t i = 0; i < d->n; i++)
        if (strlen(d->files[i].path) == n && memcmp(d->files[i].path, path, n) == 0)
            return &d->files[i];
    if (d->n == d->room) {
        d->room = d->room ? 2 * d->room : 64;
        d->files = grown(d->files, d->room * sizeof *d->files);
    }
    d->files[d->n] = (power_file){ .path = strndup(path, n) };
    return &d->files[d->n++];
}

static void size_to(power_file *f, size_t n)
{
    if (n > f->room) {
        f->room = n + n / 2;
        f->safe = grown(f->safe, f->room);
    }
    if (n > f->n) memset(f->safe + f->n, 0, n - f->n);
    f->n = n;
}

/* A part of a change: bytes from..to of what it wrote. */
static void apply(power_file *f, const power_change *c, size_t from, size_t to)
{
    if (c->kind == POWER_CUT) size_to(f, c->at);
    if (c->kind == POWER_LONG && c->at > f->n) size_to(f, c->at);
    if (c->kind != POWER_WROTE) return;
    if (c->at + to > f->n) size_to(f, c->at + to);
    memcpy(f->safe + c->at + from, c->data + from, to - from);
}

static void on_its_way(power_file *f, power_change c)
{
    if (f->n_way == f->room_way) {
        f->room_way = f->room_way ? 2 * f->room_way : 64;
        f->way = grown(f->way, f->room_way * sizeof *f->way);
    }
    f->way[f->n_way++] = c;
}

static void renamed(power_disk *d, const char *from, size_t from_n, const char *to, size_t to_n)
{
    find(d, to, to_n); /* both are there before either is pointed to */
    power_file *a = find(d, from, from_n), *b = find(d, to, to_n);
    char *a_path = a->path, *b_path = b->path;
    power_file old = *b;
    *b = *a;
    b->path = b_path;
    *a = old;
    a->path = a_path;
    a->there = false;
    a->n = a->n_way = 0;
}

static bool belongs(const power_disk *d, const char *path, size_t n)
{
    for (size_t i = 0; i < 2; i++) {
        size_t m = strlen(d->only[i]);
        if (n >= m && memcmp(path, d->only[i], m) == 0) return true;
    }
    return false;
}

void disk_take(power_disk *d, const power_record *r, const char *path, const uint8_t *data)
{
    if (r->kind == POWER_NAMED && belongs(d, (const char *)data, r->n)) {
        renamed(d, path, r->path_n, (const char *)data, r->n);
        return;
    }
    if (!belongs(d, path, r->path_n)) return;
    power_file *f = find(d, path, r->path_n);
    switch ((power_kind)r->kind) {
    case POWER_MADE:
        f->there = true;
        break;
    case POWER_GONE:
        f->there = false;
        f->n = f->n_way = 0;
        break;
    case POWER_SYNCED:
        for (size_t i = 0; i < f->n_way; i++)
            apply(f, &f->way[i], 0, f->way[i].n);
        f->n_way = 0;
        break;
    default:
        on_its_way(f, (power_change){ r->at, r->n, (power_kind)r->kind, data });
    }
}

/* ---- the beginning ---- */

static power_disk *filling;
static size_t base_n;

static int take_file(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)where;
    size_t n = strlen(path);
    if (kind != FTW_F || !S_ISREG(st->st_mode)) return 0;
    if (n <= base_n || !belongs(filling, path + base_n + 1, n - base_n - 1)) return 0;
    power_file *f = find(filling, path + base_n + 1, strlen(path) - base_n - 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    f->there = true;
    size_to(f, (size_t)st->st_size);
    if (read(fd, f->safe, f->n) != (ssize_t)f->n) fail("read", path);
    close(fd);
    return 0;
}

void disk_begin(power_disk *d, const char *base)
{
    filling = d;
    base_n = strlen(base);
    if (nftw(base, take_file, 16, FTW_PHYS) != 0) fail("read", base);
}

void disk_free(power_disk *d)
{
    for (size_t i = 0; i < d->n; i++) {
        free(d->files[i].path);
        free(d->files[i].safe);
        free(d->files[i].way);
    }
    free(d->files);
}

/* ---- what is left ---- */

enum { BLOCK = 4096 };
struct power_view {
    const power_file *f;
    size_t n, blocks;
    uint8_t **block; /* NULL: as it is safe */
};

size_t view_size(const power_view *v)
{
    return v->n;
}

static void view_sized(power_view *v, size_t n)
{
    size_t blocks = (n + BLOCK - 1) / BLOCK;
    if (blocks > v->blocks) {
        v->block = grown(v->block, blocks * sizeof *v->block);
        memset(v->block + v->blocks, 0, (blocks - v->blocks) * sizeof *v->block);
        v->blocks = blocks;
    }
    v->n = n;
}

/* A block that may be written to. */
static uint8_t *block_own(power_view *v, size_t i)
{
    if (v->block[i]) return v->block[i];
    uint8_t *b = v->block[i] = grown(NULL, BLOCK);
    size_t at = i * BLOCK, n = at >= v->f->n ? 0 : v->f->n - at < BLOCK ? v->f->n - at : BLOCK;
    if (n) memcpy(b, v->f->safe + at, n);
    memset(b + n, 0, BLOCK - n);
    return b;
}

static void view_write(power_view *v, const uint8_t *data, size_t n, size_t at)
{
    if (at + n > v->n) view_sized(v, at + n);
    while (n) {
        size_t in = at % BLOCK, part = BLOCK - in < n ? BLOCK - in : n;
        memcpy(block_own(v, at / BLOCK) + in, data, part);
        data += part;
        at += part;
        n -= part;
    }
}

/* Shorter: what lies behind the end is gone, also when the file grows again. */
static void view_cut(power_view *v, size_t n)
{
    size_t was = v->n;
    view_sized(v, n);
    for (size_t at = n; at < was;) {
        size_t in = at % BLOCK;
        memset(block_own(v, at / BLOCK) + in, 0, BLOCK - in);
        at += BLOCK - in;
    }
}

/* Bytes from..to of what a change wrote. */
static void view_apply(power_view *v, const power_change *c, size_t from, size_t to)
{
    if (c->kind == POWER_CUT) view_cut(v, c->at);
    if (c->kind == POWER_LONG && c->at > v->n) view_sized(v, c->at);
    if (c->kind == POWER_WROTE) view_write(v, c->data + from, to - from, c->at + from);
}

static void leave_sectors(power_view *v, const power_change *c, uint64_t *seed)
{
    if (c->kind != POWER_WROTE) {
        if (power_random(seed) & 1) view_apply(v, c, 0, c->n);
        return;
    }
    for (size_t from = 0; from < c->n;) {
        size_t to = from + SECTOR - (c->at + from) % SECTOR;
        if (to > c->n) to = c->n;
        if (power_random(seed) & 1) view_apply(v, c, from, to);
        from = to;
    }
}

static void leave_way(power_view *v, power_left how, uint64_t *seed)
{
    const power_file *f = v->f;
    size_t n = how == LEFT_NONE    ? 0
               : how == LEFT_FIRST ? power_random(seed) % (f->n_way + 1)
                                   : f->n_way;
    for (size_t i = 0; i < n; i++) {
        if (how == LEFT_SECTORS)
            leave_sectors(v, &f->way[i], seed);
        else
            view_apply(v, &f->way[i], 0, f->way[i].n);
    }
    /* The last write of a beginning may be torn. */
    if (how == LEFT_FIRST && n < f->n_way) leave_sectors(v, &f->way[n], seed);
}

power_view *disk_view(const power_file *f, power_left how, uint64_t *seed)
{
    if (!f->there) return NULL;
    power_view *v = grown(NULL, sizeof *v);
    *v = (power_view){ .f = f };
    view_sized(v, f->n);
    leave_way(v, how, seed);
    return v;
}

void view_read(const power_view *v, void *to, size_t n, size_t at)
{
    uint8_t *out = to;
    while (n) {
        size_t in = at % BLOCK, i = at / BLOCK, part = BLOCK - in < n ? BLOCK - in : n;
        const power_file *f = v->f;
        size_t safe = at < f->n && at < v->n ? f->n - at : 0;
        if (i < v->blocks && v->block[i]) {
            memcpy(out, v->block[i] + in, part);
        } else {
            if (safe < part) memset(out, 0, part);
            memcpy(out, f->safe + at, safe < part ? safe : part);
        }
        out += part;
        at += part;
        n -= part;
    }
}

void view_save(const power_view *v, const char *path)
{
    uint8_t *all = grown(NULL, v->n + 1);
    view_read(v, all, v->n, 0);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, all, v->n) != (ssize_t)v->n) fail("write", path);
    close(fd);
    free(all);
}

void view_free(power_view *v)
{
    if (!v) return;
    for (size_t i = 0; i < v->blocks; i++)
        free(v->block[i]);
    free(v->block);
    free(v);
}
