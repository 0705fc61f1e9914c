/* oidc_token.c - see oidc_token.h. The signature is cjose's to check; which algorithm and which key
 * may be used is decided here before it sees either. */
#include "access/auth/oidc_token.h"
#include "access/auth/jws.h"
#include <sodium.h>

enum { SKEW_S = 60, OLD_S = 600, SUBJECT_BYTES_MAX = 255 };

/* No "none", and nothing that a public key could be a password for (HS*). */
static const struct {
    const char *alg, *type, *curve;
} allowed[] = { { "RS256", "RSA", "" }, { "PS256", "RSA", "" }, { "ES256", "EC", "P-256" } };

static const json_limits limits = { .max_bytes = ID_TOKEN_BYTES_MAX, .max_depth = 16 };

static err wrong(const char *what)
{
    return ERR1(E_AUTH, "error.access.oidc_token", str_of(what));
}

static err decode(arena *a, str part, str *ret)
{
    size_t n;
    char *out = arena_alloc(a, part.n + 1);
    if (sodium_base642bin((uint8_t *)out, part.n + 1, part.p, part.n, NULL, &n, NULL,
                sodium_base64_VARIANT_URLSAFE_NO_PADDING))
        return wrong("base64");
    *ret = (str){ out, n };
    return OK;
}

/* ---- the key ---- */

static int allowed_at(str alg)
{
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        if (str_eq(alg, str_of(allowed[i].alg))) return (int)i;
    return -1;
}

/* May this key of the set have signed that header? */
static bool key_suits(const json *key, int at, str kid)
{
    str use = json_get_text(key, S("use")), alg = json_get_text(key, S("alg"));
    if (!str_eq(json_get_text(key, S("kty")), str_of(allowed[at].type))) return false;
    if (!str_eq(json_get_text(key, S("crv")), str_of(allowed[at].curve))) return false;
    if (use.n && !str_eq(use, S("sig"))) return false;
    if (alg.n && !str_eq(alg, str_of(allowed[at].alg))) return false;
    return !kid.n || str_eq(json_get_text(key, S("kid")), kid);
}

/* The one key that suits; without a name in the header there may be no second. NULL: none. */
static const json *key_find(const json *keys, int at, str kid)
{
    const json *found = NULL, *all = json_get(keys, S("keys"));
    for (const json *k = all ? all->first : NULL; k; k = k->next) {
        if (!key_suits(k, at, kid)) continue;
        if (found) return NULL;
        found = k;
    }
    return found;
}

/* *ret_key NULL: not in the set. */
static err header_read(arena *a, str part, const json *keys, const json **ret_key)
{
    str text;
    const json *h;
    TRY(decode(a, part, &text));
    if (failed(json_parse(a, text, &limits, &h))) return wrong("header");
    int at = allowed_at(json_get_text(h, S("alg")));
    if (at < 0) return wrong("alg");
    if (json_get(h, S("crit"))) return wrong("crit");
    *ret_key = key_find(keys, at, json_get_text(h, S("kid")));
    return OK;
}

/* The public members of a key alone, each in base64url: cjose ends the process where one is not. */
static err key_write(arena *a, const json *key, str *ret)
{
    bool rsa = str_eq(json_get_text(key, S("kty")), S("RSA"));
    str one = json_get_text(key, rsa ? S("n") : S("x")), out;
    str two = json_get_text(key, rsa ? S("e") : S("y"));
    if (!one.n || !two.n || failed(decode(a, one, &out)) || failed(decode(a, two, &out)))
        return wrong("key");
    str start = rsa ? S("\"RSA\",\"n\"") : S("\"EC\",\"crv\":\"P-256\",\"x\"");
    *ret = str_fmt(a, "{\"kty\":%.*s:\"%.*s\",\"%s\":\"%.*s\"}", STR_ARG(start), STR_ARG(one),
            rsa ? "e" : "y", STR_ARG(two));
    return OK;
}

static err signature_check(arena *a, str token, const json *key, str *ret_payload)
{
    static const char *const words[] = { "", "key", "form", "signature" };
    str rest = token, part, out, written;
    while (str_split(&rest, '.', &part))
        TRY(decode(a, part, &out));
    TRY(key_write(a, key, &written));
    jws_verdict v = jws_open(a, token, written, ret_payload);
    ASSERT(v < ARRAY_LEN(words));
    return v == JWS_GOOD ? OK : wrong(words[v]);
}

/* ---- the claims ---- */

static err audience_check(const json *c, str client_id)
{
    const json *aud = json_get(c, S("aud")), *azp = json_get(c, S("azp"));
    bool many = aud && aud->type == JSON_ARRAY, ours = str_eq(json_text(aud), client_id);
    for (const json *one = many ? aud->first : NULL; one; one = one->next)
        ours = ours || str_eq(json_text(one), client_id);
    if (!ours) return wrong("aud");
    if (many && aud->count > 1 && !azp) return wrong("azp");
    return !azp || str_eq(json_text(azp), client_id) ? OK : wrong("azp");
}

static err times_check(const json *c, instant now, instant *ret_auth)
{
    int64_t exp, iat, nbf, auth = 0, s = now.us / US_PER_S;
    const json *auth_time = json_get(c, S("auth_time")), *from = json_get(c, S("nbf"));
    if (!json_i64(json_get(c, S("exp")), &exp) || exp <= s - SKEW_S) return wrong("exp");
    if (!json_i64(json_get(c, S("iat")), &iat) || iat > s + SKEW_S || iat < s - OLD_S)
        return wrong("iat");
    if (from && (!json_i64(from, &nbf) || nbf > s + SKEW_S)) return wrong("nbf");
    if (auth_time && (!json_i64(auth_time, &auth) || auth < 0 || auth > s + SKEW_S))
        return wrong("auth_time");
    *ret_auth = (instant){ auth * US_PER_S };
    return OK;
}

static err claims_check(const json *c, const id_token_want *w, id_token_claims *ret)
{
    id_token_claims r = { .subject = json_get_text(c, S("sub")) };
    if (!str_eq(json_get_text(c, S("iss")), w->issuer)) return wrong("iss");
    if (!r.subject.n || r.subject.n > SUBJECT_BYTES_MAX) return wrong("sub");
    TRY(audience_check(c, w->client_id));
    TRY(times_check(c, w->now, &r.auth_time));
    if (!w->nonce.n || !str_eq(json_get_text(c, S("nonce")), w->nonce)) return wrong("nonce");
    *ret = r;
    return OK;
}

err id_token_verify(arena *a, str token, const json *keys, const id_token_want *want,
        id_token_claims *ret, bool *ret_unknown)
{
    str rest = token, head, payload;
    const json *key = NULL, *claims;
    *ret_unknown = false;
    if (!token.n || token.n > ID_TOKEN_BYTES_MAX) return wrong("size");
    if (!str_split(&rest, '.', &head)) return wrong("form");
    TRY(header_read(a, head, keys, &key));
    *ret_unknown = key == NULL;
    if (!key) return wrong("kid");
    TRY(signature_check(a, token, key, &payload));
    if (failed(json_parse(a, payload, &limits, &claims)) || claims->type != JSON_OBJECT)
        return wrong("payload");
    return claims_check(claims, want, ret);
}
