/* place.c - opening a folder of backups, its header, files that appear whole, rolling ones and
 * manifests. See place.h. */
#include "base/time.h"
#include "common/backup/place_in.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRAP_USE = 1, NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, WRAPPED = NONCE + 48 };
enum { HEADER_MAX = 4096, MARK_MAX = 65536, ROLLING_MAX = 256 << 20 };
#define SET_CONTEXT "backupst"
static const char header_name[] = "minar-backup", header_line[] = "minar-backup 1";

err place_fault(const char *what)
{
    return err_errno("error.backup.io", str_of(what));
}

/* ---- files ---- */

err place_sync(place *p)
{
    return syncfs(p->fd) == 0 ? OK : place_fault(p->dir);
}

static err write_fd(int fd, str bytes, const char *name)
{
    while (bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return place_fault(name);
        bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
    return fsync(fd) == 0 ? OK : place_fault(name);
}

err place_write(place *p, const char *name, str bytes)
{
    char part[PLACE_PATH];
    snprintf(part, sizeof part, "%s.part", name);
    int fd = openat(p->fd, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return place_fault(part);
    err e = write_fd(fd, bytes, name);
    close(fd);
    if (!failed(e) && renameat(p->fd, part, p->fd, name) != 0) e = place_fault(name);
    return failed(e) ? e : place_sync(p);
}

err place_read(place *p, arena *a, const char *name, size_t most, str *ret)
{
    struct stat st;
    int fd = openat(p->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) return ERR1(E_ABSENT, "error.backup.gone", str_of(name));
    if (fd < 0) return place_fault(name);
    err e = fstat(fd, &st) == 0 ? OK : place_fault(name);
    if (!failed(e) && (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > most))
        e = ERR1(E_INVALID, "error.backup.damaged", str_copy(a, str_of(name)));
    buf b = buf_new(a, failed(e) ? 1 : (size_t)st.st_size + 1);
    for (ssize_t n = 1; !failed(e) && n > 0 && b.n < (size_t)st.st_size;) {
        n = read(fd, b.p + b.n, (size_t)st.st_size - b.n);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n < 0)
            e = place_fault(name);
        else
            b.n += (size_t)n;
    }
    close(fd);
    *ret = buf_str(&b);
    return e;
}

static err folder(place *p, const char *name)
{
    return mkdirat(p->fd, name, 0700) == 0 || errno == EEXIST ? OK : place_fault(name);
}

/* ---- the header ---- */

static err wrap(const place *p, const uint8_t key[BACKUP_KEY], arena *a, str *ret)
{
    uint8_t by[BACKUP_KEY], out[WRAPPED];
    char id[2 * BACKUP_KEY_ID + 1], hex[2 * WRAPPED + 1];
    backup_key_sub(key, WRAP_USE, by);
    backup_key_id(key, id);
    randombytes_buf(out, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
            out + NONCE, NULL, p->key, BACKUP_KEY, (const uint8_t *)p->set, 32, NULL, out, by);
    sodium_bin2hex(hex, sizeof hex, out, sizeof out);
    sodium_memzero(by, sizeof by);
    *ret = str_fmt(a, "%s\nset %s\nkey %s %s\n", header_line, p->set, id, hex);
    return OK;
}

err place_rewrap(place *p, const uint8_t key[BACKUP_KEY])
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    str text;
    TRY(wrap(p, key, a, &text));
    return place_write(p, header_name, text);
}

static bool unwrap(place *p, str hex, const uint8_t key[BACKUP_KEY])
{
    uint8_t by[BACKUP_KEY], in[WRAPPED];
    size_t n = 0;
    if (hex.n != 2 * WRAPPED || sodium_hex2bin(in, sizeof in, hex.p, hex.n, NULL, &n, NULL) != 0)
        return false;
    backup_key_sub(key, WRAP_USE, by);
    return crypto_aead_xchacha20poly1305_ietf_decrypt(p->key, NULL, NULL, in + NONCE,
                   WRAPPED - NONCE, (const uint8_t *)p->set, 32, in, by) == 0;
}

static err header_take(place *p, str text, const uint8_t key[BACKUP_KEY])
{
    char id[2 * BACKUP_KEY_ID + 1];
    str line[3], of;
    for (int i = 0; i < 3; i++)
        if (!str_split(&text, '\n', &line[i]))
            return ERR1(E_INVALID, "error.backup.damaged", S("minar-backup"));
    if (!str_eq(line[0], str_of(header_line)) || !str_starts(line[1], S("set ")) ||
            line[1].n != 36 || !str_starts(line[2], S("key ")))
        return ERR1(E_INVALID, "error.backup.damaged", S("minar-backup"));
    memcpy(p->set, line[1].p + 4, 32);
    str rest = str_sub(line[2], 4, line[2].n);
    backup_key_id(key, id);
    if (!str_split(&rest, ' ', &of) || !unwrap(p, rest, key))
        return ERR2(E_AUTH, "error.backup.key_other", of, str_of(id));
    return OK;
}

static err header_make(place *p, const uint8_t key[BACKUP_KEY])
{
    uint8_t id[16];
    randombytes_buf(id, sizeof id);
    randombytes_buf(p->key, sizeof p->key);
    sodium_bin2hex(p->set, sizeof p->set, id, sizeof id);
    TRY(folder(p, "chunks"));
    TRY(folder(p, "manifests"));
    TRY(folder(p, "rolling"));
    return place_rewrap(p, key);
}

static err header_open(place *p, const uint8_t key[BACKUP_KEY])
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    str text;
    err e = place_read(p, a, header_name, HEADER_MAX, &text);
    if (err_code_of(e) == E_ABSENT && p->write) return header_make(p, key);
    if (err_code_of(e) == E_ABSENT) return ERR1(E_ABSENT, "error.backup.none", str_of(p->dir));
    TRY(e);
    return header_take(p, text, key);
}

/* ---- opening ---- */

static err lock(place *p)
{
    if (p->beside) return OK;
    p->lock = openat(p->fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (p->lock < 0) return p->write ? place_fault(p->dir) : OK; /* a copy that is only read */
    if (flock(p->lock, (p->write ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) return OK;
    return ERR1(E_BUSY, "error.backup.busy", str_of(p->dir));
}

static err begin(place *p, const uint8_t key[BACKUP_KEY])
{
    if (p->write && mkdir(p->dir, 0700) != 0 && errno != EEXIST) return place_fault(p->dir);
    p->fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->fd < 0 && !p->write) return ERR1(E_ABSENT, "error.backup.none", str_of(p->dir));
    if (p->fd < 0) return place_fault(p->dir);
    TRY(lock(p));
    TRY(header_open(p, key));
    for (uint64_t i = SUB_CHUNK; i <= SUB_ROLLING; i++)
        crypto_kdf_derive_from_key(p->sub[i], BACKUP_KEY, i, SET_CONTEXT, p->key);
    if (!p->write) return OK;
    place_sweep(p);
    snprintf(p->fresh, sizeof p->fresh, "fresh-%ld", (long)getpid());
    return folder(p, p->fresh);
}

static err open_as(const char *dir, bool write, bool beside, const uint8_t *key, place **ret)
{
    ASSERT(sodium_init() >= 0);
    place *p = calloc(1, sizeof *p);
    ASSERT(p);
    p->packed = malloc(2 * CHUNK_BYTES);
    p->sealed = malloc(2 * CHUNK_BYTES + 256);
    ASSERT(p->packed && p->sealed);
    p->fd = p->lock = -1;
    p->write = write;
    p->beside = beside;
    snprintf(p->dir, sizeof p->dir, "%s", dir);
    err e = begin(p, key);
    if (failed(e)) {
        place_close(p);
        return e;
    }
    *ret = p;
    return OK;
}

err place_open(const char *dir, bool write, const uint8_t key[BACKUP_KEY], place **ret)
{
    return open_as(dir, write, false, key, ret);
}

err place_open_beside(const char *dir, const uint8_t key[BACKUP_KEY], place **ret)
{
    return open_as(dir, false, true, key, ret);
}

void place_close(place *p)
{
    if (!p) return;
    if (p->write && p->fd >= 0 && p->fresh[0]) place_sweep(p);
    if (p->lock >= 0) close(p->lock);
    if (p->fd >= 0) close(p->fd);
    sodium_memzero(p->key, sizeof p->key);
    sodium_memzero(p->sub, sizeof p->sub);
    free(p->put);
    free(p->packed);
    free(p->sealed);
    free(p);
}

/* ---- rolling ---- */

err place_rolling_put(place *p, const char *what, instant made, str text)
{
    char path[PLACE_PATH];
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)2 << 30);
    snprintf(path, sizeof path, "rolling/%s", what);
    str all = str_fmt(a, "%lld\n", (long long)made.us);
    all = str_cat(a, all, text);
    return place_write(p, path, sealed_put(a, p->sub[SUB_ROLLING], str_of(path), all));
}

err place_rolling_get(
        place *p, arena *a, const char *what, instant least, instant *ret_made, str *ret)
{
    char path[PLACE_PATH];
    str sealed, text, first;
    snprintf(path, sizeof path, "rolling/%s", what);
    TRY(place_read(p, a, path, ROLLING_MAX, &sealed));
    if (!sealed_get(a, p->sub[SUB_ROLLING], str_of(path), sealed, &text) ||
            !str_split(&text, '\n', &first) || !str_to_i64(first, &ret_made->us))
        return ERR1(E_INVALID, "error.backup.damaged", str_copy(a, str_of(path)));
    if (ret_made->us < least.us)
        return ERR1(E_INVALID, "error.backup.older", str_copy(a, str_of(path)));
    *ret = text;
    return OK;
}

/* ---- marks ---- */

err place_mark_put(place *p, const char *what, str text, bool durable)
{
    char path[PLACE_PATH], part[PLACE_PATH + 16];
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    TRY(folder(p, "marks"));
    snprintf(path, sizeof path, "marks/%s", what);
    str sealed = sealed_put(a, p->sub[SUB_ROLLING], str_of(path), text);
    if (durable) return place_write(p, path, sealed);
    snprintf(part, sizeof part, "%s.%ld", path, (long)getpid());
    int fd = openat(p->fd, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return place_fault(part);
    err e = write(fd, sealed.p, sealed.n) == (ssize_t)sealed.n ? OK : place_fault(part);
    close(fd);
    if (!failed(e) && renameat(p->fd, part, p->fd, path) != 0) e = place_fault(path);
    return e;
}

err place_mark_get(place *p, arena *a, const char *what, str *ret)
{
    char path[PLACE_PATH];
    str sealed;
    snprintf(path, sizeof path, "marks/%s", what);
    TRY(place_read(p, a, path, MARK_MAX, &sealed));
    if (sealed_get(a, p->sub[SUB_ROLLING], str_of(path), sealed, ret)) return OK;
    return ERR1(E_INVALID, "error.backup.damaged", str_copy(a, str_of(path)));
}

/* ---- manifests ---- */

/* "2026-11-30T18:45:00Z" -> "20261130T184500Z-1a2b3c4d". */
static str name_make(arena *a, instant made)
{
    buf b = buf_new(a, 32);
    str t = instant_text(a, (instant){ made.us / US_PER_S * US_PER_S });
    for (size_t i = 0; i < t.n; i++)
        if (t.p[i] != '-' && t.p[i] != ':') buf_byte(&b, t.p[i]);
    buf_fmt(&b, "-%08x", randombytes_random());
    return buf_str(&b);
}

bool place_name_time(str name, instant *ret)
{
    char t[24];
    if (name.n != 25 || name.p[8] != 'T' || name.p[15] != 'Z' || name.p[16] != '-') return false;
    for (size_t i = 17; i < 25; i++)
        if (!strchr("0123456789abcdef", name.p[i])) return false;
    snprintf(t, sizeof t, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", name.p, name.p + 4, name.p + 6,
            name.p + 9, name.p + 11, name.p + 13);
    return instant_parse(str_of(t), ret);
}

err place_manifest_put(place *p, arena *a, instant made, const manifest *m, str *ret_name)
{
    char path[PLACE_PATH];
    *ret_name = name_make(a, made);
    snprintf(path, sizeof path, "manifests/%.*s", STR_ARG(*ret_name));
    str text = manifest_text(a, m);
    return place_write(p, path, sealed_put(a, p->sub[SUB_MANIFEST], str_of(path), text));
}

err place_manifest_get(place *p, arena *a, str name, manifest *ret)
{
    char path[PLACE_PATH];
    str sealed, text;
    instant made;
    if (!place_name_time(name, &made)) return ERR1(E_ABSENT, "error.backup.gone", name);
    snprintf(path, sizeof path, "manifests/%.*s", STR_ARG(name));
    TRY(place_read(p, a, path, MANIFEST_BYTES_MAX, &sealed));
    if (!sealed_get(a, p->sub[SUB_MANIFEST], str_of(path), sealed, &text))
        return ERR1(E_INVALID, "error.backup.damaged", str_copy(a, str_of(path)));
    return manifest_parse(a, text, ret);
}

static int by_name(const void *x, const void *y)
{
    return str_cmp(*(const str *)x, *(const str *)y);
}

err place_manifests(place *p, arena *a, str **ret, size_t *n)
{
    instant made;
    struct dirent *d;
    size_t cap = 64;
    int fd = openat(p->fd, "manifests", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *all = fd >= 0 ? fdopendir(fd) : NULL;
    if (!all) return place_fault("manifests");
    *ret = NEW_ARRAY(a, str, cap);
    *n = 0;
    while ((d = readdir(all))) {
        if (!place_name_time(str_of(d->d_name), &made)) continue;
        if (*n == cap) {
            *ret = arena_extend(a, *ret, cap * sizeof **ret, 2 * cap * sizeof **ret);
            cap *= 2;
        }
        (*ret)[(*n)++] = str_copy(a, str_of(d->d_name));
    }
    closedir(all);
    qsort(*ret, *n, sizeof **ret, by_name);
    return OK;
}
