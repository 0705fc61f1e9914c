/* place_chunk.c - chunks of a folder of backups: packed, sealed, named by a keyed hash of what is
 * in them, so that a name tells nothing and the same bytes are kept once. A chunk has its name when
 * it and all others of its backup are durable: what is there under a name is whole. See place.h. */
#include "base/thread.h"
#include "base/time.h"
#include "common/backup/place_in.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum { LEVEL = 1, PLAIN = 0, PACKED = 1 };

static void name_of(const place *p, str plain, uint8_t ret[CHUNK_NAME])
{
    crypto_generichash(
            ret, CHUNK_NAME, (const uint8_t *)plain.p, plain.n, p->sub[SUB_NAME], BACKUP_KEY);
}

static void hex_of(const uint8_t name[CHUNK_NAME], char ret[2 * CHUNK_NAME + 1])
{
    sodium_bin2hex(ret, 2 * CHUNK_NAME + 1, name, CHUNK_NAME);
}

void chunk_path(const uint8_t name[CHUNK_NAME], char ret[80])
{
    char hex[2 * CHUNK_NAME + 1];
    hex_of(name, hex);
    snprintf(ret, 80, "chunks/%.2s/%s", hex, hex);
}

static void fresh_path(const place *p, const uint8_t name[CHUNK_NAME], char ret[160])
{
    char hex[2 * CHUNK_NAME + 1];
    hex_of(name, hex);
    snprintf(ret, 160, "%s/%s", p->fresh, hex);
}

bool place_chunk_there(const place *p, const uint8_t name[CHUNK_NAME])
{
    char path[80];
    chunk_path(name, path);
    return faccessat(p->fd, path, F_OK, 0) == 0;
}

/* ---- putting ---- */

static str pack(place *p, str plain)
{
    size_t n = ZSTD_compress(p->packed + 1, 2 * CHUNK_BYTES - 1, plain.p, plain.n, LEVEL);
    bool smaller = !ZSTD_isError(n) && n < plain.n;
    p->packed[0] = smaller ? PACKED : PLAIN;
    if (!smaller) memcpy(p->packed + 1, plain.p, plain.n);
    return (str){ p->packed, 1 + (smaller ? n : plain.n) };
}

static void note_put(place *p, const uint8_t name[CHUNK_NAME])
{
    if (p->n_put == p->cap_put) {
        p->cap_put = p->cap_put ? 2 * p->cap_put : 1024;
        p->put = realloc(p->put, p->cap_put * CHUNK_NAME);
        ASSERT(p->put);
    }
    memcpy(p->put[p->n_put++], name, CHUNK_NAME);
}

static err write_fresh(place *p, const char *path, str bytes)
{
    int fd = openat(p->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return place_fault(path);
    int64_t began = monotonic_us();
    err e = OK;
    while (!failed(e) && bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            e = place_fault(path);
        else
            bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
    /* It goes to the disk now, not all at the end, when others' commits would stand behind it. */
    (void)!sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
    if (close(fd) != 0 && !failed(e)) e = place_fault(path);
    thread_rests(began);
    return e;
}

err place_chunk_put(place *p, str plain, uint8_t name[CHUNK_NAME], int64_t *ret_new)
{
    char path[160], hex[2 * CHUNK_NAME + 1];
    ASSERT(p->write && plain.n && plain.n <= CHUNK_BYTES);
    *ret_new = 0;
    name_of(p, plain, name);
    fresh_path(p, name, path);
    if (place_chunk_there(p, name) || faccessat(p->fd, path, F_OK, 0) == 0) return OK;
    str packed = pack(p, plain);
    hex_of(name, hex);
    sealed_put_one(p->sub[SUB_CHUNK], str_of(hex), packed, p->sealed);
    TRY(write_fresh(p, path, (str){ p->sealed, sealed_bytes(packed.n) }));
    note_put(p, name);
    *ret_new = (int64_t)sealed_bytes(packed.n);
    return OK;
}

static err give_name(place *p, const uint8_t name[CHUNK_NAME])
{
    char from[160], to[80], dir[16];
    fresh_path(p, name, from);
    chunk_path(name, to);
    snprintf(dir, sizeof dir, "%.9s", to);
    if (mkdirat(p->fd, dir, 0700) != 0 && errno != EEXIST) return place_fault(dir);
    return renameat(p->fd, from, p->fd, to) == 0 ? OK : place_fault(to);
}

err place_chunks_commit(place *p)
{
    TRY(place_sync(p));
    for (size_t i = 0; i < p->n_put; i++)
        TRY(give_name(p, p->put[i]));
    p->n_put = 0;
    return place_sync(p);
}

/* ---- getting ---- */

static bool unpack(str packed, char *to, size_t *ret_n)
{
    if (packed.n < 2) return false;
    str body = str_sub(packed, 1, packed.n);
    if (packed.p[0] == PACKED) {
        *ret_n = ZSTD_decompress(to, CHUNK_BYTES, body.p, body.n);
        return !ZSTD_isError(*ret_n) && *ret_n > 0;
    }
    if (packed.p[0] != PLAIN || body.n > CHUNK_BYTES) return false;
    memcpy(to, body.p, body.n);
    *ret_n = body.n;
    return true;
}

static err read_sealed(place *p, const char *path, size_t *ret_n)
{
    size_t most = 2 * CHUNK_BYTES + 256, n = 0;
    int fd = openat(p->fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) return ERR1(E_ABSENT, "error.backup.gone", str_of(path));
    if (fd < 0) return place_fault(path);
    err e = OK;
    for (ssize_t k = 1; !failed(e) && k > 0 && n < most;) {
        k = read(fd, p->sealed + n, most - n);
        if (k < 0 && errno == EINTR)
            k = 1;
        else if (k < 0)
            e = place_fault(path);
        else
            n += (size_t)k;
    }
    close(fd);
    *ret_n = n;
    return e;
}

err place_chunk_get(place *p, const uint8_t name[CHUNK_NAME], char *to, size_t *ret_n)
{
    char path[80], hex[2 * CHUNK_NAME + 1];
    uint8_t again[CHUNK_NAME];
    size_t sealed = 0, packed = 0;
    chunk_path(name, path);
    hex_of(name, hex);
    TRY(read_sealed(p, path, &sealed));
    bool good = sealed_get_one(p->sub[SUB_CHUNK], str_of(hex), (str){ p->sealed, sealed },
                        p->packed, &packed) &&
                unpack((str){ p->packed, packed }, to, ret_n);
    if (good) name_of(p, (str){ to, *ret_n }, again);
    if (good && sodium_memcmp(again, name, CHUNK_NAME) == 0) return OK;
    return ERR1(E_INVALID, "error.backup.damaged", str_of(path));
}

/* ---- what is not wanted any more ---- */

static void folder_empty(int at, const char *name, bool whole)
{
    struct dirent *d;
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *all = fd >= 0 ? fdopendir(fd) : NULL;
    while (all && (d = readdir(all)))
        if (d->d_name[0] != '.') (void)!unlinkat(fd, d->d_name, 0);
    if (all) closedir(all);
    if (whole) (void)!unlinkat(at, name, AT_REMOVEDIR);
}

void place_sweep(place *p)
{
    struct dirent *d;
    int fd = openat(p->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *all = fd >= 0 ? fdopendir(fd) : NULL;
    while (all && (d = readdir(all)))
        if (str_starts(str_of(d->d_name), S("fresh-"))) folder_empty(p->fd, d->d_name, true);
    if (all) closedir(all);
}

static int by_bytes(const void *x, const void *y)
{
    return memcmp(x, y, CHUNK_NAME);
}

typedef struct {
    uint8_t (*names)[CHUNK_NAME];
    size_t n, cap;
} wanted;

static void want(wanted *w, const manifest *m)
{
    if (w->n + m->n_chunks > w->cap) {
        w->cap = 2 * (w->n + m->n_chunks);
        w->names = realloc(w->names, w->cap * CHUNK_NAME + 1);
        ASSERT(w->names);
    }
    memcpy(w->names + w->n, m->chunks, m->n_chunks * CHUNK_NAME);
    w->n += m->n_chunks;
}

static void prune_folder(place *p, const char *dir, const wanted *w, int64_t *freed)
{
    struct dirent *d;
    struct stat st;
    uint8_t name[CHUNK_NAME];
    size_t n;
    int fd = openat(p->fd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *all = fd >= 0 ? fdopendir(fd) : NULL;
    while (all && (d = readdir(all))) {
        size_t len = strlen(d->d_name);
        if (len != 2 * CHUNK_NAME ||
                sodium_hex2bin(name, sizeof name, d->d_name, len, NULL, &n, NULL) != 0)
            continue;
        if (w->n && bsearch(name, w->names, w->n, CHUNK_NAME, by_bytes)) continue;
        if (fstatat(fd, d->d_name, &st, 0) == 0 && unlinkat(fd, d->d_name, 0) == 0)
            *freed += st.st_size;
    }
    if (all) closedir(all);
}

/* Manifests go first, chunks that nobody names after: cut off between, only room is lost. */
err place_prune(place *p, size_t keep, int64_t *ret_backups, int64_t *ret_bytes)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)4 << 30);
    wanted w = { 0 };
    str *names;
    size_t n;
    char path[PLACE_PATH];
    err e = OK;
    *ret_backups = *ret_bytes = 0;
    TRY(place_manifests(p, a, &names, &n));
    if (n <= keep) return OK;
    for (size_t i = n - keep; !failed(e) && i < n; i++) {
        manifest m;
        e = place_manifest_get(p, a, names[i], &m);
        if (!failed(e)) want(&w, &m);
    }
    for (size_t i = 0; !failed(e) && i < n - keep; i++, ++*ret_backups) {
        snprintf(path, sizeof path, "manifests/%.*s", STR_ARG(names[i]));
        if (unlinkat(p->fd, path, 0) != 0) e = place_fault(path);
    }
    if (!failed(e)) e = place_sync(p);
    if (w.n) qsort(w.names, w.n, CHUNK_NAME, by_bytes);
    for (int i = 0; !failed(e) && i < 256; i++) {
        snprintf(path, sizeof path, "chunks/%02x", i);
        prune_folder(p, path, &w, ret_bytes);
    }
    free(w.names);
    return e;
}
