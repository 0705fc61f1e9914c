/* oidc.c - who went to the identity provider, and what happens when they come back. The browser is
 * known again by a cookie of its own; what it brings counts once. Not on HTTP or writer threads. */
#include "access/auth/oidc.h"
#include "access/auth/session.h"
#include "access/auth/throttle.h"
#include "access/auth/token.h"
#include "base/time.h"
#include "gen/access/auth/queries.h"
#include "ledger/ledger.h"
#include "store/store.h"
#include <sodium.h>

#define COOKIE "__Host-minar-oidc"
enum { AWAY_S = 600, SECRET = 32, SECRET_TEXT = 44, SKEW_S = 30 };

static const char *const purpose_names[] = { "sign_in", "link", "prove" };

static str hash_str(const uint8_t h[TOKEN_HASH])
{
    return (str){ (const char *)h, TOKEN_HASH };
}

static str base64url(arena *a, const uint8_t bytes[SECRET])
{
    char *text = arena_alloc(a, SECRET_TEXT);
    sodium_bin2base64(text, SECRET_TEXT, bytes, SECRET, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_of(text);
}

static str fresh(arena *a)
{
    uint8_t bytes[SECRET];
    randombytes_buf(bytes, sizeof bytes);
    return base64url(a, bytes);
}

/* ---- going ---- */

typedef struct {
    const oidc_going *g;
    str state, browser, nonce, verifier;
} going;

static err go_apply(txn *t, void *ctx)
{
    const going *x = ctx;
    uint8_t state[TOKEN_HASH], browser[TOKEN_HASH], session[TOKEN_HASH];
    instant now = clock_now(&clock_system);
    token_hash(x->state, state);
    token_hash(x->browser, browser);
    bool in = session_cookie_hash(x->g->cookie, session) && x->g->purpose != OIDC_SIGN_IN;
    TRY(oidc_flow_purge(t, &(oidc_flow_purge_args){ .now = now }, NULL));
    return oidc_flow_add(t,
            &(oidc_flow_add_args){ .state_hash = hash_str(state),
                    .browser_hash = hash_str(browser),
                    .nonce = x->nonce,
                    .verifier = x->verifier,
                    .purpose = str_of(purpose_names[x->g->purpose]),
                    .person = x->g->person,
                    .session_hash = in ? hash_str(session) : S(""),
                    .created = now,
                    .expires = { now.us + AWAY_S * US_PER_S } },
            NULL);
}

err oidc_go(const realm *r, arena *a, const oidc_going *g, str *ret_address, str *ret_cookie)
{
    uint8_t challenge[TOKEN_HASH];
    going x = { g, fresh(a), fresh(a), fresh(a), fresh(a) };
    token_hash(x.verifier, challenge);
    oidc_question q = { .state = x.state,
        .nonce = x.nonce,
        .challenge = base64url(a, challenge),
        .redirect = g->redirect,
        .again = g->purpose == OIDC_PROVE };
    TRY(oidc_address(a, &q, ret_address));
    TRY(store_write(r->store, go_apply, &x));
    /* Lax, not Strict: it must come along when the provider sends the browser back. */
    *ret_cookie = str_fmt(a, COOKIE "=%.*s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Lax",
            STR_ARG(x.browser), AWAY_S);
    return OK;
}

/* ---- coming back ---- */

typedef struct {
    const oidc_coming *k;
    const realm *r;
    arena *a;
    uint8_t state[TOKEN_HASH], browser[TOKEN_HASH];
    oidc_flow_find_row *flow;
    oidc_purpose purpose;
    oidc_account who;
    str session_cookie;
} coming;

static err stranger(void)
{
    return ERR(E_AUTH, "error.access.oidc_stranger");
}

static str browser_of(str cookie)
{
    str rest = cookie, part, name = S(COOKIE "=");
    while (str_split(&rest, ';', &part)) {
        part = str_trim(part);
        if (str_starts(part, name)) return str_sub(part, name.n, part.n);
    }
    return (str){ 0 };
}

/* Spends it, whatever comes of it. Another browser's is left for that one. */
static err take_apply(txn *t, void *ctx)
{
    coming *x = ctx;
    int64_t n;
    err e = oidc_flow_find(t,
            &(oidc_flow_find_args){ .state_hash = hash_str(x->state),
                    .browser_hash = hash_str(x->browser),
                    .now = clock_now(&clock_system) },
            x->a, &x->flow);
    if (err_code_of(e) == E_ABSENT) return stranger();
    TRY(e);
    TRY(oidc_flow_end(t, &(oidc_flow_end_args){ .state_hash = hash_str(x->state) }, &n));
    if (n != 1) return stranger();
    for (size_t i = 0; i < ARRAY_LEN(purpose_names); i++)
        if (str_eq(x->flow->purpose, str_of(purpose_names[i]))) x->purpose = (oidc_purpose)i;
    return OK;
}

static err account_person(txn *t, const coming *x, int64_t *ret)
{
    identity_find_row *row;
    err e = identity_find(
            t, &(identity_find_args){ .hash = hash_str(x->who.account) }, txn_arena(t), &row);
    if (err_code_of(e) == E_ABSENT) return ERR1(E_AUTH, "error.access.oidc_unknown", oidc_name());
    TRY(e);
    *ret = row->person;
    return OK;
}

static err sign_in(txn *t, coming *x)
{
    int64_t person;
    viewer v;
    TRY(account_person(t, x, &person));
    TRY(viewer_of_person(t, x->r, person, S("session"), &v));
    return session_open(t, x->r, person, S("oidc"), x->a, &x->session_cookie);
}

/* The session that asked must still be there, and the same person's. */
static err still_there(txn *t, const coming *x, session_find_row **ret)
{
    viewer v;
    err e = session_find(t,
            &(session_find_args){
                    .token_hash = x->flow->session_hash, .now = clock_now(&clock_system) },
            txn_arena(t), ret);
    if (err_code_of(e) == E_ABSENT) return ERR(E_AUTH, "error.access.ended");
    TRY(e);
    if ((*ret)->person != x->flow->person) return stranger();
    return viewer_of_person(t, x->r, x->flow->person, S("session"), &v);
}

static err link_account(txn *t, coming *x)
{
    session_find_row *s;
    int64_t n;
    TRY(still_there(t, x, &s));
    TRY(identity_add(t,
            &(identity_add_args){ .hash = hash_str(x->who.account),
                    .person = x->flow->person,
                    .linked = clock_now(&clock_system) },
            &n));
    if (n != 1) return ERR1(E_CONFLICT, "error.access.identity_taken", oidc_name());
    return person_entry(t, x->flow->person, x->flow->person, LEDGER_person_identity_linked);
}

/* The provider must have asked anew: an answer from a sign-in of this morning proves nothing now.
 */
static err prove(txn *t, coming *x)
{
    session_find_row *s;
    int64_t person;
    TRY(still_there(t, x, &s));
    TRY(account_person(t, x, &person));
    if (person != x->flow->person) return stranger();
    if (s->totp) return ERR(E_CONFLICT, "error.access.no_proof");
    if (x->who.auth_time.us < x->flow->created.us - SKEW_S * US_PER_S)
        return ERR1(E_AUTH, "error.access.oidc_token", S("auth_time"));
    TRY(session_strong(t,
            &(session_strong_args){
                    .token_hash = x->flow->session_hash, .strong = clock_now(&clock_system) },
            NULL));
    txn_raise_epoch(t);
    return OK;
}

static err come_apply(txn *t, void *ctx)
{
    coming *x = ctx;
    switch (x->purpose) {
    case OIDC_SIGN_IN:
        return sign_in(t, x);
    case OIDC_LINK:
        return link_account(t, x);
    case OIDC_PROVE:
        return prove(t, x);
    }
    return stranger();
}

static err come(coming *x)
{
    const oidc_coming *k = x->k;
    TRY(store_write(x->r->store, take_apply, x));
    if (k->error.n || !k->code.n) return ERR(E_AUTH, "error.access.oidc_declined");
    TRY(oidc_redeem(x->a,
            &(oidc_redeeming){ .code = k->code,
                    .iss = k->iss,
                    .nonce = x->flow->nonce,
                    .verifier = x->flow->verifier,
                    .redirect = k->redirect },
            &x->who));
    return store_write(x->r->store, come_apply, x);
}

err oidc_come(const realm *r, arena *a, const oidc_coming *k, oidc_outcome *ret)
{
    coming x = { .k = k, .r = r, .a = a };
    str browser = browser_of(k->cookie);
    if (!browser.n || !k->state.n) return stranger();
    token_hash(k->state, x.state);
    token_hash(browser, x.browser);
    TRY(throttle_ask(hash_str(x.browser), k->peer));
    err e = come(&x);
    throttle_tell(hash_str(x.browser), k->peer,
            !failed(e)                 ? THROTTLE_RIGHT
            : err_code_of(e) == E_AUTH ? THROTTLE_WRONG
                                       : THROTTLE_UNTRIED);
    TRY(e);
    *ret = (oidc_outcome){ x.purpose, x.session_cookie };
    return OK;
}

/* ---- whose account ---- */

err identity_of(struct txn *t, int64_t person, bool *ret_linked)
{
    identity_count_row *row;
    TRY(identity_count(t, &(identity_count_args){ .person = person }, txn_arena(t), &row));
    *ret_linked = row->n > 0;
    return OK;
}

err identity_end(struct txn *t, int64_t person)
{
    int64_t n;
    password_find_row *p;
    bool linked;
    TRY(identity_of(t, person, &linked));
    if (!linked) return ERR(E_ABSENT, "error.access.identity_absent");
    err e = password_find(t, &(password_find_args){ .person = person }, txn_arena(t), &p);
    if (err_code_of(e) == E_ABSENT) return ERR(E_CONFLICT, "error.access.identity_last");
    TRY(e);
    return identity_drop(t, &(identity_drop_args){ .person = person }, &n);
}
