/* sign.c - see sign.h: a key file. */
#include "ledger/sign.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct signer {
    uint8_t secret[crypto_sign_SECRETKEYBYTES]; /* seed and public half */
};

static err read_seed(const char *path, int fd, uint8_t seed[crypto_sign_SEEDBYTES])
{
    struct stat st;
    char more;
    bool good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) == 0 &&
                read(fd, seed, crypto_sign_SEEDBYTES) == crypto_sign_SEEDBYTES &&
                read(fd, &more, 1) == 0;
    return good ? OK : ERR1(E_CONFIG, "error.ledger.key", str_of(path));
}

static err make_seed(const char *path, uint8_t seed[crypto_sign_SEEDBYTES])
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return err_errno("error.ledger.key_write", str_of(path));
    randombytes_buf(seed, crypto_sign_SEEDBYTES);
    bool good = write(fd, seed, crypto_sign_SEEDBYTES) == crypto_sign_SEEDBYTES && fsync(fd) == 0;
    close(fd);
    return good ? OK : err_errno("error.ledger.key_write", str_of(path));
}

static err load_seed(const char *path, bool make, uint8_t seed[crypto_sign_SEEDBYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return make ? make_seed(path, seed) : ERR1(E_ABSENT, "error.ledger.key", str_of(path));
    if (fd < 0) return err_errno("error.ledger.key", str_of(path));
    err e = read_seed(path, fd, seed);
    close(fd);
    return e;
}

err signer_open(const char *path, bool make, signer **ret)
{
    uint8_t seed[crypto_sign_SEEDBYTES], public[crypto_sign_PUBLICKEYBYTES];
    TRY(load_seed(path, make, seed));
    signer *s = calloc(1, sizeof *s);
    ASSERT(s);
    crypto_sign_seed_keypair(public, s->secret, seed);
    sodium_memzero(seed, sizeof seed);
    *ret = s;
    return OK;
}

void signer_close(signer *s)
{
    if (s) sodium_memzero(s, sizeof *s);
    free(s);
}

const uint8_t *signer_public(const signer *s)
{
    return s->secret + crypto_sign_SEEDBYTES;
}

err signer_sign(const signer *s, str bytes, uint8_t ret[SIGN_BYTES])
{
    crypto_sign_detached(ret, NULL, (const uint8_t *)bytes.p, bytes.n, s->secret);
    return OK;
}
