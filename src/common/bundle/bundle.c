/* bundle.c - see bundle.h. In order: manifest.json, manifest.json.minisig, the parts as the
 * manifest has them, two empty blocks, and nothing. Every header is made from name and size alone,
 * so a reader makes it again and compares. */
#include "common/bundle/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

enum { BLOCK = 512, PIECE = 1 << 16 };
static const char manifest_name[] = "manifest.json", sig_name[] = "manifest.json.minisig";

/* ---- names and files ---- */

static void close_fd(int *fd)
{
    if (*fd >= 0) close(*fd);
}

bool bundle_name_fits(str name)
{
    static const char plain[] =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+~-";
    return name.n <= BUNDLE_NAME && str_only(name, plain) && !strchr("._+~-", name.p[0]) &&
           !str_starts(name, str_of(manifest_name));
}

static void hash_more(EVP_MD_CTX *h, const void *p, size_t n)
{
    ASSERT(EVP_DigestUpdate(h, p, n) == 1);
}

static EVP_MD_CTX *hash_new(void)
{
    EVP_MD_CTX *h = EVP_MD_CTX_new();
    ASSERT(h && EVP_DigestInit_ex(h, EVP_sha256(), NULL) == 1);
    return h;
}

static void hash_end(EVP_MD_CTX *h, uint8_t ret[BUNDLE_HASH])
{
    ASSERT(EVP_DigestFinal_ex(h, ret, NULL) == 1);
    EVP_MD_CTX_free(h);
}

static err fault_io(str what)
{
    return err_errno("error.bundle.disk", what);
}

/* As many as there are, up to n; -1 with errno. */
static ssize_t read_up_to(int fd, char *to, size_t n)
{
    size_t got = 0;
    while (got < n) {
        ssize_t r = read(fd, to + got, n - got);
        if (r < 0 && errno == EINTR) continue;
        if (r < 0) return -1;
        if (r == 0) break;
        got += (size_t)r;
    }
    return (ssize_t)got;
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t w = write(fd, p, n);
        if (w < 0 && errno == EINTR) continue;
        if (w <= 0) return false;
        p += w;
        n -= (size_t)w;
    }
    return true;
}

err bundle_hash(int fd, uint8_t ret[BUNDLE_HASH], int64_t *ret_bytes)
{
    char piece[PIECE];
    EVP_MD_CTX *h = hash_new();
    ssize_t n;
    *ret_bytes = 0;
    while ((n = read_up_to(fd, piece, sizeof piece)) > 0) {
        hash_more(h, piece, (size_t)n);
        *ret_bytes += n;
    }
    hash_end(h, ret);
    return n == 0 ? OK : fault_io(S("-"));
}

/* ---- headers ---- */

/* Everything but the name and the size is always the same (POSIX ustar). */
static void header_make(char h[BLOCK], str name, int64_t bytes)
{
    unsigned sum = 0;
    memset(h, 0, BLOCK);
    ASSERT(name.n <= BUNDLE_NAME && bytes >= 0 && bytes < (int64_t)1 << 33);
    memcpy(h, name.p, name.n);
    memcpy(h + 100, "0000644", 7);
    memcpy(h + 108, "0000000", 7);
    memcpy(h + 116, "0000000", 7);
    snprintf(h + 124, 12, "%011llo", (unsigned long long)bytes);
    memcpy(h + 136, "00000000000", 11);
    memset(h + 148, ' ', 8);
    h[156] = '0';
    memcpy(h + 257, "ustar", 6);
    memcpy(h + 263, "00", 2);
    for (int i = 0; i < BLOCK; i++)
        sum += (uint8_t)h[i];
    snprintf(h + 148, 8, "%06o", sum);
    h[155] = ' ';
}

static size_t padding(int64_t bytes)
{
    return (size_t)((BLOCK - bytes % BLOCK) % BLOCK);
}

/* ---- writing ---- */

static err put_bytes(int fd, str name, str text)
{
    char h[BLOCK], none[BLOCK] = { 0 };
    header_make(h, name, (int64_t)text.n);
    if (!write_all(fd, h, BLOCK) || !write_all(fd, text.p, text.n) ||
            !write_all(fd, none, padding((int64_t)text.n)))
        return fault_io(name);
    return OK;
}

static err put_file(int fd, const bundle_part *p, const char *path)
{
    char piece[PIECE], h[BLOCK], none[BLOCK] = { 0 };
    uint8_t sum[BUNDLE_HASH];
    int64_t bytes = 0;
    ssize_t n;
    CLEANUP(close_fd) int in = open(path, O_RDONLY | O_CLOEXEC);
    if (in < 0) return fault_io(str_of(path));
    header_make(h, p->name, p->bytes);
    bool good = write_all(fd, h, BLOCK);
    EVP_MD_CTX *md = hash_new();
    while (good && (n = read_up_to(in, piece, sizeof piece)) > 0 && bytes <= p->bytes) {
        hash_more(md, piece, (size_t)n);
        bytes += n;
        good = write_all(fd, piece, (size_t)n);
    }
    hash_end(md, sum);
    if (!good || !write_all(fd, none, padding(bytes))) return fault_io(str_of(path));
    return bytes == p->bytes && memcmp(sum, p->sha256, sizeof sum) == 0
                   ? OK
                   : ERR1(E_INVALID, "error.bundle.changed", str_of(path));
}

err bundle_write(
        arena *a, int fd, const bundle *b, const char *const *paths, const minisig_secret *by)
{
    char none[2 * BLOCK] = { 0 };
    str text = bundle_manifest_text(a, b);
    str sig = minisig_sign(
            a, by, text, str_cat(a, S("minar bundle made "), instant_text(a, b->made)));
    TRY(put_bytes(fd, str_of(manifest_name), text));
    TRY(put_bytes(fd, str_of(sig_name), sig));
    for (size_t i = 0; i < b->n; i++)
        TRY(put_file(fd, &b->part[i], paths[i]));
    return write_all(fd, none, sizeof none) ? OK : fault_io(S("-"));
}

/* ---- reading ---- */

err bundle_keys_parse(str text, minisig_public ret[BUNDLE_KEYS], size_t *ret_n)
{
    str word;
    *ret_n = 0;
    while (str_split(&text, ' ', &word)) {
        if (!word.n) continue;
        if (*ret_n == BUNDLE_KEYS || failed(minisig_public_parse(word, &ret[*ret_n])))
            return ERR1(E_CONFIG, "error.bundle.keys", word);
        ++*ret_n;
    }
    return OK;
}

static err fault_cut(str name)
{
    return ERR1(E_INVALID, "error.bundle.cut", name);
}

static err get_block(int fd, str name, char to[BLOCK])
{
    ssize_t n = read_up_to(fd, to, BLOCK);
    if (n < 0) return fault_io(name);
    return n == BLOCK ? OK : fault_cut(name);
}

static err header_expect(const char got[BLOCK], str name, int64_t bytes)
{
    char want[BLOCK];
    header_make(want, name, bytes);
    return memcmp(got, want, BLOCK) == 0 ? OK : ERR1(E_INVALID, "error.bundle.form", name);
}

/* Zeros up to the next block, and nothing hidden among them. */
static err get_padding(int fd, str name, int64_t bytes)
{
    char pad[BLOCK];
    size_t n = padding(bytes);
    ssize_t got = read_up_to(fd, pad, n);
    if (got < 0) return fault_io(name);
    if ((size_t)got < n) return fault_cut(name);
    return !n || sodium_is_zero((const uint8_t *)pad, n)
                   ? OK
                   : ERR1(E_INVALID, "error.bundle.form", name);
}

static bool size_of(const char h[BLOCK], int64_t *ret)
{
    *ret = 0;
    for (int i = 124; i < 135; i++) {
        if (h[i] < '0' || h[i] > '7') return false;
        *ret = *ret * 8 + (h[i] - '0');
    }
    return true;
}

/* A small entry whole, into a. */
static err get_bytes(arena *a, int fd, str name, size_t most, str *ret)
{
    char h[BLOCK];
    int64_t n;
    TRY(get_block(fd, name, h));
    if (!size_of(h, &n) || n < 1 || n > (int64_t)most)
        return ERR1(E_INVALID, "error.bundle.form", name);
    TRY(header_expect(h, name, n));
    char *p = arena_alloc(a, (size_t)n);
    ssize_t got = read_up_to(fd, p, (size_t)n);
    if (got < 0) return fault_io(name);
    if (got < n) return fault_cut(name);
    *ret = (str){ p, (size_t)n };
    return get_padding(fd, name, n);
}

static err trusted(arena *a, const minisig *s, const minisig_public *keys, size_t n, str text)
{
    bool known = false;
    if (!n) return ERR(E_INVALID, "error.bundle.no_keys");
    for (size_t i = 0; i < n; i++) {
        if (minisig_good(s, &keys[i], text)) return OK;
        known = known || memcmp(s->id, keys[i].id, MINISIG_ID) == 0;
    }
    return known ? ERR(E_INVALID, "error.bundle.signature")
                 : ERR1(E_INVALID, "error.bundle.unknown_key", minisig_id_text(a, s->id));
}

err bundle_open(arena *a, int fd, const minisig_public *keys, size_t n_keys, bundle *ret)
{
    str text, sig;
    minisig s;
    bundle b = { 0 };
    TRY(get_bytes(a, fd, str_of(manifest_name), BUNDLE_MANIFEST_BYTES, &text));
    TRY(get_bytes(a, fd, str_of(sig_name), MINISIG_BYTES_MAX, &sig));
    TRY(minisig_parse(sig, &s));
    TRY(trusted(a, &s, keys, n_keys, text));
    TRY(bundle_manifest_parse(a, text, &b));
    crypto_hash_sha256(b.digest, (const uint8_t *)text.p, text.n);
    memcpy(b.signer, s.id, MINISIG_ID);
    *ret = b;
    return OK;
}

static err fault_part(const bundle_part *p)
{
    return ERR1(E_INVALID, "error.bundle.part", p->name);
}

/* The bytes of one part, to `to` too unless it is -1. */
static err pass(int fd, const bundle_part *p, int to)
{
    char piece[PIECE];
    uint8_t sum[BUNDLE_HASH];
    EVP_MD_CTX *h = hash_new();
    err e = OK;
    for (int64_t left = p->bytes; left > 0 && !failed(e);) {
        ssize_t n = read_up_to(fd, piece, left < PIECE ? (size_t)left : PIECE);
        if (n <= 0) {
            e = n < 0 ? fault_io(p->name) : fault_cut(p->name);
        } else {
            hash_more(h, piece, (size_t)n);
            left -= n;
            if (to >= 0 && !write_all(to, piece, (size_t)n)) e = fault_io(p->name);
        }
    }
    hash_end(h, sum);
    TRY(e);
    return memcmp(sum, p->sha256, sizeof sum) == 0 ? OK : fault_part(p);
}

static err get_part(int fd, const bundle_part *p, int dir)
{
    char h[BLOCK], name[BUNDLE_NAME + 1];
    TRY(get_block(fd, p->name, h));
    if (failed(header_expect(h, p->name, p->bytes))) return fault_part(p);
    CLEANUP(close_fd) int to = -1;
    if (dir >= 0) {
        ASSERT(bundle_name_fits(p->name));
        snprintf(name, sizeof name, "%.*s", STR_ARG(p->name));
        to = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (to < 0) return fault_io(p->name);
    }
    TRY(pass(fd, p, to));
    if (to >= 0 && fsync(to) != 0) return fault_io(p->name);
    return get_padding(fd, p->name, p->bytes);
}

err bundle_parts(int fd, const bundle *b, const int dirs[BUNDLE_KINDS])
{
    char end[2 * BLOCK + 1];
    for (size_t i = 0; i < b->n; i++)
        TRY(get_part(fd, &b->part[i], dirs[b->part[i].kind]));
    ssize_t n = read_up_to(fd, end, sizeof end);
    if (n < 0) return fault_io(S("-"));
    if (n < 2 * BLOCK) return fault_cut(S("-"));
    if (n > 2 * BLOCK || !sodium_is_zero((const uint8_t *)end, 2 * BLOCK))
        return ERR1(E_INVALID, "error.bundle.form", S("-"));
    for (bundle_kind k = 0; k < BUNDLE_KINDS; k++)
        if (dirs[k] >= 0 && fsync(dirs[k]) != 0) return fault_io(S("-"));
    return OK;
}
