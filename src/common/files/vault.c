/* vault.c - sealing objects in pieces, and reading them: libsodium's secretstream, each piece
 * authenticated in its place, the object's name with the first, the last one marked as the last.
 * Owns readers. Any thread, one at a time each. */
#include "common/files/vault.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    PIECE = 64 << 10,
    MORE = crypto_secretstream_xchacha20poly1305_ABYTES,
    HEAD = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
};
static const char magic[8] = "MINARF1\n";

/* ---- sealing ---- */

typedef struct {
    const vault_place *p;
    void *w;
    id128 object;
    crypto_secretstream_xchacha20poly1305_state s;
    bool first;
    uint8_t sealed[PIECE + MORE];
} sealing;

static err sealing_begin(sealing *x, const vault_place *p, id128 object, const uint8_t *key)
{
    uint8_t head[sizeof magic + HEAD];
    *x = (sealing){ .p = p, .object = object, .first = true };
    memcpy(head, magic, sizeof magic);
    crypto_secretstream_xchacha20poly1305_init_push(&x->s, head + sizeof magic, key);
    TRY(p->begin(p->ctx, object, &x->w));
    return p->write(x->w, (str){ (char *)head, sizeof head });
}

static err sealing_piece(sealing *x, str plain, bool last)
{
    unsigned long long n;
    crypto_secretstream_xchacha20poly1305_push(&x->s, x->sealed, &n, (const uint8_t *)plain.p,
            plain.n, x->object.b, x->first ? sizeof x->object.b : 0,
            last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
    x->first = false;
    return x->p->write(x->w, (str){ (char *)x->sealed, n });
}

/* Durable, or not there. */
static err sealing_end(sealing *x, err e)
{
    void *w = x->w;
    sodium_memzero(&x->s, sizeof x->s);
    if (w && failed(e)) x->p->abandon(w);
    free(x);
    return e;
}

static ssize_t fill(int fd, char *to, size_t max)
{
    size_t got = 0;
    while (got < max) {
        ssize_t n = read(fd, to + got, max - got);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        if (!n) break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

static err seal_file(sealing *x, int fd, vault_sum *sum)
{
    crypto_hash_sha256_state hash;
    char *plain = malloc(PIECE);
    err e = OK;
    ssize_t n = PIECE;
    ASSERT(plain);
    crypto_hash_sha256_init(&hash);
    while (!failed(e) && n == PIECE) {
        n = fill(fd, plain, PIECE);
        if (n < 0) {
            e = err_errno("error.files.read", S("spool"));
            break;
        }
        crypto_hash_sha256_update(&hash, (uint8_t *)plain, (unsigned long long)n);
        sum->bytes += n;
        e = sealing_piece(x, (str){ plain, (size_t)n }, n < PIECE);
    }
    crypto_hash_sha256_final(&hash, sum->hash);
    sodium_memzero(plain, PIECE);
    free(plain);
    return e;
}

static err commit(sealing *x, err e)
{
    if (failed(e)) return e;
    e = x->p->commit(x->w);
    x->w = NULL;
    return e;
}

err vault_put(
        const vault_place *p, id128 object, const uint8_t key[VAULT_KEY], int fd, vault_sum *ret)
{
    sealing *x = malloc(sizeof *x);
    ASSERT(x);
    *ret = (vault_sum){ 0 };
    err e = sealing_begin(x, p, object, key);
    if (!failed(e)) e = seal_file(x, fd, ret);
    return sealing_end(x, commit(x, e));
}

err vault_put_bytes(const vault_place *p, id128 object, const uint8_t key[VAULT_KEY], str bytes)
{
    sealing *x = malloc(sizeof *x);
    ASSERT(x);
    err e = sealing_begin(x, p, object, key);
    for (bool last = false; !failed(e) && !last;) {
        str part = str_sub(bytes, 0, PIECE);
        last = part.n < PIECE;
        e = sealing_piece(x, part, last);
        bytes = str_sub(bytes, part.n, bytes.n);
    }
    return sealing_end(x, commit(x, e));
}

/* ---- reading ---- */

struct vault_reader {
    vault_place p;
    void *r;
    id128 object;
    crypto_secretstream_xchacha20poly1305_state s;
    bool first, last, bad;
    uint8_t plain[PIECE], sealed[PIECE + MORE];
    size_t n, at;
};

/* False: fewer than n bytes are left. */
static bool take(vault_reader *r, uint8_t *to, size_t max, size_t *got)
{
    for (*got = 0; *got < max;) {
        ssize_t n = r->p.read(r->r, (char *)to + *got, max - *got);
        if (n < 0) return false;
        if (!n) break;
        *got += (size_t)n;
    }
    return true;
}

err vault_open(const vault_place *p, id128 object, const uint8_t key[VAULT_KEY], vault_reader **ret)
{
    uint8_t head[sizeof magic + HEAD];
    size_t n = 0;
    vault_reader *r = malloc(sizeof *r);
    ASSERT(r);
    *r = (vault_reader){ .p = *p, .object = object, .first = true };
    err e = p->open(p->ctx, object, &r->r);
    if (!failed(e) && (!take(r, head, sizeof head, &n) || n != sizeof head ||
                              memcmp(head, magic, sizeof magic) != 0 ||
                              crypto_secretstream_xchacha20poly1305_init_pull(
                                      &r->s, head + sizeof magic, key) != 0))
        e = ERR(E_IO, "error.files.altered");
    if (failed(e)) {
        vault_close(r);
        return e;
    }
    *ret = r;
    return OK;
}

/* The next piece into plain; false: altered or cut. */
static bool piece(vault_reader *r)
{
    size_t got;
    unsigned long long n;
    uint8_t tag;
    if (!take(r, r->sealed, sizeof r->sealed, &got) || got < MORE) return false;
    if (crypto_secretstream_xchacha20poly1305_pull(&r->s, r->plain, &n, &tag, r->sealed, got,
                r->object.b, r->first ? sizeof r->object.b : 0) != 0)
        return false;
    r->first = false;
    r->last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    r->n = n;
    r->at = 0;
    return r->last || n == PIECE;
}

ssize_t vault_read(vault_reader *r, char *to, size_t max)
{
    while (!r->bad && r->at == r->n && !r->last)
        r->bad = !piece(r);
    if (r->bad) return -1;
    size_t n = r->n - r->at < max ? r->n - r->at : max;
    memcpy(to, r->plain + r->at, n);
    r->at += n;
    return (ssize_t)n;
}

void vault_close(vault_reader *r)
{
    if (!r) return;
    if (r->r) r->p.close(r->r);
    sodium_memzero(r, sizeof *r);
    free(r);
}
