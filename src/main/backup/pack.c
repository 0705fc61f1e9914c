/* pack.c - a snapshot as a backup: its files cut into chunks, what the last backup has taken over
 * unread, keys and people's keys in their own place, the manifest last. See backup.h. */
#include "base/json.h"
#include "base/time.h"
#include "main/backup/backup.h"
#include "main/backup/masters.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 4600, DEPTH_MAX = 24, SMALL_MAX = 64 << 20, KEYS_MAX = 4 << 20, SHOW_MS = 500 };

typedef struct {
    arena *a;
    const command_line *l;
    const uint8_t *key; /* the backup key */
    place *p;
    manifest before, now;
    size_t cap_files, cap_chunks;
    packed *done;
    char *room; /* for one chunk */
    int64_t shown_us, begun_us;
} packing;

/* ---- what is kept of the last backup ---- */

static int by_path(const void *x, const void *y)
{
    return str_cmp(((const manifest_file *)x)->path, ((const manifest_file *)y)->path);
}

static err load_before(packing *k)
{
    str *names;
    size_t n;
    TRY(place_manifests(k->p, k->a, &names, &n));
    if (!n) return OK;
    err e = place_manifest_get(k->p, k->a, names[n - 1], &k->before);
    if (failed(e)) { /* a damaged one is no reason to make none */
        k->before = (manifest){ 0 };
        return err_code_of(e) == E_IO ? e : OK;
    }
    qsort(k->before.files, k->before.n_files, sizeof *k->before.files, by_path);
    return OK;
}

static const manifest_file *kept(packing *k, const manifest_file *f)
{
    if (!k->before.n_files) return NULL;
    const manifest_file *b =
            bsearch(f, k->before.files, k->before.n_files, sizeof *k->before.files, by_path);
    if (!b || b->bytes != f->bytes || b->mtime_ns != f->mtime_ns || b->inode != f->inode)
        return NULL;
    for (size_t i = 0; i < b->n; i++)
        if (!place_chunk_there(k->p, k->before.chunks[b->first + i])) return NULL;
    return b;
}

/* ---- adding ---- */

static void add_chunk(packing *k, const uint8_t name[CHUNK_NAME])
{
    manifest *m = &k->now;
    if (m->n_chunks == k->cap_chunks) {
        size_t cap = k->cap_chunks ? 2 * k->cap_chunks : 4096;
        m->chunks = arena_extend(k->a, m->chunks, k->cap_chunks * CHUNK_NAME, cap * CHUNK_NAME);
        k->cap_chunks = cap;
    }
    memcpy(m->chunks[m->n_chunks++], name, CHUNK_NAME);
}

static void add_file(packing *k, const manifest_file *f)
{
    manifest *m = &k->now;
    if (m->n_files == k->cap_files) {
        size_t cap = k->cap_files ? 2 * k->cap_files : 1024;
        m->files = arena_extend(
                k->a, m->files, k->cap_files * sizeof *m->files, cap * sizeof *m->files);
        k->cap_files = cap;
    }
    m->files[m->n_files++] = *f;
}

static void show(packing *k)
{
    int64_t now = monotonic_us();
    if (!isatty(2) || k->l->json || now - k->shown_us < SHOW_MS * US_PER_MS) return;
    k->shown_us = now;
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    double s = (double)(now - k->begun_us) / (double)US_PER_S;
    str all = size_words(a, k->done->bytes),
        rate = size_words(a, (int64_t)((double)k->done->bytes / (s > 0 ? s : 1)));
    fprintf(stderr, "\r%.*s, %.*s/s   ", STR_ARG(all), STR_ARG(rate));
}

static err read_chunk(packing *k, int fd, const char *path, size_t want, size_t *ret)
{
    *ret = 0;
    while (*ret < want) {
        ssize_t n = read(fd, k->room + *ret, want - *ret);
        if (n < 0 && errno == EINTR && !asked_to_stop) continue;
        if (n < 0) return err_errno("error.backup.io", str_of(path));
        if (n == 0) return ERR1(E_IO, "error.backup.shrank", str_of(path));
        *ret += (size_t)n;
    }
    return OK;
}

static err put_chunks(packing *k, int fd, const char *path, manifest_file *f)
{
    uint8_t name[CHUNK_NAME];
    f->first = k->now.n_chunks;
    for (int64_t left = f->bytes; left > 0;) {
        size_t n;
        int64_t came;
        if (asked_to_stop) return ERR(E_BUSY, "error.store.copy_stopped");
        TRY(read_chunk(k, fd, path, left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES, &n));
        TRY(place_chunk_put(k->p, (str){ k->room, n }, name, &came));
        add_chunk(k, name);
        k->done->new_bytes += came;
        k->done->bytes += (int64_t)n;
        left -= (int64_t)n;
        f->n++;
        show(k);
    }
    return OK;
}

static void take_over(packing *k, manifest_file *f, const manifest_file *b)
{
    f->first = k->now.n_chunks;
    f->n = b->n;
    for (size_t i = 0; i < b->n; i++)
        add_chunk(k, k->before.chunks[b->first + i]);
    k->done->bytes += f->bytes;
    k->done->kept_files++;
}

static err add(packing *k, const char *path, str as)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return err_errno("error.backup.io", str_of(path));
    err e = fstat(fd, &st) == 0 ? OK : err_errno("error.backup.io", str_of(path));
    if (!failed(e) && !manifest_path_fits(as)) e = ERR1(E_INVALID, "error.backup.path", as);
    if (!failed(e)) {
        manifest_file f = { .path = str_copy(k->a, as),
            .bytes = st.st_size,
            .mtime_ns = st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec,
            .inode = (int64_t)(st.st_ino & INT64_MAX) };
        const manifest_file *b = kept(k, &f);
        if (b)
            take_over(k, &f, b);
        else
            e = put_chunks(k, fd, path, &f);
        if (!failed(e)) add_file(k, &f);
    }
    close(fd);
    return e;
}

/* ---- walking ---- */

/* They are not of the manifest's: rolling, or its facts. */
static bool apart(str as)
{
    return str_eq(as, S("facts.json")) || str_ends(as, S("/keys.lines"));
}

static err walk(packing *k, const char *dir, const char *as, int depth)
{
    struct dirent *d;
    struct stat st;
    char path[PATH], name[PATH];
    err e = OK;
    DIR *all = opendir(dir);
    if (!all || depth > DEPTH_MAX) {
        if (all) closedir(all);
        return err_errno("error.backup.io", str_of(dir));
    }
    while (!failed(e) && (d = readdir(all))) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0) continue;
        int n = snprintf(path, sizeof path, "%s/%s", dir, d->d_name);
        int m = snprintf(name, sizeof name, "%s%s%s", as, as[0] ? "/" : "", d->d_name);
        if (n >= PATH || m >= PATH || lstat(path, &st) != 0)
            e = err_errno("error.backup.io", str_of(path));
        else if (S_ISDIR(st.st_mode))
            e = walk(k, path, name, depth + 1);
        else if (S_ISREG(st.st_mode) && !apart(str_of(name)))
            e = add(k, path, str_of(name));
    }
    closedir(all);
    return e;
}

/* ---- what rolls ---- */

static err put_people(packing *k, const char *stage, instant made)
{
    struct dirent *d;
    char path[PATH], what[128];
    str lines;
    err e = OK;
    snprintf(path, sizeof path, "%s/realm", stage);
    DIR *all = opendir(path);
    if (!all) return err_errno("error.backup.io", str_of(path));
    while (!failed(e) && (d = readdir(all))) {
        if (d->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/realm/%s/keys.lines", stage, d->d_name);
        snprintf(what, sizeof what, "people-%.100s", d->d_name);
        e = file_read(k->a, path, SMALL_MAX, &lines);
        if (!failed(e)) e = place_rolling_put(k->p, what, made, lines);
    }
    closedir(all);
    return e;
}

/* Where a token seals it, the backup key opens it too: the token of this machine is of no use to
 * whoever restores elsewhere. */
static err master_plain(packing *k, const char *path, str *ret)
{
    token_setup t = { .backup = k->key };
    token_lock lock;
    master_keys m = { 0 };
    err e = master_open(path, &t, &m, &lock);
    m.has_backup = false;
    if (!failed(e) && lock.n_wrapped) *ret = master_text(k->a, &m);
    sodium_memzero(&m, sizeof m);
    return e;
}

/* "NAME BYTES\n", then the bytes: what stands in keys/, but for the backup key and what is about
 * it, which no backup holds. */
static err keys_below(packing *k, buf *b, const char *dir, const char *as, int depth)
{
    struct dirent *d;
    struct stat st;
    char path[PATH], name[PATH];
    str bytes;
    err e = OK;
    DIR *all = opendir(dir);
    if (!all) return err_errno("error.backup.io", str_of(dir));
    while (!failed(e) && (d = readdir(all))) {
        str file = str_of(d->d_name);
        if (d->d_name[0] == '.' || str_starts(file, S("backup.key")) ||
                str_eq(file, S("custody.json")) || str_ends(file, S(".part")) ||
                str_ends(file, S(".key.new"))) /* cut off while it was written */
            continue;
        int n = snprintf(path, sizeof path, "%s/%s", dir, d->d_name);
        int m = snprintf(name, sizeof name, "%s%s%s", as, as[0] ? "/" : "", d->d_name);
        if (n >= PATH || m >= PATH || lstat(path, &st) != 0) continue;
        if (S_ISDIR(st.st_mode) && depth < 3) e = keys_below(k, b, path, name, depth + 1);
        if (!S_ISREG(st.st_mode)) continue;
        e = file_read(k->a, path, KEYS_MAX, &bytes);
        if (!failed(e) && strcmp(name, MASTER_FILE) == 0) e = master_plain(k, path, &bytes);
        if (failed(e)) continue;
        buf_fmt(b, "%zu %s\n", bytes.n, name);
        buf_put(b, bytes);
    }
    closedir(all);
    return e;
}

static err read_keys(packing *k, buf *b, instant *made)
{
    char dir[PATH];
    str before;
    snprintf(dir, sizeof dir, "%s/keys", k->l->data_dir);
    TRY(keys_below(k, b, dir, "", 0));
    TRY(masters_before(k->a, k->p, buf_str(b), made, &before));
    if (before.n) buf_fmt(b, "%zu " MASTERS_BEFORE "\n%.*s", before.n, STR_ARG(before));
    sodium_memzero((void *)(uintptr_t)before.p, before.n);
    return OK;
}

/* The installation's keys before those of people, read and written: they open what has rolled so
 * far too, and what is cut off between them is a folder that opens. */
static err put_rolling(packing *k, const char *stage, instant *made)
{
    buf b = buf_new(k->a, 4096);
    err e = read_keys(k, &b, made);
    if (!failed(e)) e = place_rolling_put(k->p, "keys", *made, buf_str(&b));
    sodium_memzero(b.p, b.n);
    return failed(e) ? e : put_people(k, stage, *made);
}

/* ---- all of it ---- */

static err read_facts(packing *k, const char *stage)
{
    char path[PATH];
    const json *j;
    json_limits big = { .max_bytes = SMALL_MAX, .max_values = 4000000 };
    snprintf(path, sizeof path, "%s/facts.json", stage);
    TRY(file_read(k->a, path, SMALL_MAX, &k->now.facts));
    TRY(json_parse(k->a, k->now.facts, &big, &j));
    const json *live = json_at(json_get(j, S("realms")), 0);
    if (!json_i64(json_get(json_get(live, S("ledger")), S("size")), &k->done->entries))
        return ERR1(E_BUG, "error.backup.damaged", str_of(path));
    k->done->facts = k->now.facts;
    return OK;
}

static err digest_of(packing *k)
{
    uint8_t hash[32];
    char hex[65];
    str text = manifest_text(k->a, &k->now);
    crypto_generichash(hash, sizeof hash, (const uint8_t *)text.p, text.n, NULL, 0);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    k->done->digest = str_copy(k->a, (str){ hex, 64 });
    return OK;
}

static err pack_all(packing *k, const char *stage)
{
    char path[PATH], real[PATH_MAX];
    instant made = clock_now(&clock_system);
    TRY(load_before(k));
    TRY(read_facts(k, stage));
    TRY(walk(k, stage, "", 0));
    snprintf(path, sizeof path, "%s/minar.yaml", k->l->data_dir);
    if (realpath(path, real)) TRY(add(k, real, S("minar.yaml"))); /* the package links to /etc */
    k->done->files = (int64_t)k->now.n_files;
    TRY(place_chunks_commit(k->p));
    TRY(put_rolling(k, stage, &made));
    TRY(digest_of(k));
    return place_manifest_put(k->p, k->a, made, &k->now, &k->done->name);
}

err pack(arena *a, const command_line *l, const uint8_t key[BACKUP_KEY], place *p,
        const char *stage, packed *ret)
{
    packed done = { 0 };
    packing k = { .a = a, .l = l, .key = key, .p = p, .done = &done, .begun_us = monotonic_us() };
    k.room = malloc(CHUNK_BYTES);
    ASSERT(k.room);
    err e = pack_all(&k, stage);
    free(k.room);
    if (isatty(2) && !l->json && k.shown_us) fprintf(stderr, "\r%40s\r", "");
    if (!failed(e)) *ret = done;
    return e;
}
