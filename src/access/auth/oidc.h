/* oidc.h - signing in by an identity provider (OpenID Connect, authorization code with PKCE): what
 * the provider is, who went there and is expected back, and which account of it is which person.
 * Owns tables oidc_flow and person_identity, and the provider's kept documents (any thread). The
 * provider is asked through the courier only. Included by main and the sign-in routes. */
#pragma once
#include "access/auth/auth.h"
#include "base/conf.h"

struct courier;
struct txn;

/* ---- the provider ---- */
typedef struct {
    str issuer, name, client_id, secret; /* issuer empty: there is none; secret may be empty */
    struct courier *courier;
} oidc_setup;
/* What the configuration says, in a. E_CONFIG: an address that is neither https nor loopback, no
 * client id, an unreadable secret. */
MUST_USE err oidc_setup_load(arena *a, const conf *c, oidc_setup *ret);
/* The origin to which the courier must be let, "https://host:port"; empty: none. */
MUST_USE err oidc_origin(arena *a, const oidc_setup *s, str *ret);
/* Copies. At start, once; oidc_close when nobody asks any more. */
void oidc_open(const oidc_setup *s);
void oidc_close(void);
bool oidc_on(void);
str oidc_name(void); /* what people call it; while it is open */

/* ---- going and coming back ---- */
typedef enum { OIDC_SIGN_IN, OIDC_LINK, OIDC_PROVE } oidc_purpose;
typedef struct {
    oidc_purpose purpose;
    int64_t person; /* who is signed in already; 0: nobody */
    str cookie;     /* the Cookie header, for the session that asks */
    str redirect;   /* PUBLIC/oidc/callback */
} oidc_going;
/* Where the browser is to go, and the cookie by which it is known again, in a. Asks the provider
 * and writes: not on an HTTP or writer thread. E_PEER: the provider does not answer as it must. */
MUST_USE err oidc_go(
        const realm *r, arena *a, const oidc_going *g, str *ret_address, str *ret_cookie);

typedef struct {
    str state, code, iss, error; /* as the browser brought them; iss, error may be empty */
    str cookie, redirect, peer;
} oidc_coming;
typedef struct {
    oidc_purpose purpose;
    str session_cookie; /* OIDC_SIGN_IN: the Set-Cookie value */
} oidc_outcome;
/* What it went for, once: signs in, links, or strengthens the session. Errors: E_AUTH (not this
 * browser's, spent, the token does not hold, the account is nobody's), E_CONFLICT (it is somebody
 * else's), E_PEER, E_FULL (throttled). */
MUST_USE err oidc_come(const realm *r, arena *a, const oidc_coming *k, oidc_outcome *ret);

/* ---- whose account ---- */
MUST_USE err identity_of(struct txn *t, int64_t person, bool *ret_linked);
/* E_ABSENT: none; E_CONFLICT: it is the only way in that the person has. */
MUST_USE err identity_end(struct txn *t, int64_t person);

/* ---- between the files of it ---- */
typedef struct {
    str state, nonce, challenge, redirect;
    bool again; /* the person must prove to the provider anew */
} oidc_question;
MUST_USE err oidc_address(arena *a, const oidc_question *q, str *ret);
typedef struct {
    str code, iss, nonce, verifier, redirect;
} oidc_redeeming;
/* The account that the code stands for: its hash (of issuer and subject). */
typedef struct {
    uint8_t account[32];
    instant auth_time;
} oidc_account;
MUST_USE err oidc_redeem(arena *a, const oidc_redeeming *q, oidc_account *ret);
