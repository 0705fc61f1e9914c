/* keyring.c - the secrets of one data folder. Owns the key material (guarded memory: not swapped,
 * not in a core, read-only once it is there) and the key files. */
#include "proc/keyring.h"
#include "proc/dkim_key.h"
#include "proc/letter_key.h"
#include "proc/master_sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
};
static_assert(KEY_WRAPPED_BYTES == NONCE + KEY_BYTES + TAG, "a nonce, the key, a tag");
static_assert(SIGNATURE_BYTES == crypto_sign_BYTES && KEY_BYTES == crypto_sign_SEEDBYTES, "sizes");

#define WRAP_ID 1
#define WRAP_CONTEXT "wrapkeys"
#define ID_ID 5
#define ID_CONTEXT "masterid"

/* A statement must begin with `begins`, and end with a line's end: nothing that is no such
 * statement is ever signed. */
static const struct {
    const char *name, *file, *begins;
} purposes[SIGN_PURPOSES] = {
    [SIGN_LEDGER_CHECKPOINT] = { "ledger-checkpoint", "ledger.key", "" },
    [SIGN_LEDGER_WITNESS] = { "ledger-witness", "witness.key", "cosignature/v1\ntime " },
};

typedef struct {
    master_keys master;
    uint8_t wrapping[1 + MASTER_OLD_MAX][KEY_BYTES]; /* [0]: the master key's, then the old ones' */
    uint8_t sign[SIGN_PURPOSES][crypto_sign_SECRETKEYBYTES];
} secrets;

struct keyring {
    secrets *s;
    bool signs;
    bool sealed; /* the file is, by lock's key */
    token_lock lock;
    const token_setup *token; /* NULL: none */
    letter_key *letter;       /* NULL: none */
    dkim_key *dkim;           /* NULL: mail is not signed */
};

const char *sign_purpose_name(sign_purpose p)
{
    ASSERT(p < SIGN_PURPOSES);
    return purposes[p].name;
}

/* ---- files ---- */

static err make_key(const char *path, uint8_t *key)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return err_errno("error.access.master_key", str_of(path));
    randombytes_buf(key, KEY_BYTES);
    bool good = write(fd, key, KEY_BYTES) == KEY_BYTES && fsync(fd) == 0;
    err e = good ? OK : err_errno("error.access.master_key", str_of(path));
    close(fd);
    if (!good) unlink(path);
    return e;
}

static err read_key(int fd, const char *path, uint8_t *key)
{
    struct stat st;
    if (fstat(fd, &st)) return err_errno("error.access.master_key", str_of(path));
    if (!S_ISREG(st.st_mode) || st.st_size != KEY_BYTES || (st.st_mode & 077) ||
            read(fd, key, KEY_BYTES) != KEY_BYTES)
        return ERR1(E_CONFIG, "error.access.master_key_form", str_of(path));
    return OK;
}

static err load_key(const char *path, uint8_t *key)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) return make_key(path, key);
    if (fd < 0) return err_errno("error.access.master_key", str_of(path));
    err e = read_key(fd, path, key);
    close(fd);
    return e;
}

static err load_master(keyring *k, const char *path)
{
    err e = master_open(path, k->token, &k->s->master, &k->lock);
    k->sealed = !failed(e) && k->lock.n_wrapped > 0;
    if (err_code_of(e) == E_ABSENT) return make_key(path, k->s->master.key);
    return e;
}

static err load_signing(secrets *s, const char *folder)
{
    char path[4096];
    uint8_t seed[KEY_BYTES], public[crypto_sign_PUBLICKEYBYTES];
    for (size_t i = 0; i < SIGN_PURPOSES; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, purposes[i].file);
        TRY(load_key(path, seed));
        crypto_sign_seed_keypair(public, s->sign[i], seed);
    }
    sodium_memzero(seed, sizeof seed);
    return OK;
}

static void derive_wrapping(secrets *s)
{
    const master_keys *m = &s->master;
    for (size_t i = 0; i <= m->n_old; i++)
        crypto_kdf_derive_from_key(
                s->wrapping[i], KEY_BYTES, WRAP_ID, WRAP_CONTEXT, i ? m->old[i - 1] : m->key);
}

err keyring_open(const char *master_path, const char *folder, keyring **ret)
{
    return keyring_open_by(master_path, folder, NULL, ret);
}

err keyring_open_by(
        const char *master_path, const char *folder, const token_setup *token, keyring **ret)
{
    ASSERT(sodium_init() >= 0);
    keyring *k = calloc(1, sizeof *k);
    ASSERT(k);
    k->s = sodium_malloc(sizeof *k->s);
    ASSERT(k->s);
    k->signs = folder != NULL;
    k->token = token;
    sodium_memzero(k->s, sizeof *k->s);
    err e = load_master(k, master_path);
    if (!failed(e) && folder) e = load_signing(k->s, folder);
    if (!failed(e) && folder) e = letter_key_open(folder, &k->letter);
    if (failed(e)) {
        keyring_close(k);
        return e;
    }
    derive_wrapping(k->s);
    sodium_mprotect_readonly(k->s);
    *ret = k;
    return OK;
}

void keyring_close(keyring *k)
{
    if (!k) return;
    letter_key_close(k->letter);
    dkim_key_close(k->dkim);
    sodium_free(k->s);
    free(k);
}

/* ---- people's keys ---- */

void keyring_wrap(
        const keyring *k, str label, const uint8_t key[KEY_BYTES], uint8_t ret[KEY_WRAPPED_BYTES])
{
    ASSERT(label.n && label.n <= KEY_LABEL_MAX);
    randombytes_buf(ret, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(ret + NONCE, NULL, key, KEY_BYTES,
            (const uint8_t *)label.p, label.n, NULL, ret, k->s->wrapping[0]);
}

static bool unwrap(const uint8_t *wrapping, str label, str wrapped, uint8_t *ret)
{
    const uint8_t *p = (const uint8_t *)wrapped.p;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(ret, NULL, NULL, p + NONCE, wrapped.n - NONCE,
                   (const uint8_t *)label.p, label.n, p, wrapping) == 0;
}

/* Which of the wrapping keys opens it; -1: none. */
static int unwrap_any(const keyring *k, str label, str wrapped, uint8_t *ret)
{
    if (wrapped.n != KEY_WRAPPED_BYTES) return -1;
    for (size_t i = 0; i <= k->s->master.n_old; i++)
        if (unwrap(k->s->wrapping[i], label, wrapped, ret)) return (int)i;
    return -1;
}

bool keyring_unwrap(const keyring *k, str label, str wrapped, uint8_t ret[KEY_BYTES])
{
    return unwrap_any(k, label, wrapped, ret) >= 0;
}

keyring_wrapped keyring_rewrap(
        const keyring *k, str label, str wrapped, uint8_t ret[KEY_WRAPPED_BYTES])
{
    uint8_t key[KEY_BYTES];
    int by = unwrap_any(k, label, wrapped, key);
    if (by > 0) keyring_wrap(k, label, key, ret);
    sodium_memzero(key, sizeof key);
    return by < 0 ? WRAPPED_ELSEWHERE : by ? WRAPPED_BEFORE : WRAPPED_NOW;
}

void keyring_derive(const keyring *k, derive_purpose p, uint8_t ret[KEY_BYTES])
{
    master_derive(&k->s->master, p, ret);
}

/* ---- a new master key ---- */

id128 keyring_id(const keyring *k)
{
    id128 id;
    crypto_kdf_derive_from_key((uint8_t *)&id, sizeof id, ID_ID, ID_CONTEXT, k->s->master.key);
    return id;
}

size_t keyring_old(const keyring *k)
{
    return k->s->master.n_old;
}

static void now_is(keyring *k, const master_keys *m)
{
    sodium_mprotect_readwrite(k->s);
    k->s->master = *m;
    derive_wrapping(k->s);
    sodium_mprotect_readonly(k->s);
}

static err write_master(keyring *k, const char *folder, const master_keys *m)
{
    if (!k->sealed) return master_write(folder, MASTER_FILE, m);
    TRY(sealed_make(folder, k->token, &k->lock, m));
    return sealed_take(folder);
}

/* The file first: what is in memory is never newer than what a crash leaves. */
static err change_master(keyring *k, const char *folder, void (*change)(master_keys *m))
{
    master_keys m = k->s->master;
    change(&m);
    err e = write_master(k, folder, &m);
    if (!failed(e)) now_is(k, &m);
    sodium_memzero(&m, sizeof m);
    return e;
}

err keyring_renew(keyring *k, const char *folder)
{
    ASSERT(!keyring_old(k));
    return change_master(k, folder, master_renew);
}

err keyring_forget_old(keyring *k, const char *folder)
{
    return change_master(k, folder, master_forget_old);
}

/* ---- a token that seals it ---- */

bool keyring_sealed(const keyring *k)
{
    return k->sealed;
}

bool keyring_backup(const keyring *k, uint8_t ret[KEY_BYTES])
{
    if (k->sealed) memcpy(ret, k->s->master.backup, KEY_BYTES);
    return k->sealed;
}

err keyring_seal(keyring *k, const char *folder, const uint8_t backup[KEY_BYTES])
{
    ASSERT(!k->sealed && k->token);
    master_keys m = k->s->master;
    memcpy(m.backup, backup, KEY_BYTES);
    m.has_backup = true;
    err e = sealed_make(folder, k->token, NULL, &m);
    if (!failed(e)) now_is(k, &m);
    sodium_memzero(&m, sizeof m);
    return e;
}

err keyring_seal_take(keyring *k, const char *folder)
{
    ASSERT(!k->sealed && k->s->master.has_backup);
    TRY(sealed_take(folder));
    k->sealed = true;
    return OK;
}

err keyring_unseal(keyring *k, const char *folder)
{
    ASSERT(k->sealed);
    TRY(master_write(folder, MASTER_FILE, &k->s->master));
    k->sealed = false;
    return OK;
}

/* ---- statements ---- */

static bool statement_fits(sign_purpose p, str bytes)
{
    str begins = str_of(purposes[p].begins);
    if (!bytes.n || bytes.n > SIGN_BYTES_MAX || bytes.p[bytes.n - 1] != '\n') return false;
    return str_starts(bytes, begins) && str_is_utf8(bytes);
}

bool keyring_sign(const keyring *k, sign_purpose p, str bytes, uint8_t ret[SIGNATURE_BYTES])
{
    ASSERT(p < SIGN_PURPOSES && k->signs);
    if (!statement_fits(p, bytes)) return false;
    crypto_sign_detached(ret, NULL, (const uint8_t *)bytes.p, bytes.n, k->s->sign[p]);
    return true;
}

void keyring_public(const keyring *k, sign_purpose p, uint8_t ret[KEY_BYTES])
{
    ASSERT(p < SIGN_PURPOSES && k->signs);
    crypto_sign_ed25519_sk_to_pk(ret, k->s->sign[p]);
}

const letter_key *keyring_letter(const keyring *k)
{
    ASSERT(k->signs);
    return k->letter;
}

err keyring_load_dkim(keyring *k, const char *folder, str selector)
{
    ASSERT(k->signs && !k->dkim);
    TRY(dkim_key_make(folder, selector));
    return dkim_key_open(folder, selector, &k->dkim);
}

const dkim_key *keyring_dkim(const keyring *k)
{
    return k->dkim;
}
