/* jws.c - see jws.h. */
#include "access/auth/jws.h"
#include <cjose/cjose.h>

static jws_verdict payload_of(arena *a, cjose_jws_t *jws, str *ret)
{
    cjose_err e;
    uint8_t *plain = NULL;
    size_t n = 0;
    if (!cjose_jws_get_plaintext(jws, &plain, &n, &e)) return JWS_FORM;
    *ret = str_copy(a, (str){ (const char *)plain, n });
    return JWS_GOOD;
}

static jws_verdict open_with(arena *a, str token, cjose_jwk_t *jwk, str *ret)
{
    cjose_err e;
    bool rsa = cjose_jwk_get_kty(jwk, &e) == CJOSE_JWK_KTY_RSA;
    if (rsa && cjose_jwk_get_keysize(jwk, &e) < JWS_RSA_BITS_MIN) return JWS_KEY;
    cjose_jws_t *jws = cjose_jws_import(token.p, token.n, &e);
    if (!jws) return JWS_FORM;
    jws_verdict v = cjose_jws_verify(jws, jwk, &e) ? payload_of(a, jws, ret) : JWS_SIGNATURE;
    cjose_jws_release(jws);
    return v;
}

jws_verdict jws_open(arena *a, str token, str key, str *ret)
{
    cjose_err e;
    cjose_jwk_t *jwk = cjose_jwk_import(key.p, key.n, &e);
    if (!jwk) return JWS_KEY;
    jws_verdict v = open_with(a, token, jwk, ret);
    cjose_jwk_release(jwk);
    return v;
}
