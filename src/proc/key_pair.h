/* key_pair.h - a private key with its certificate and those above it, as a file of the keys' folder
 * has them. Included by proc's key files; their callers have the folder to themselves. */
#pragma once
#include "base/base.h"
#include <openssl/x509.h>

enum { KEY_PAIR_OTHERS = 8 };

typedef struct {
    EVP_PKEY *key;
    X509 *certificate;       /* NULL: the key waits for one */
    STACK_OF(X509) * others; /* up to a root; never NULL in one that was read */
} key_pair;
void key_pair_clear(key_pair *p); /* frees what it has */
/* For OpenSSL: no passphrase is asked for, there is nobody to answer. */
int key_no_passphrase(char *to, int size, int writing, void *ctx);
/* A key, its certificate and others, of two PEM files or twice the same. False: it is no key, or
 * what stands after it does not belong to it. */
MUST_USE bool key_pair_read(const char *key_file, const char *certificate_file, key_pair *ret);
/* Errors: E_IO. */
MUST_USE err key_pair_keep(const char *folder, const char *name, const key_pair *p);
/* The certificate alone, as NAME-SERIAL.crt. */
MUST_USE err key_pair_keep_certificate(const char *folder, const char *name, const key_pair *p);
