/* auth.h - how a request becomes a viewer: session cookies, API keys, users of this machine; and
 * how people get in: passwords (Argon2id) and one-time links. Owns tables session, password, link,
 * local_user. Throttling lives in the verify function, so that no route goes round it. */
#pragma once
#include "access/realm.h"
#include "access/viewer.h"
#include "ledger/ledger.h"

struct txn;

/* ---- who asks ---- */
typedef struct {
    str cookie;                   /* the whole Cookie header */
    str bearer;                   /* the key after "Bearer ", or empty */
    str realm;                    /* name of the realm wanted on the local socket; empty: live */
    int64_t local_uid;            /* user on the local socket, -1 otherwise */
    str cert_hash, cert_key_hash; /* of the client's certificate (net/http.h), or empty */
} auth_credentials;
/* Resolves and caches. The viewer is all zero (nothing, no roles) when there are no credentials,
 * and the realm is the live one. Errors: E_AUTH when credentials are given and wrong or ended. */
MUST_USE err auth_resolve(realms *all, const auth_credentials *c, realm **ret_realm, viewer *ret);
/* Keys that are bound to no certificate are refused over the network from here on, or not. */
void auth_machines_need_certificate(bool need);
/* The viewer of a person, by row, in t's realm. E_AUTH when disabled. */
MUST_USE err viewer_of_person(struct txn *t, const realm *r, int64_t person, str how, viewer *ret);
/* The session token within a Cookie header, or empty. */
str auth_cookie_token(str cookie);

/* ---- sessions ---- */
/* Opens a session in t (writing). how: password|totp|passkey|oidc|link|invite. ret_cookie: the
 * Set-Cookie value, in a, for it is sent when t is over. E_AUTH (error.access.dormant): nobody
 * signed in for too long. */
MUST_USE err session_open(
        struct txn *t, const realm *r, int64_t person, str how, arena *a, str *ret_cookie);
/* The session of this cookie has shown its person's strongest proof now. In a writing transaction.
 * E_USAGE: no session. */
MUST_USE err session_strengthen(struct txn *t, str cookie);
int64_t session_strong_us(void); /* how long that counts for dangerous acts */
MUST_USE err session_close(struct txn *t, const viewer *v, str cookie, arena *a, str *ret_cookie);
/* What happened to a person's ways in: the person is the entry's subject, who acted its author. */
MUST_USE err person_entry(struct txn *t, int64_t person, int64_t author, ledger_type type);
/* The same where v acted on somebody else: the entry says when that was as a delegate. */
MUST_USE err person_entry_by(struct txn *t, int64_t person, const viewer *v, ledger_type type);

/* ---- passwords ---- */
enum { PASSWORD_MIN = 12, PASSWORD_MAX = 1024 };
/* Slow (tens of ms, bounded to two at a time): never on an HTTP or writer thread. E_INVALID when
 * too short, too long or of fewer than five different characters; E_BUSY when the queue for hashing
 * is full. */
MUST_USE err password_hash(arena *a, str password, str *ret);
MUST_USE err password_keep(struct txn *t, int64_t person, str hash);
/* Who has this mail and password: the person's row. Throttled by account and by address; the same
 * time and answer for a wrong password and an unknown mail. Errors: E_AUTH, E_FULL (throttled). */
MUST_USE err password_verify(const realm *r, str mail, str password, str peer, int64_t *ret_person);

/* The same for a person who is known already. */
MUST_USE err password_again(const realm *r, const viewer *v, str password, str peer);

/* ---- one-time links ---- */
typedef enum { LINK_SIGN_IN, LINK_INVITE, LINK_ACKNOWLEDGE, LINK_RETURN, LINK_CONTACTS } link_kind;
typedef struct {
    link_kind kind;
    int64_t person;  /* row; for acknowledge the recipient, whom the ledger names */
    int64_t subject; /* row of the delivery, or 0 */
    instant expires;
    bool used;
} link_facts;
/* Makes a link in t: ret_token goes into an address, `PUBLIC/l/TOKEN`; earlier unused sign-in and
 * invitation links of the person end. */
MUST_USE err link_make(struct txn *t, const realm *r, link_kind kind, int64_t person,
        int64_t subject, int64_t valid_us, str *ret_token);
/* Which realm a token belongs to (its prefix); NULL when none. */
realm *link_realm(realms *all, str token);
/* Looks without acting. E_ABSENT when unknown, ended or used. */
MUST_USE err link_peek(struct txn *t, str token, link_facts *ret);
/* Uses it, once: E_ABSENT as above. */
MUST_USE err link_take(struct txn *t, str token, link_facts *ret);

/* ---- start ---- */
/* How long nobody signed in until a person may not any more, but by a fresh invitation. */
void session_dormant(int64_t after_us);
void session_limits(int64_t idle_h, int64_t max_h, int64_t strong_min);

/* A person is erased (forget.c): every way in goes, but for keys, which are records. Writing. */
MUST_USE err auth_forget(struct txn *t, int64_t person);
