/* x509_text.h - what people read of an X.509 certificate (RFC 5280): names, times, numbers; and the
 * certificates of a text. What is read may be hostile: each says when it cannot. Owns nothing; any
 * thread. */
#pragma once
#include "base/base.h"
#include <openssl/x509.h>

enum { X509_TEXT_MAX = 1000, X509_CERTIFICATES_MAX = 256 };

/* "CN = ..., O = ..." in UTF-8, what is no character escaped; at most X509_TEXT_MAX bytes. */
MUST_USE bool x509_name_text(arena *a, const X509_NAME *n, str *ret);
MUST_USE bool x509_time(const ASN1_TIME *t, instant *ret);
str x509_serial(arena *a, const X509 *x); /* hex, capitals */
typedef enum { HEX_SMALL, HEX_CAPITALS } hex_letters;
str x509_sha256(arena *a, const X509 *x, hex_letters h);

typedef struct {
    STACK_OF(X509) * all; /* yours: x509_found_free */
    bool secret;          /* a private key stands beside them, which is not read */
} x509_found;
/* Those of a text: PEM, or DER (in bytes, or as base64), each alone or in a bundle of CMS (.p7b).
 * What is none is left out; more than X509_CERTIFICATES_MAX: none. */
x509_found x509_find(str text);
void x509_found_free(x509_found *f);
