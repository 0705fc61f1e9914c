/* dkim_key.c - see dkim_key.h. OpenSSL makes and reads the keys. Owns an open key's memory. */
#include "proc/dkim_key.h"
#include "proc/key_file.h"
#include "proc/key_pair.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NAME_ROOM = 80, RSA_BITS = 2048 };

struct dkim_key {
    char selector[DKIM_SELECTOR_MAX + 1];
    EVP_PKEY *of[DKIM_ALGORITHMS];
};

static void name_of(char to[NAME_ROOM], str selector)
{
    snprintf(to, NAME_ROOM, "dkim-%.*s.pem", STR_ARG(selector));
}

/* ---- making ---- */

static err keep(const char *folder, const char *name, EVP_PKEY *const of[DKIM_ALGORITHMS])
{
    BIO *b = BIO_new(BIO_s_secmem());
    char *p;
    ASSERT(b);
    for (int i = 0; i < DKIM_ALGORITHMS; i++)
        ASSERT(of[i] && PEM_write_bio_PKCS8PrivateKey(b, of[i], NULL, NULL, 0, NULL, NULL) == 1);
    long n = BIO_get_mem_data(b, &p);
    err e = key_file_write(folder, name, (str){ p, (size_t)n });
    BIO_free(b);
    return e;
}

bool dkim_key_there(const char *folder, str selector)
{
    char path[KEY_PATH_ROOM], name[NAME_ROOM];
    ASSERT(dkim_selector_is_sane(selector));
    name_of(name, selector);
    key_file_path(path, folder, name);
    return access(path, F_OK) == 0;
}

err dkim_key_make(const char *folder, str selector)
{
    char name[NAME_ROOM];
    if (dkim_key_there(folder, selector)) return OK;
    name_of(name, selector);
    EVP_PKEY *of[DKIM_ALGORITHMS] = { [DKIM_RSA] = EVP_RSA_gen(RSA_BITS),
        [DKIM_ED25519] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") };
    err e = keep(folder, name, of);
    for (int i = 0; i < DKIM_ALGORITHMS; i++)
        EVP_PKEY_free(of[i]);
    return e;
}

/* ---- reading ---- */

void dkim_key_close(dkim_key *k)
{
    if (!k) return;
    for (int i = 0; i < DKIM_ALGORITHMS; i++)
        EVP_PKEY_free(k->of[i]);
    free(k);
}

static bool read_pem(dkim_key *k, const char *path)
{
    BIO *b = BIO_new_file(path, "re");
    for (int i = 0; b && i < DKIM_ALGORITHMS; i++)
        k->of[i] = PEM_read_bio_PrivateKey(b, NULL, key_no_passphrase, NULL);
    BIO_free(b);
    return k->of[DKIM_RSA] && EVP_PKEY_is_a(k->of[DKIM_RSA], "RSA") &&
           EVP_PKEY_get_bits(k->of[DKIM_RSA]) >= RSA_BITS &&
           EVP_PKEY_get_size(k->of[DKIM_RSA]) <= DKIM_SIGNATURE_MAX && k->of[DKIM_ED25519] &&
           EVP_PKEY_is_a(k->of[DKIM_ED25519], "ED25519");
}

err dkim_key_open(const char *folder, str selector, dkim_key **ret)
{
    char path[KEY_PATH_ROOM], name[NAME_ROOM];
    if (!dkim_selector_is_sane(selector)) return ERR1(E_ABSENT, "error.dkim.none", selector);
    name_of(name, selector);
    key_file_path(path, folder, name);
    err e = key_file_look(path);
    if (err_code_of(e) == E_ABSENT) return ERR1(E_ABSENT, "error.dkim.none", selector);
    if (err_code_of(e) == E_CONFIG) return ERR1(E_CONFIG, "error.dkim.form", str_of(path));
    TRY(e);
    dkim_key *k = calloc(1, sizeof *k);
    ASSERT(k);
    memcpy(k->selector, selector.p, selector.n);
    if (read_pem(k, path)) {
        *ret = k;
        return OK;
    }
    dkim_key_close(k);
    return ERR1(E_CONFIG, "error.dkim.form", str_of(path));
}

str dkim_key_public(const dkim_key *k, dkim_algorithm g, arena *a)
{
    uint8_t raw[32], *der = NULL;
    size_t n = sizeof raw;
    if (g == DKIM_ED25519) {
        ASSERT(EVP_PKEY_get_raw_public_key(k->of[g], raw, &n) == 1 && n == sizeof raw);
        return str_copy(a, (str){ (const char *)raw, n });
    }
    int size = i2d_PUBKEY(k->of[g], &der);
    ASSERT(size > 0);
    str s = str_copy(a, (str){ (const char *)der, (size_t)size });
    OPENSSL_free(der);
    return s;
}

/* ---- signing ---- */

bool dkim_key_sign(const dkim_key *k, dkim_algorithm g, str statement,
        uint8_t ret[DKIM_SIGNATURE_MAX], size_t *ret_n)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    const uint8_t *p = (const uint8_t *)statement.p;
    size_t n = DKIM_SIGNATURE_MAX;
    if (!dkim_statement_is_sane(statement, g, str_of(k->selector))) return false;
    EVP_MD_CTX *m = EVP_MD_CTX_new();
    ASSERT(m);
    if (g == DKIM_RSA) {
        ASSERT(EVP_DigestSignInit(m, NULL, EVP_sha256(), NULL, k->of[g]) == 1 &&
                EVP_DigestSign(m, ret, &n, p, statement.n) == 1);
    } else { /* RFC 8463, section 3: Ed25519 over the SHA-256 */
        crypto_hash_sha256(hash, p, statement.n);
        ASSERT(EVP_DigestSignInit(m, NULL, NULL, NULL, k->of[g]) == 1 &&
                EVP_DigestSign(m, ret, &n, hash, sizeof hash) == 1);
    }
    EVP_MD_CTX_free(m);
    *ret_n = n;
    return true;
}

/* ---- for commands ---- */

static int by_name(const void *x, const void *y)
{
    return str_cmp(*(const str *)x, *(const str *)y);
}

err dkim_key_list(const char *folder, arena *a, str ret[DKIM_KEYS_MAX], size_t *ret_n)
{
    size_t n = 0;
    DIR *d = opendir(folder);
    if (!d && errno != ENOENT) return err_errno("error.realm.folder", str_of(folder));
    for (struct dirent *x; d && (x = readdir(d)) && n < DKIM_KEYS_MAX;) {
        str name = str_of(x->d_name);
        if (!str_starts(name, S("dkim-")) || !str_ends(name, S(".pem")) || name.n < 10) continue;
        str selector = str_sub(name, 5, name.n - 9);
        if (dkim_selector_is_sane(selector)) ret[n++] = str_copy(a, selector);
    }
    if (d) closedir(d);
    qsort(ret, n, sizeof *ret, by_name);
    *ret_n = n;
    return OK;
}

err dkim_key_drop(const char *folder, str selector)
{
    char path[KEY_PATH_ROOM], name[NAME_ROOM];
    if (!dkim_selector_is_sane(selector)) return ERR1(E_ABSENT, "error.dkim.none", selector);
    name_of(name, selector);
    key_file_path(path, folder, name);
    if (unlink(path) == 0) return OK;
    return errno == ENOENT ? ERR1(E_ABSENT, "error.dkim.none", selector)
                           : err_errno("error.access.master_key", str_of(path));
}
