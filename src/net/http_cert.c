/* http_cert.c - the certificate that a client proved to hold in the TLS handshake (mutual TLS): its
 * chain is verified against our authority, and it is named by the hashes to which a key may be
 * bound (RFC 8705, section 3.1). Owns the certificate fields of struct http_conn; HTTP threads. */
#include "net/http_in.h"
#include "base/time.h"
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <openssl/sha.h>

/* The chain leads to our authority, is valid now, and is meant for clients. */
static bool chain_good(gnutls_session_t s)
{
    gnutls_typed_vdata_st purpose = { .type = GNUTLS_DT_KEY_PURPOSE_OID,
        .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT };
    unsigned status = 0;
    return gnutls_certificate_verify_peers(s, &purpose, 1, &status) == GNUTLS_E_SUCCESS &&
           status == 0;
}

/* SHA-256 of SubjectPublicKeyInfo: stays when a certificate is given anew for the same key. */
static bool key_hash(gnutls_x509_crt_t crt, uint8_t ret[HTTP_CERT_HASH])
{
    size_t n = HTTP_CERT_HASH;
    return gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, ret, &n) == 0 &&
           n == HTTP_CERT_HASH;
}

static void take_leaf(http_conn *k, const gnutls_datum_t *der)
{
    gnutls_x509_crt_t crt;
    if (gnutls_x509_crt_init(&crt) != 0) return;
    if (gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) == 0 &&
            key_hash(crt, k->cert_key_hash)) {
        time_t until = gnutls_x509_crt_get_expiration_time(crt);
        SHA256(der->data, der->size, k->cert_hash);
        k->cert_until_s = until > 0 ? (int64_t)until : 0;
    }
    gnutls_x509_crt_deinit(crt);
}

/* Once a connection; the first exchange comes after the handshake. */
static void look(http_conn *k)
{
    unsigned n = 0;
    const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(k->c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    k->cert_seen = true;
    gnutls_session_t s = info ? info->tls_session : NULL;
    if (!s || gnutls_certificate_type_get(s) != GNUTLS_CRT_X509) return;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(s, &n);
    if (chain && n > 0 && chain_good(s)) take_leaf(k, &chain[0]);
}

void http_cert_look(http_exchange *x)
{
    http_conn *k = x->conn;
    if (!k->tls || !x->h->client_ca) return;
    if (!k->cert_seen) look(k);
    /* A connection may outlive the certificate that opened it. */
    if (k->cert_until_s * US_PER_S <= clock_now(&clock_system).us) return;
    x->q.cert_hash = (str){ (const char *)k->cert_hash, HTTP_CERT_HASH };
    x->q.cert_key_hash = (str){ (const char *)k->cert_key_hash, HTTP_CERT_HASH };
}
