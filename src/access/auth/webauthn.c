/* webauthn.c - see webauthn.h. Client data is ours to check, what the authenticator signed is
 * libfido2's. Owns nothing. */
#include "access/auth/webauthn.h"

#include <arpa/inet.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <sodium.h>

#include "access/auth/cbor.h"
#include "base/json.h"

enum { HASH = 32, AUTH_DATA_MIN = 37, CHALLENGE_TEXT_MAX = 128, ATTESTED_HEAD = 18 };
enum { PRESENT = 1, VERIFIED = 4, BACKUP_MAY = 8, BACKED_UP = 16, ATTESTED = 64, EXTENDED = 128 };

static const int algorithms[] = { COSE_ES256, COSE_EDDSA, COSE_RS256 };

static err bad(void)
{
    return ERR(E_INVALID, "error.access.passkey_bad");
}

static const uint8_t *bytes(str s)
{
    return (const uint8_t *)s.p;
}

/* ---- the site ---- */

static bool is_number(arena *a, str host)
{
    uint8_t out[16];
    const char *z = str_z(a, host);
    return host.n == 0 || host.p[0] == '[' || inet_pton(AF_INET, z, out) == 1;
}

static str lower(arena *a, str s)
{
    char *p = (char *)(uintptr_t)str_copy(a, s).p;
    for (size_t i = 0; i < s.n; i++)
        if (p[i] >= 'A' && p[i] <= 'Z') p[i] = (char)(p[i] + 32);
    return (str){ p, s.n };
}

static bool is_here(str host)
{
    str end = S(".localhost");
    return str_eq(host, S("localhost")) ||
           (host.n > end.n && str_eq(str_sub(host, host.n - end.n, end.n), end));
}

bool passkey_site_of(arena *a, str public_url, passkey_site *ret)
{
    bool tls = str_starts(public_url, S("https://"));
    if (!tls && !str_starts(public_url, S("http://"))) return false;
    str rest = lower(a, str_sub(public_url, tls ? 8 : 7, public_url.n));
    ptrdiff_t slash = str_find_byte(rest, '/');
    if (slash >= 0) rest = str_sub(rest, 0, (size_t)slash);
    ptrdiff_t colon = str_find_byte(rest, ':');
    str host = colon < 0 ? rest : str_sub(rest, 0, (size_t)colon);
    str port = colon < 0 ? (str){ 0 } : str_sub(rest, (size_t)colon + 1, rest.n);
    if (is_number(a, host) || (!tls && !is_here(host))) return false;
    bool usual = !port.n || str_eq(port, tls ? S("443") : S("80")); /* a browser leaves it out */
    ret->rp_id = host;
    ret->origin = str_fmt(a, "%s://%.*s", tls ? "https" : "http", STR_ARG(usual ? host : rest));
    return true;
}

/* ---- client data ---- */

static err challenge_of(arena *a, const json *v, str *ret)
{
    str text = json_text(v);
    size_t n;
    if (text.n == 0 || text.n > CHALLENGE_TEXT_MAX) return bad();
    uint8_t *out = NEW_ARRAY(a, uint8_t, text.n);
    if (sodium_base642bin(out, text.n, text.p, text.n, NULL, &n, NULL,
                sodium_base64_VARIANT_URLSAFE_NO_PADDING))
        return bad();
    *ret = (str){ (const char *)out, n };
    return OK;
}

err webauthn_client(arena *a, const passkey_site *s, str client_data, str type, str *ret_challenge)
{
    const json_limits limits = { WEBAUTHN_CLIENT_MAX, 8, 200 };
    const json *d;
    bool elsewhere = false;
    if (failed(json_parse(a, client_data, &limits, &d)) || d->type != JSON_OBJECT) return bad();
    if (!str_eq(json_get_text(d, S("type")), type)) return bad();
    if (!str_eq(json_get_text(d, S("origin")), s->origin))
        return ERR1(E_INVALID, "error.access.passkey_origin", s->origin);
    const json *cross = json_get(d, S("crossOrigin"));
    if (cross && (!json_bool(cross, &elsewhere) || elsewhere)) return bad();
    if (json_get(d, S("topOrigin"))) return bad();
    return challenge_of(a, json_get(d, S("challenge")), ret_challenge);
}

/* ---- authenticator data ---- */

/* Section 6.1: what the flags promise is there, and nothing after it. libfido2's reader sets memory
 * aside for as many items as a head claims: it sees only what is whole. */
static bool is_whole(str auth_data)
{
    const uint8_t *p = bytes(auth_data);
    size_t at = AUTH_DATA_MIN;
    cbor_item it;
    if (auth_data.n < AUTH_DATA_MIN || auth_data.n > WEBAUTHN_OBJECT_MAX) return false;
    if (p[HASH] & ATTESTED) {
        if (auth_data.n - at < ATTESTED_HEAD) return false;
        size_t id = (size_t)p[at + 16] << 8 | p[at + 17];
        at += ATTESTED_HEAD;
        if (auth_data.n - at < id) return false;
        at += id;
        if (!cbor_read(str_sub(auth_data, at, auth_data.n), &it)) return false;
        at += it.raw.n;
    }
    if (p[HASH] & EXTENDED) {
        if (!cbor_read(str_sub(auth_data, at, auth_data.n), &it)) return false;
        at += it.raw.n;
    }
    return at == auth_data.n;
}

err webauthn_shown(const passkey_site *s, str auth_data, uint32_t *ret_counter)
{
    uint8_t want[HASH];
    const uint8_t *p = bytes(auth_data);
    if (!is_whole(auth_data)) return bad();
    crypto_hash_sha256(want, bytes(s->rp_id), s->rp_id.n);
    if (sodium_memcmp(want, p, HASH) != 0 || !(p[HASH] & PRESENT)) return bad();
    if (!(p[HASH] & VERIFIED)) return ERR(E_INVALID, "error.access.passkey_unverified");
    if ((p[HASH] & BACKED_UP) && !(p[HASH] & BACKUP_MAY)) return bad(); /* level 3, 6.1.3 */
    *ret_counter = (uint32_t)p[33] << 24 | (uint32_t)p[34] << 16 | (uint32_t)p[35] << 8 | p[36];
    return OK;
}

/* libfido2 wants the algorithm said before it reads the key: each is tried. */
static fido_cred_t *cred_of(const passkey_site *s, arena *a, str auth_data, const uint8_t *hash)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
        fido_cred_t *c = fido_cred_new();
        ASSERT(c);
        bool ok = fido_cred_set_type(c, algorithms[i]) == FIDO_OK &&
                  fido_cred_set_rp(c, str_z(a, s->rp_id), NULL) == FIDO_OK &&
                  fido_cred_set_clientdata_hash(c, hash, HASH) == FIDO_OK &&
                  fido_cred_set_uv(c, FIDO_OPT_TRUE) == FIDO_OK &&
                  fido_cred_set_authdata_raw(c, bytes(auth_data), auth_data.n) == FIDO_OK;
        if (ok) return c;
        fido_cred_free(&c);
    }
    return NULL;
}

/* "none" is a map with nothing in it; "packed" without certificates is signed by the key itself,
 * with the same algorithm (section 8.2). */
static bool attested(fido_cred_t *c, str fmt, const cbor_item *statement)
{
    cbor_item sig, alg, x5c;
    if (statement->major != 5) return false;
    if (str_eq(fmt, S("none"))) return statement->n == 0;
    if (!str_eq(fmt, S("packed")) || cbor_get(statement, S("x5c"), &x5c)) return false;
    if (!cbor_get(statement, S("sig"), &sig) || sig.major != 2 || sig.n == 0) return false;
    if (!cbor_get(statement, S("alg"), &alg) || alg.major != 1 ||
            alg.n != (uint64_t)(-1 - fido_cred_type(c)))
        return false;
    return fido_cred_set_fmt(c, "packed") == FIDO_OK &&
           fido_cred_set_sig(c, bytes(sig.body), sig.body.n) == FIDO_OK &&
           fido_cred_verify_self(c) == FIDO_OK;
}

static bool copy_key(arena *a, const fido_cred_t *c, webauthn_made *ret)
{
    size_t id_n = fido_cred_id_len(c), key_n = fido_cred_pubkey_len(c);
    if (!id_n || id_n > WEBAUTHN_CREDENTIAL_MAX || !key_n || key_n > WEBAUTHN_KEY_MAX) return false;
    ret->alg = fido_cred_type(c);
    ret->key_n = key_n;
    memcpy(ret->key, fido_cred_pubkey_ptr(c), key_n);
    ret->credential = str_copy(a, (str){ (const char *)fido_cred_id_ptr(c), id_n });
    return true;
}

err webauthn_register(
        arena *a, const passkey_site *s, str client_data, str attestation, webauthn_made *ret)
{
    cbor_item whole, fmt, statement, data;
    uint8_t hash[HASH];
    webauthn_made made = { 0 };
    if (attestation.n > WEBAUTHN_OBJECT_MAX || client_data.n > WEBAUTHN_CLIENT_MAX) return bad();
    if (!cbor_read(attestation, &whole) || whole.raw.n != attestation.n) return bad();
    if (!cbor_get(&whole, S("fmt"), &fmt) || fmt.major != 3) return bad();
    if (!cbor_get(&whole, S("attStmt"), &statement)) return bad();
    if (!cbor_get(&whole, S("authData"), &data) || data.major != 2) return bad();
    TRY(webauthn_shown(s, data.body, &made.counter));
    crypto_hash_sha256(hash, bytes(client_data), client_data.n);
    fido_cred_t *c = cred_of(s, a, data.body, hash);
    bool ok = c && attested(c, fmt.body, &statement) && copy_key(a, c, &made);
    fido_cred_free(&c);
    if (!ok) return bad();
    *ret = made;
    return OK;
}

/* ---- a signature ---- */

static bool verify(const fido_assert_t *x, int alg, str key)
{
    bool ok = false;
    if (alg == COSE_ES256) {
        es256_pk_t *k = es256_pk_new();
        ok = k && es256_pk_from_ptr(k, key.p, key.n) == FIDO_OK &&
             fido_assert_verify(x, 0, alg, k) == FIDO_OK;
        es256_pk_free(&k);
    } else if (alg == COSE_EDDSA) {
        eddsa_pk_t *k = eddsa_pk_new();
        ok = k && eddsa_pk_from_ptr(k, key.p, key.n) == FIDO_OK &&
             fido_assert_verify(x, 0, alg, k) == FIDO_OK;
        eddsa_pk_free(&k);
    } else if (alg == COSE_RS256) {
        rs256_pk_t *k = rs256_pk_new();
        ok = k && rs256_pk_from_ptr(k, key.p, key.n) == FIDO_OK &&
             fido_assert_verify(x, 0, alg, k) == FIDO_OK;
        rs256_pk_free(&k);
    }
    return ok;
}

bool webauthn_signed(
        const passkey_site *s, str client_data, str auth_data, str signature, int alg, str key)
{
    uint8_t hash[HASH];
    char rp[256];
    if (s->rp_id.n >= sizeof rp || !is_whole(auth_data) || !signature.n) return false;
    if (bytes(auth_data)[HASH] & ATTESTED) return false; /* a key is no extension */
    memcpy(rp, s->rp_id.p, s->rp_id.n);
    rp[s->rp_id.n] = 0;
    crypto_hash_sha256(hash, bytes(client_data), client_data.n);
    fido_assert_t *x = fido_assert_new();
    ASSERT(x);
    bool ok = fido_assert_set_rp(x, rp) == FIDO_OK && fido_assert_set_count(x, 1) == FIDO_OK &&
              fido_assert_set_clientdata_hash(x, hash, sizeof hash) == FIDO_OK &&
              fido_assert_set_up(x, FIDO_OPT_TRUE) == FIDO_OK &&
              fido_assert_set_uv(x, FIDO_OPT_TRUE) == FIDO_OK &&
              fido_assert_set_authdata_raw(x, 0, bytes(auth_data), auth_data.n) == FIDO_OK &&
              fido_assert_set_sig(x, 0, bytes(signature), signature.n) == FIDO_OK &&
              verify(x, alg, key);
    fido_assert_free(&x);
    return ok;
}
