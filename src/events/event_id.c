/* event_id.c - the public name of an event: its batch and place, enciphered (one AES-128 block)
 * under a key of this history. So an id needs no column, is found through the order of the file,
 * and tells nothing of how many rows nobody may see. Owns the file `key`; any thread after open.
 */
#include "events/history_in.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

err event_key_load(history *h)
{
    char path[4096];
    int k = snprintf(path, sizeof path, "%s/key", h->dir);
    ASSERT(k > 0 && (size_t)k < sizeof path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        ssize_t n = getrandom(h->key, sizeof h->key, 0);
        ASSERT(n == (ssize_t)sizeof h->key);
        return disk_write_new(h->dir, "key", h->key, sizeof h->key);
    }
    if (fd < 0) return err_errno("error.history.disk", str_of(path));
    ssize_t n = read(fd, h->key, sizeof h->key);
    close(fd);
    if (n != (ssize_t)sizeof h->key) return ERR1(E_IO, "error.history.key", str_of(path));
    return OK;
}

static void cipher(const history *h, int encrypt, const uint8_t *in, size_t bytes, uint8_t *out)
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int n = 0;
    ASSERT(c != NULL && bytes <= INT32_MAX);
    ASSERT(EVP_CipherInit_ex(c, EVP_aes_128_ecb(), NULL, h->key, NULL, encrypt) == 1);
    ASSERT(EVP_CIPHER_CTX_set_padding(c, 0) == 1);
    ASSERT(EVP_CipherUpdate(c, out, &n, in, (int)bytes) == 1 && (size_t)n == bytes);
    EVP_CIPHER_CTX_free(c);
}

static void put64(uint8_t *p, uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8)
        p[i] = (uint8_t)v;
}

static uint64_t get64(const uint8_t *p)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | p[i];
    return v;
}

void event_ids(const history *h, const event_key *keys, size_t n, id128 *ret)
{
    if (n == 0) return;
    for (size_t i = 0; i < n; i++) {
        put64(ret[i].b, (uint64_t)keys[i].batch);
        put64(ret[i].b + 8, (uint64_t)keys[i].row_no);
    }
    cipher(h, 1, ret[0].b, n * sizeof *ret, ret[0].b);
}

event_key event_key_of(const history *h, id128 id)
{
    uint8_t plain[16];
    cipher(h, 0, id.b, sizeof id.b, plain);
    return (event_key){ (int64_t)get64(plain), (int64_t)get64(plain + 8) };
}

id128 history_id(const history *h, int64_t batch, int64_t row_no)
{
    id128 id;
    ASSERT(h != NULL && batch > 0 && row_no > 0);
    event_ids(h, &(event_key){ batch, row_no }, 1, &id);
    return id;
}
