/* oidc_provider.c - the identity provider: its documents, kept for an hour, and the exchange of a
 * code. The mutex guards the kept documents; it is never held while the provider is asked. */
#include "access/auth/oidc.h"
#include "access/auth/oidc_token.h"
#include "base/log.h"
#include "base/time.h"
#include "net/fetch.h"
#include "proc/courier.h"
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

enum { DOCUMENT_BYTES = 256 << 10, DEADLINE_MS = 10000, SECRET_BYTES = 1024 };
static const int64_t kept_us = 3600 * US_PER_S;
static const int64_t again_us = 10 * US_PER_S; /* the soonest that an unknown key asks anew */

typedef struct {
    char *text; /* NULL: not yet */
    size_t n;
    int64_t at_us;
} kept;

static struct {
    arena *a;
    oidc_setup s;
    str origin;
    pthread_mutex_t lock;
    kept about, keys;
} provider = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- what the configuration says ---- */

static bool is_safe(const web_url *u)
{
    return u->https || str_eq(u->host, S("localhost")) || str_eq(u->host, S("127.0.0.1")) ||
           str_eq(u->host, S("[::1]"));
}

static err conf_wrong(const char *setting, str value)
{
    return err_at_pointer(ERR1(E_CONFIG, "error.access.oidc_conf", value), str_of(setting));
}

static err read_secret(arena *a, str path, str *ret)
{
    char *p = arena_alloc(a, SECRET_BYTES);
    int fd = open(str_z(a, path), O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, p, SECRET_BYTES);
    if (fd >= 0) close(fd);
    if (n <= 0) return conf_wrong("oidc.client_secret_file", path);
    str line = { p, (size_t)n };
    ptrdiff_t end = str_find_byte(line, '\n');
    *ret = str_trim(end < 0 ? line : str_sub(line, 0, (size_t)end));
    return OK;
}

err oidc_origin(arena *a, const oidc_setup *s, str *ret)
{
    web_url u;
    *ret = (str){ 0 };
    if (!s->issuer.n) return OK;
    TRY(web_url_parse(a, s->issuer, NULL, &u));
    if (!is_safe(&u)) return conf_wrong("oidc.issuer", s->issuer);
    *ret = u.origin;
    return OK;
}

err oidc_setup_load(arena *a, const conf *c, oidc_setup *ret)
{
    oidc_setup s = { .issuer = conf_str(c, "oidc.issuer"),
        .name = conf_str(c, "oidc.name"),
        .client_id = conf_str(c, "oidc.client_id") };
    str file = conf_str(c, "oidc.client_secret_file"), origin;
    TRY(oidc_origin(a, &s, &origin));
    if (s.issuer.n && !s.client_id.n) return conf_wrong("oidc.client_id", s.issuer);
    if (!s.name.n && origin.n)
        s.name = str_sub(origin, (size_t)str_find(origin, S("//")) + 2, origin.n);
    if (file.n) TRY(read_secret(a, file, &s.secret));
    *ret = s;
    return OK;
}

void oidc_open(const oidc_setup *s)
{
    ASSERT(!provider.a);
    if (!s->issuer.n) return;
    arena *a = arena_new(1 << 20);
    provider.s = (oidc_setup){ str_copy(a, s->issuer), str_copy(a, s->name),
        str_copy(a, s->client_id), str_copy(a, s->secret), s->courier };
    err e = oidc_origin(a, s, &provider.origin);
    ASSERT(!failed(e));
    provider.a = a;
}

void oidc_close(void)
{
    if (!provider.a) return;
    free(provider.about.text);
    free(provider.keys.text);
    provider.about = provider.keys = (kept){ 0 };
    arena_free(provider.a);
    provider.a = NULL;
}

bool oidc_on(void)
{
    return provider.a != NULL && provider.s.courier;
}
str oidc_name(void)
{
    return provider.s.name;
}

/* ---- asking it ---- */

static err unfit(const char *what)
{
    return ERR1(E_PEER, "error.access.oidc_provider", str_of(what));
}

/* Its own origin is the configuration's word and may be internal; others that it names must be
 * public, as everywhere. */
static err ask(arena *a, fetch_job *job, int32_t *ret_status, str *ret)
{
    web_url u;
    fetch_result r = { 0 };
    buf body = buf_new(a, 4096);
    TRY(web_url_parse(a, job->url, NULL, &u));
    if (!is_safe(&u)) return unfit("https");
    job->endpoint = str_eq(u.origin, provider.origin) ? ENDPOINT_CONFIGURED : ENDPOINT_NAMED;
    job->max_bytes = DOCUMENT_BYTES;
    job->deadline_ms = DEADLINE_MS;
    err e = courier_fetch_wait(provider.s.courier, job, a, &body, &r);
    *ret_status = r.status;
    if (failed(e)) {
        log_err("oidc.provider", e);
        return unfit("answer");
    }
    *ret = buf_str(&body);
    return OK;
}

static bool look(arena *a, const kept *k, int64_t younger_us, str *ret)
{
    pthread_mutex_lock(&provider.lock);
    bool there = k->text && monotonic_us() - k->at_us < younger_us;
    if (there) *ret = str_copy(a, (str){ k->text, k->n });
    pthread_mutex_unlock(&provider.lock);
    return there;
}

static void keep(kept *k, str text)
{
    char *copy = malloc(text.n + 1);
    ASSERT(copy);
    memcpy(copy, text.p, text.n);
    pthread_mutex_lock(&provider.lock);
    free(k->text);
    *k = (kept){ copy, text.n, monotonic_us() };
    pthread_mutex_unlock(&provider.lock);
}

static err document(arena *a, kept *k, str url, int64_t younger_us, const json **ret)
{
    str text;
    int32_t status;
    fetch_job job = { .url = url };
    bool had = look(a, k, younger_us, &text);
    if (!had) TRY(ask(a, &job, &status, &text));
    if (failed(json_parse(a, text, &(json_limits){ .max_bytes = DOCUMENT_BYTES }, ret)))
        return unfit("JSON");
    if (!had) keep(k, text);
    return OK;
}

/* OpenID Connect Discovery 1.0; the issuer in it must be the very one that was asked (section 4.3).
 */
static err about(arena *a, const json **ret)
{
    str issuer = provider.s.issuer;
    if (str_ends(issuer, S("/"))) issuer = str_sub(issuer, 0, issuer.n - 1);
    str url = str_cat(a, issuer, S("/.well-known/openid-configuration"));
    TRY(document(a, &provider.about, url, kept_us, ret));
    if (str_eq(json_get_text(*ret, S("issuer")), provider.s.issuer)) return OK;
    return unfit("issuer");
}

static void put_pair(buf *b, char before, const char *name, str value)
{
    buf_fmt(b, "%c%s=", before, name);
    web_url_escape(b, value);
}

err oidc_address(arena *a, const oidc_question *q, str *ret)
{
    const json *d;
    web_url u;
    TRY(about(a, &d));
    str at = json_get_text(d, S("authorization_endpoint"));
    if (failed(web_url_parse(a, at, NULL, &u)) || !is_safe(&u))
        return unfit("authorization_endpoint");
    buf b = buf_new(a, 1024);
    buf_put(&b, u.url);
    put_pair(&b, str_find_byte(u.url, '?') < 0 ? '?' : '&', "response_type", S("code"));
    put_pair(&b, '&', "scope", S("openid"));
    put_pair(&b, '&', "client_id", provider.s.client_id);
    put_pair(&b, '&', "redirect_uri", q->redirect);
    put_pair(&b, '&', "state", q->state);
    put_pair(&b, '&', "nonce", q->nonce);
    put_pair(&b, '&', "code_challenge", q->challenge);
    put_pair(&b, '&', "code_challenge_method", S("S256"));
    if (q->again) put_pair(&b, '&', "prompt", S("login"));
    if (q->again) put_pair(&b, '&', "max_age", S("0"));
    *ret = buf_str(&b);
    return OK;
}

/* ---- a code ---- */

/* RFC 9207: the answer says who gave it, so that one provider's code is not taken to another. */
static err mix_up_check(const json *d, str iss)
{
    bool says = false;
    const json *v = json_get(d, S("authorization_response_iss_parameter_supported"));
    if (v && !json_bool(v, &says)) says = false;
    if (!iss.n && !says) return OK;
    return str_eq(iss, provider.s.issuer) ? OK : ERR1(E_AUTH, "error.access.oidc_token", S("iss"));
}

/* How we show the secret: within the form unless the provider takes the header alone. */
static bool secret_in_form(const json *d)
{
    const json *all = json_get(d, S("token_endpoint_auth_methods_supported"));
    for (const json *m = all ? all->first : NULL; m; m = m->next)
        if (str_eq(json_text(m), S("client_secret_post"))) return true;
    return false;
}

static err exchange(arena *a, const json *d, const oidc_redeeming *q, str *ret_token)
{
    const json *answer;
    str text;
    int32_t status = 0;
    buf form = buf_new(a, 1024);
    bool in_form = secret_in_form(d) && provider.s.secret.n;
    buf_put(&form, S("grant_type=authorization_code"));
    put_pair(&form, '&', "code", q->code);
    put_pair(&form, '&', "redirect_uri", q->redirect);
    put_pair(&form, '&', "client_id", provider.s.client_id);
    put_pair(&form, '&', "code_verifier", q->verifier);
    if (in_form) put_pair(&form, '&', "client_secret", provider.s.secret);
    fetch_job job = { .url = json_get_text(d, S("token_endpoint")),
        .method = FETCH_POST,
        .body = buf_str(&form),
        .content_type = S("application/x-www-form-urlencoded") };
    if (!in_form && provider.s.secret.n) {
        job.user = provider.s.client_id;
        job.password = provider.s.secret;
    }
    err e = ask(a, &job, &status, &text);
    if (status == 400) return ERR1(E_AUTH, "error.access.oidc_token", S("code"));
    TRY(e);
    if (failed(json_parse(a, text, &(json_limits){ .max_bytes = DOCUMENT_BYTES }, &answer)))
        return unfit("JSON");
    *ret_token = json_get_text(answer, S("id_token"));
    return OK;
}

/* A key that is not in the kept set: it may be a fresh one. Whoever sends such tokens must not make
 * us ask for each. */
static err verify(arena *a, const json *d, str token, const id_token_want *w, id_token_claims *ret)
{
    bool unknown;
    const json *keys;
    str url = json_get_text(d, S("jwks_uri"));
    TRY(document(a, &provider.keys, url, kept_us, &keys));
    err e = id_token_verify(a, token, keys, w, ret, &unknown);
    if (!unknown) return e;
    TRY(document(a, &provider.keys, url, again_us, &keys));
    return id_token_verify(a, token, keys, w, ret, &unknown);
}

/* Issuer and subject together name an account; neither mail nor name does (both may be changed by
 * whoever has an account there). */
static void account_hash(str subject, uint8_t ret[32])
{
    crypto_hash_sha256_state h;
    crypto_hash_sha256_init(&h);
    crypto_hash_sha256_update(&h, (const uint8_t *)provider.s.issuer.p, provider.s.issuer.n);
    crypto_hash_sha256_update(&h, (const uint8_t *)"\n", 1);
    crypto_hash_sha256_update(&h, (const uint8_t *)subject.p, subject.n);
    crypto_hash_sha256_final(&h, ret);
}

err oidc_redeem(arena *a, const oidc_redeeming *q, oidc_account *ret)
{
    const json *d;
    str token;
    id_token_claims c = { 0 };
    TRY(about(a, &d));
    TRY(mix_up_check(d, q->iss));
    TRY(exchange(a, d, q, &token));
    id_token_want w = { provider.s.issuer, provider.s.client_id, q->nonce,
        clock_now(&clock_system) };
    TRY(verify(a, d, token, &w, &c));
    account_hash(c.subject, ret->account);
    ret->auth_time = c.auth_time;
    return OK;
}
