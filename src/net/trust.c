/* trust.c - the certificates that peers must descend from. Owns one X509 store, which all TLS
 * contexts of the process share; read once at start, constant after. The courier's thread only. */
#include "net/transfer.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

struct trust {
    X509_STORE *store;
};

static err add_file(X509_STORE *store, const char *file)
{
    if (X509_STORE_load_file(store, file) == 1) return OK;
    const char *why = ERR_reason_error_string(ERR_get_error());
    ERR_clear_error();
    return ERR2(E_CONFIG, "error.courier.trust", str_of(file), str_of(why));
}

err trust_load(const char *file, const char *extra, trust **ret)
{
    ASSERT(file && ret);
    trust *t = calloc(1, sizeof *t);
    ASSERT(t);
    t->store = X509_STORE_new();
    ASSERT(t->store);
    /* A path ends at any certificate that the administrator listed, as curl itself has it. */
    X509_STORE_set_flags(t->store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
    err e = add_file(t->store, file);
    if (!failed(e) && extra) e = add_file(t->store, extra);
    if (failed(e))
        trust_free(t);
    else
        *ret = t;
    return e;
}

void trust_free(trust *t)
{
    if (!t) return;
    X509_STORE_free(t->store);
    free(t);
}

void trust_install(const trust *t, SSL_CTX *ctx)
{
    ASSERT(t && ctx);
    SSL_CTX_set1_cert_store(ctx, t->store);
}
