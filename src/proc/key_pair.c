/* key_pair.c - see key_pair.h. */
#include "proc/key_pair.h"
#include "net/x509_text.h"
#include "proc/key_file.h"

#include <openssl/pem.h>
#include <stdio.h>

void key_pair_clear(key_pair *p)
{
    EVP_PKEY_free(p->key);
    X509_free(p->certificate);
    sk_X509_pop_free(p->others, X509_free);
    *p = (key_pair){ 0 };
}

int key_no_passphrase(char *to, int size, int writing, void *ctx)
{
    (void)to, (void)size, (void)writing, (void)ctx;
    return -1;
}

static bool read_pem(key_pair *p, BIO *key, BIO *certificates)
{
    p->others = sk_X509_new_null();
    p->key = PEM_read_bio_PrivateKey(key, NULL, key_no_passphrase, NULL);
    p->certificate = PEM_read_bio_X509(certificates, NULL, key_no_passphrase, NULL);
    for (X509 *x; (x = PEM_read_bio_X509(certificates, NULL, key_no_passphrase, NULL)) != NULL;)
        sk_X509_push(p->others, x);
    return p->key && sk_X509_num(p->others) < KEY_PAIR_OTHERS &&
           (!p->certificate || X509_check_private_key(p->certificate, p->key) == 1);
}

bool key_pair_read(const char *key_file, const char *certificate_file, key_pair *ret)
{
    key_pair p = { 0 };
    BIO *key = BIO_new_file(key_file, "re"), *certificates = BIO_new_file(certificate_file, "re");
    bool good = key && certificates && read_pem(&p, key, certificates);
    BIO_free(key);
    BIO_free(certificates);
    if (good)
        *ret = p;
    else
        key_pair_clear(&p);
    return good;
}

static err write_file(const char *folder, const char *name, BIO *bytes)
{
    char *p;
    long n = BIO_get_mem_data(bytes, &p);
    return key_file_write(folder, name, (str){ p, n > 0 ? (size_t)n : 0 });
}

err key_pair_keep(const char *folder, const char *name, const key_pair *p)
{
    BIO *b = BIO_new(BIO_s_secmem());
    ASSERT(b && PEM_write_bio_PKCS8PrivateKey(b, p->key, NULL, NULL, 0, NULL, NULL) == 1);
    if (p->certificate) ASSERT(PEM_write_bio_X509(b, p->certificate) == 1);
    for (int i = 0; i < sk_X509_num(p->others); i++)
        ASSERT(PEM_write_bio_X509(b, sk_X509_value(p->others, i)) == 1);
    err e = write_file(folder, name, b);
    BIO_free(b);
    return e;
}

err key_pair_keep_certificate(const char *folder, const char *name, const key_pair *p)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    BIO *b = BIO_new(BIO_s_mem());
    ASSERT(b && PEM_write_bio_X509(b, p->certificate) == 1);
    str serial = x509_serial(a, p->certificate);
    err e = write_file(folder, str_z(a, str_fmt(a, "%s-%.*s.crt", name, STR_ARG(serial))), b);
    BIO_free(b);
    return e;
}
