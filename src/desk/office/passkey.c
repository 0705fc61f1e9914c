/* passkey.c - routes of passkeys: made, listed, named, ended, shown to sign in or before a
 * dangerous act. What a browser brings is checked in the pool; the rest reads inline or writes. */
#include "desk/office/passkey.h"

#include <sodium.h>

#include "access/auth/auth.h"
#include "api/app.h"
#include "base/texts.h"
#include "desk/office/session.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "ledger/ledger.h"
#include "store/store.h"

#define TRY_COOKIE "__Host-minar-try"

enum { TRY_BYTES = 32, TRY_TEXT = 43, VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

err passkey_here(call *c, passkey_site *ret)
{
    if (!passkey_site_of(c->a, app_public_url(c->app), ret))
        return ERR1(E_CONFLICT, "error.access.passkey_address", app_public_url(c->app));
    return OK;
}

static str encode(arena *a, str s)
{
    size_t room = sodium_base64_encoded_len(s.n, VARIANT);
    char *out = NEW_ARRAY(a, char, room);
    sodium_bin2base64(out, room, (const uint8_t *)s.p, s.n, VARIANT);
    return str_of(out);
}

static err decode(call *c, str text, const char *pointer, str *ret)
{
    size_t n = 0;
    uint8_t *out = NEW_ARRAY(c->a, uint8_t, text.n + 1);
    if (sodium_base642bin(out, text.n + 1, text.p, text.n, NULL, &n, NULL, VARIANT))
        return err_at_pointer(ERR(E_INVALID, "error.access.passkey_bad"), str_of(pointer));
    *ret = (str){ (const char *)out, n };
    return OK;
}

err passkey_decode(call *c, const struct passkey_shown *b, passkey_shown *ret)
{
    TRY(decode(c, b->credential, "/credential", &ret->credential));
    TRY(decode(c, b->client_data, "/client_data", &ret->client_data));
    TRY(decode(c, b->auth_data, "/auth_data", &ret->auth_data));
    TRY(decode(c, b->signature, "/signature", &ret->signature));
    return b->has_user_handle ? decode(c, b->user_handle, "/user_handle", &ret->user_handle) : OK;
}

/* Only who is signed in with a browser; *ret: what its challenges are bound to. */
static err session_of(const call *c, str *ret)
{
    *ret = auth_cookie_token(c->cookie);
    bool here = str_eq(c->viewer.how, S("session")) && ret->n;
    return here ? OK : ERR(E_USAGE, "error.access.no_session");
}

/* ---- what a browser needs ---- */

static void put_challenge(call *c, passkey_purpose p, str bound)
{
    uint8_t challenge[PASSKEY_CHALLENGE];
    passkey_ask(c->realm, p, bound, challenge);
    jw_kstr(&c->out, "challenge", encode(c->a, (str){ (const char *)challenge, sizeof challenge }));
    jw_ki64(&c->out, "timeout", PASSKEY_ASKED_S * 1000);
}

static void put_refs(call *c, const char *key, const passkey_facts *f, size_t n)
{
    jsonw *w = &c->out;
    jw_key(w, str_of(key));
    jw_arr(w);
    for (size_t i = 0; i < n; i++) {
        jw_obj(w);
        jw_kstr(w, "type", S("public-key"));
        jw_kstr(w, "id", encode(c->a, f[i].credential));
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

static void put_request(
        call *c, const passkey_site *s, passkey_purpose p, str bound, passkey_facts *f, size_t n)
{
    jw_obj(&c->out);
    put_challenge(c, p, bound);
    jw_kstr(&c->out, "rpId", s->rp_id);
    put_refs(c, "allowCredentials", f, n);
    jw_kstr(&c->out, "userVerification", S("required"));
    jw_end_obj(&c->out);
}

static err put_names(call *c, const passkey_site *s)
{
    viewer sys;
    const person_handle *p;
    const organisation_handle *o;
    jsonw *w = &c->out;
    TRY(viewer_system(c->t, &sys));
    TRY(person_read_row(c->t, &sys, c->viewer.person, &p));
    TRY(organisation_read_row(c->t, &sys, c->realm->site_org, &o));
    jw_key(w, S("rp"));
    jw_obj(w);
    jw_kstr(w, "id", s->rp_id);
    jw_kstr(w, "name", str_fmt(c->a, "Minar %.*s", STR_ARG(o->now.key)));
    jw_end_obj(w);
    jw_key(w, S("user"));
    jw_obj(w);
    jw_kstr(w, "id", encode(c->a, (str){ (const char *)p->id.id.b, sizeof p->id.id.b }));
    jw_kstr(w, "name", p->now.mail);
    jw_kstr(w, "displayName", p->now.name);
    jw_end_obj(w);
    return OK;
}

static void put_choices(jsonw *w)
{
    static const int64_t algorithms[] = { -8, -7, -257 }; /* EdDSA, ES256, RS256 */
    jw_key(w, S("pubKeyCredParams"));
    jw_arr(w);
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
        jw_obj(w);
        jw_kstr(w, "type", S("public-key"));
        jw_ki64(w, "alg", algorithms[i]);
        jw_end_obj(w);
    }
    jw_end_arr(w);
    jw_key(w, S("authenticatorSelection"));
    jw_obj(w);
    jw_kstr(w, "residentKey", S("required"));
    jw_kbool(w, "requireResidentKey", true);
    jw_kstr(w, "userVerification", S("required"));
    jw_end_obj(w);
    jw_kstr(w, "attestation", S("none"));
}

err h_passkey_begin(call *c)
{
    passkey_site s;
    passkey_facts *f;
    size_t n;
    str bound;
    TRY(session_of(c, &bound));
    TRY(passkey_here(c, &s));
    TRY(passkey_list(c->t, c->viewer.person, c->a, &f, &n));
    jw_obj(&c->out);
    put_challenge(c, ASKED_ADD, bound);
    TRY(put_names(c, &s));
    put_choices(&c->out);
    put_refs(c, "excludeCredentials", f, n);
    jw_end_obj(&c->out);
    return OK;
}

err h_proof_begin(call *c)
{
    passkey_site s;
    passkey_facts *f;
    size_t n;
    str bound;
    TRY(session_of(c, &bound));
    TRY(passkey_here(c, &s));
    TRY(passkey_list(c->t, c->viewer.person, c->a, &f, &n));
    put_request(c, &s, ASKED_PROVE, bound, f, n);
    return OK;
}

/* ---- mine ---- */

typedef struct {
    call *c;
    webauthn_made made;
    str challenge, name;
    id128 id;
} adding;

static err add_apply(txn *t, void *ctx)
{
    adding *x = ctx;
    int64_t person = x->c->viewer.person;
    TRY(passkey_add_to(t, person, &x->made, x->challenge, x->name, &x->id));
    TRY(session_strengthen(t, x->c->cookie));
    txn_raise_epoch(t);
    return person_entry(t, person, person, LEDGER_person_passkey_added);
}

err h_passkey_create(call *c)
{
    const struct passkey_draft *b = c->req;
    passkey_site s;
    adding x = { .c = c, .name = b->has_name ? b->name : T(call_lang(c), "passkey.unnamed") };
    str bound, client_data, attestation;
    TRY(session_of(c, &bound));
    TRY(passkey_here(c, &s));
    TRY(decode(c, b->client_data, "/client_data", &client_data));
    TRY(decode(c, b->attestation, "/attestation", &attestation));
    TRY(webauthn_client(c->a, &s, client_data, S("webauthn.create"), &x.challenge));
    TRY(passkey_asked(c->realm, ASKED_ADD, bound, x.challenge));
    TRY(webauthn_register(c->a, &s, client_data, attestation, &x.made));
    call_release(c);
    TRY(store_write(c->realm->store, add_apply, &x));
    jw_obj(&c->out);
    jw_kid(&c->out, "id", x.id);
    jw_end_obj(&c->out);
    return OK;
}

err h_passkey_list(call *c)
{
    passkey_facts *f;
    size_t n;
    jsonw *w = &c->out;
    TRY(passkey_list(c->t, c->viewer.person, c->a, &f, &n));
    jw_obj(w);
    jw_key(w, S("items"));
    jw_arr(w);
    for (size_t i = 0; i < n; i++) {
        jw_obj(w);
        jw_kid(w, "id", f[i].id);
        jw_kstr(w, "name", f[i].name);
        jw_ktime(w, "created", f[i].created);
        jw_ktime(w, "used", f[i].used);
        jw_ktime(w, "doubted", f[i].doubted);
        jw_end_obj(w);
    }
    jw_end_arr(w);
    jw_end_obj(w);
    return OK;
}

err h_passkey_change(call *c)
{
    const struct passkey_change *b = c->req;
    id128 id;
    TRY(call_id(c, &id));
    TRY(passkey_name(c->t, c->viewer.person, id, b->name));
    call_put_empty(c);
    return OK;
}

err h_passkey_remove(call *c)
{
    id128 id;
    TRY(call_id(c, &id));
    TRY(passkey_remove_from(c->t, c->viewer.person, id, c->cookie));
    txn_raise_epoch(c->t);
    TRY(person_entry(c->t, c->viewer.person, c->viewer.person, LEDGER_person_passkey_removed));
    call_put_empty(c);
    return OK;
}

/* ---- shown ---- */

err passkey_prove(call *c, const struct passkey_shown *b, factor_then *with, void *ctx)
{
    passkey_site s;
    int64_t person;
    passkey_shown x = { .purpose = ASKED_PROVE, .site = &s, .peer = c->peer };
    TRY(session_of(c, &x.bound));
    TRY(passkey_here(c, &s));
    TRY(passkey_decode(c, b, &x));
    x.person_id = c->viewer.person_id;
    call_release(c);
    return passkey_guess(c->realm, c->a, &x, with, ctx, &person);
}

/* What a browser that tries to sign in holds; kept when it has one, for it may have two pages open.
 */
static str try_token(const call *c)
{
    str rest = c->cookie, part, name = S(TRY_COOKIE "=");
    while (str_split(&rest, ';', &part)) {
        part = str_trim(part);
        if (str_starts(part, name) && part.n == name.n + TRY_TEXT)
            return str_sub(part, name.n, part.n);
    }
    return (str){ 0 };
}

err h_passkey_ask(call *c)
{
    passkey_site s;
    uint8_t fresh[TRY_BYTES];
    str token = try_token(c);
    TRY(passkey_here(c, &s));
    if (!token.n) {
        randombytes_buf(fresh, sizeof fresh);
        token = encode(c->a, (str){ (const char *)fresh, sizeof fresh });
        c->set_cookie = str_fmt(c->a, TRY_COOKIE "=%.*s; Path=/; Secure; HttpOnly; SameSite=Strict",
                STR_ARG(token));
    }
    put_request(c, &s, ASKED_SIGN_IN, token, NULL, 0);
    return OK;
}

typedef struct {
    call *c;
    int64_t person;
    viewer v;
} entering;

static err enter_apply(txn *t, void *ctx)
{
    entering *e = ctx;
    call *c = e->c;
    TRY(viewer_of_person(t, c->realm, e->person, S("session"), &e->v));
    return session_open(t, c->realm, e->person, S("passkey"), c->a, &c->set_cookie);
}

err h_passkey_enter(call *c)
{
    passkey_site s;
    entering e = { .c = c };
    passkey_shown x = {
        .purpose = ASKED_SIGN_IN, .site = &s, .peer = c->peer, .bound = try_token(c)
    };
    TRY(passkey_here(c, &s));
    TRY(passkey_decode(c, c->req, &x));
    call_release(c);
    TRY(passkey_guess(c->realm, c->a, &x, enter_apply, &e, &e.person));
    CLEANUP(txn_end_p) txn *t = NULL;
    TRY(txn_read(c->realm->store, 0, &t));
    return session_put(c, t, &e.v);
}
