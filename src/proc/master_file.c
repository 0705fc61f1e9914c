/* master_file.c - see master_file.h. */
#include "proc/master_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proc/key_file.h"

#define HEAD "minar master key, form 2\n"
enum { OVERWRITE_MAX = 32 << 10 };

/* The subkey's number and context in libsodium's key derivation; the context is its name in the
 * file too. They never change. */
static const struct {
    uint64_t id;
    const char *context;
} derived[DERIVE_PURPOSES] = {
    [DERIVE_MAIL_HASH] = { 2, "mailhash" },
    [DERIVE_CURSOR] = { 3, "cursors_" },
    [DERIVE_BOUNCE] = { 4, "bounces_" },
};

/* ---- the form ---- */

static bool hex_in(str hex, uint8_t *key)
{
    size_t n;
    return hex.n == 2 * KEY_BYTES &&
           sodium_hex2bin(key, KEY_BYTES, hex.p, hex.n, NULL, &n, NULL) == 0 && n == KEY_BYTES;
}

static bool derived_in(str name, str hex, master_keys *m)
{
    for (size_t i = 0; i < DERIVE_PURPOSES; i++)
        if (str_eq(name, str_of(derived[i].context)) && !m->kept[i])
            return m->kept[i] = hex_in(hex, m->derived[i]);
    return false;
}

static bool line_in(str name, str hex, master_keys *m, bool *has_key)
{
    if (str_eq(name, S("master"))) return !*has_key && (*has_key = hex_in(hex, m->key));
    if (str_eq(name, S("backup")))
        return !m->has_backup && (m->has_backup = hex_in(hex, m->backup));
    if (!str_eq(name, S("old"))) return derived_in(name, hex, m);
    return m->n_old < MASTER_OLD_MAX && hex_in(hex, m->old[m->n_old++]);
}

bool master_parse(str bytes, master_keys *ret)
{
    str line, name;
    bool has_key = false;
    *ret = (master_keys){ 0 };
    if (!str_starts(bytes, S(HEAD))) {
        if (bytes.n == KEY_BYTES) memcpy(ret->key, bytes.p, KEY_BYTES);
        return bytes.n == KEY_BYTES;
    }
    if (bytes.p[bytes.n - 1] != '\n') return false;
    bytes = str_sub(bytes, sizeof HEAD - 1, bytes.n);
    while (bytes.n && str_split(&bytes, '\n', &line))
        if (!str_split(&line, ' ', &name) || !line_in(name, line, ret, &has_key)) return false;
    return has_key;
}

static void hex_out(buf *b, const char *name, const uint8_t *key)
{
    char hex[2 * KEY_BYTES + 1];
    sodium_bin2hex(hex, sizeof hex, key, KEY_BYTES);
    buf_fmt(b, "%s %s\n", name, hex);
    sodium_memzero(hex, sizeof hex);
}

str master_text(arena *a, const master_keys *m)
{
    buf b = buf_new(a, MASTER_FILE_MAX);
    buf_put(&b, S(HEAD));
    hex_out(&b, "master", m->key);
    for (size_t i = 0; i < DERIVE_PURPOSES; i++)
        if (m->kept[i]) hex_out(&b, derived[i].context, m->derived[i]);
    for (size_t i = 0; i < m->n_old; i++)
        hex_out(&b, "old", m->old[i]);
    if (m->has_backup) hex_out(&b, "backup", m->backup);
    ASSERT(b.n <= MASTER_FILE_MAX);
    return buf_str(&b);
}

/* ---- the file ---- */

static err read_open(int fd, const char *path, char *to, size_t cap, size_t *ret)
{
    struct stat st;
    if (fstat(fd, &st)) return err_errno("error.access.master_key", str_of(path));
    *ret = (size_t)st.st_size;
    bool good = S_ISREG(st.st_mode) && *ret <= cap && !(st.st_mode & 077) &&
                read(fd, to, *ret) == st.st_size;
    return good ? OK : ERR1(E_CONFIG, "error.access.master_key_form", str_of(path));
}

err master_bytes(const char *path, char *to, size_t cap, size_t *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) return ERR1(E_ABSENT, "error.access.master_key", str_of(path));
    if (fd < 0) return err_errno("error.access.master_key", str_of(path));
    err e = read_open(fd, path, to, cap, ret);
    close(fd);
    return e;
}

err master_read(const char *path, master_keys *ret)
{
    char bytes[MASTER_FILE_MAX];
    size_t n;
    err e = master_bytes(path, bytes, sizeof bytes, &n);
    if (!failed(e) && !master_parse((str){ bytes, n }, ret))
        e = ERR1(E_CONFIG, "error.access.master_key_form", str_of(path));
    sodium_memzero(bytes, sizeof bytes);
    return e;
}

/* The blocks of what has no name any more. Another name for it, as a copy by links has, is none of
 * ours. */
static void overwrite(int fd)
{
    struct stat st;
    uint8_t noise[OVERWRITE_MAX];
    if (fstat(fd, &st) != 0 || st.st_nlink > 0 || st.st_size > OVERWRITE_MAX) return;
    randombytes_buf(noise, sizeof noise);
    if (pwrite(fd, noise, (size_t)st.st_size, 0) == st.st_size) (void)!fsync(fd);
}

static bool folder_durable(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return good;
}

/* After the name leads elsewhere: durable first, then what it led to is overwritten. */
static err settle(const char *folder, int was, err e)
{
    if (!failed(e) && !folder_durable(folder))
        e = err_errno("error.access.master_key", str_of(folder));
    if (!failed(e) && was >= 0) overwrite(was);
    if (was >= 0) close(was);
    return e;
}

err master_replace(const char *folder, const char *from, const char *to)
{
    char path[KEY_PATH_ROOM], fresh[KEY_PATH_ROOM];
    key_file_path(path, folder, to);
    if (from) key_file_path(fresh, folder, from);
    int was = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    int moved = from ? rename(fresh, path) : unlink(path);
    bool good = moved == 0 || (!from && errno == ENOENT);
    return settle(folder, was, good ? OK : err_errno("error.access.master_key", str_of(path)));
}

err master_write(const char *folder, const char *name, const master_keys *m)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    char path[KEY_PATH_ROOM];
    master_keys plain = *m;
    plain.has_backup = false;
    key_file_path(path, folder, name);
    int was = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    str text = master_text(a, &plain);
    err e = key_file_write(folder, name, text);
    sodium_memzero((void *)(uintptr_t)text.p, text.n);
    sodium_memzero(&plain, sizeof plain);
    return settle(folder, was, e);
}

/* ---- what is done with them ---- */

void master_derive(const master_keys *m, derive_purpose p, uint8_t ret[KEY_BYTES])
{
    ASSERT(p < DERIVE_PURPOSES);
    if (m->kept[p])
        memcpy(ret, m->derived[p], KEY_BYTES);
    else
        crypto_kdf_derive_from_key(ret, KEY_BYTES, derived[p].id, derived[p].context, m->key);
}

bool master_has(const master_keys *m, const uint8_t key[KEY_BYTES])
{
    bool found = sodium_memcmp(m->key, key, KEY_BYTES) == 0;
    for (size_t i = 0; i < m->n_old; i++)
        found = sodium_memcmp(m->old[i], key, KEY_BYTES) == 0 || found;
    return found;
}

bool master_add_old(master_keys *m, const uint8_t key[KEY_BYTES])
{
    if (master_has(m, key)) return true;
    if (m->n_old == MASTER_OLD_MAX) return false;
    memcpy(m->old[m->n_old++], key, KEY_BYTES);
    return true;
}

void master_renew(master_keys *m)
{
    uint8_t was[KEY_BYTES];
    for (size_t i = 0; i < DERIVE_PURPOSES; i++) {
        master_derive(m, (derive_purpose)i, m->derived[i]);
        m->kept[i] = true;
    }
    memcpy(was, m->key, KEY_BYTES);
    randombytes_buf(m->key, KEY_BYTES);
    ASSERT(!m->n_old && master_add_old(m, was));
    sodium_memzero(was, sizeof was);
}

void master_forget_old(master_keys *m)
{
    sodium_memzero(m->old, sizeof m->old);
    m->n_old = 0;
}
