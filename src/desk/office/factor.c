/* factor.c - routes of the second factor, and of showing again who one is before a dangerous act.
 * Proofs are slow or guessed at and run in the pool; the rest writes. */
#include "access/auth/factor.h"
#include "access/auth/auth.h"
#include "access/model.h"
#include "api/app.h"
#include "desk/office/passkey.h"
#include "desk/office/person.h"
#include "desk/office/session.h"
#include "desk/office/tell.h"
#include "gen/access/auth/queries.h"
#include "gen/records/api_key.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "ledger/ledger.h"
#include "net/fetch.h"
#include "store/store.h"

#define RETURN_US                                                                                  \
    (60 * 60 * US_PER_S) /* the link that lets somebody back in: read out, used, over */

/* otpauth://totp/Minar%20KEY:MAIL?secret=..&issuer=Minar%20KEY, as authenticators read it. */
static err put_address(call *c, str secret)
{
    viewer sys;
    const person_handle *p;
    const organisation_handle *o;
    buf b = buf_new(c->a, 256), issuer = buf_new(c->a, 64);
    TRY(viewer_system(c->t, &sys));
    TRY(person_read_row(c->t, &sys, c->viewer.person, &p));
    TRY(organisation_read_row(c->t, &sys, c->realm->site_org, &o));
    web_url_escape(&issuer, str_fmt(c->a, "Minar %.*s", STR_ARG(o->now.key)));
    buf_fmt(&b, "otpauth://totp/%.*s:", STR_ARG(buf_str(&issuer)));
    web_url_escape(&b, p->now.mail);
    buf_fmt(&b, "?secret=%.*s&issuer=%.*s", STR_ARG(secret), STR_ARG(buf_str(&issuer)));
    jw_obj(&c->out);
    jw_kstr(&c->out, "secret", secret);
    jw_kstr(&c->out, "uri", buf_str(&b));
    jw_end_obj(&c->out);
    return OK;
}

err h_factor_begin(call *c)
{
    str secret;
    TRY(factor_begin(c->t, c->viewer.person, c->viewer.person_id, &secret));
    return put_address(c, secret);
}

err h_factor_confirm(call *c)
{
    const struct factor_code *b = c->req;
    TRY(factor_confirm(c->t, c->viewer.person, c->viewer.person_id, b->code));
    if (str_eq(c->viewer.how, S("session"))) TRY(session_strengthen(c->t, c->cookie));
    txn_raise_epoch(c->t);
    TRY(person_entry(c->t, c->viewer.person, c->viewer.person, LEDGER_person_factor_added));
    call_put_empty(c);
    return OK;
}

err h_factor_remove(call *c)
{
    TRY(factor_remove(c->t, c->viewer.person));
    txn_raise_epoch(c->t);
    TRY(person_entry(c->t, c->viewer.person, c->viewer.person, LEDGER_person_factor_removed));
    call_put_empty(c);
    return OK;
}

/* Authenticator and passkeys; E_ABSENT when there is neither. */
static err remove_all(txn *t, int64_t person)
{
    int64_t passkeys;
    TRY(passkey_remove_all(t, person, &passkeys));
    err e = factor_remove(t, person);
    return passkeys && err_code_of(e) == E_ABSENT ? OK : e;
}

err person_shut_out(call *c, int64_t person)
{
    person_live_keys_row *rows;
    size_t n;
    viewer sys;
    TRY(viewer_system(c->t, &sys));
    TRY(session_remove_person(c->t, &(session_remove_person_args){ .person = person }, NULL));
    TRY(password_drop(c->t, &(password_drop_args){ .person = person }, NULL));
    TRY(person_live_keys(c->t, &(person_live_keys_args){ .person = person }, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        const api_key_handle *k;
        TRY(api_key_hold_row(c->t, &sys, rows[i].row, &k));
        api_key_draft d = k->now;
        d.revoked = clock_now(&clock_system);
        TRY(api_key_save(c->t, &sys, k, &d, LEDGER_api_key_revoked));
    }
    return OK;
}

/* The link is in the answer to whoever let it happen, and nowhere else: not in the mails, which the
 * lost phone may show. */
static err give_way_back(call *c, const person_handle *p)
{
    str token;
    TRY(link_make(c->t, c->realm, LINK_RETURN, p->row, 0, RETURN_US, &token));
    jw_obj(&c->out);
    jw_kstr(&c->out, "link", person_link_address(c, token));
    jw_ktime(&c->out, "expires", (instant){ txn_now(c->t).us + RETURN_US });
    jw_end_obj(&c->out);
    return OK;
}

/* Of somebody who lost them: asked for by one, let happen by another, neither being that person. */
err h_person_factor_end(call *c)
{
    const person_handle *p;
    person_id id;
    TRY(call_id(c, &id.id));
    TRY(person_hold(c->t, &c->viewer, id, &p));
    TRY(permit_roles(&c->viewer, p->now.org, (uint32_t)p->now.roles));
    if (p->row == c->viewer.person) return ERR(E_DENIED, "error.office.own_factor");
    TRY(remove_all(c->t, p->row));
    TRY(person_shut_out(c, p->row));
    txn_raise_epoch(c->t);
    TRY(person_entry_by(c->t, p->row, &c->viewer, LEDGER_person_factor_ended));
    TRY(tell_return(c->t, c->app, c->realm, p, false));
    return give_way_back(c, p);
}

/* ---- showing again ---- */

static err strengthen(txn *t, void *ctx)
{
    return session_strengthen(t, ((call *)ctx)->cookie);
}

static err prove(call *c, const struct proof *b)
{
    switch (c->viewer.proof) {
    case PROOF_PASSKEY:
        if (!b->passkey) return ERR(E_INVALID, "error.access.proof_missing");
        return passkey_prove(c, b->passkey, strengthen, c);
    case PROOF_TOTP:
        if (!b->has_code) return ERR(E_INVALID, "error.access.proof_missing");
        return factor_guess(
                c->realm, c->viewer.person, c->viewer.person_id, b->code, c->peer, strengthen, c);
    case PROOF_PASSWORD:
        if (!b->has_password) return ERR(E_INVALID, "error.access.proof_missing");
        TRY(password_again(c->realm, &c->viewer, b->password, c->peer));
        return store_write(c->realm->store, strengthen, c);
    case PROOF_OIDC: /* shown to the identity provider: identity_prove */
    case PROOF_LINK:
        break;
    }
    return ERR(E_CONFLICT, "error.access.no_proof"); /* neither a password nor an authenticator */
}

/* A wrong proof is 422 at its field, not 401: the session goes on. */
static err wrong(const struct proof *b, err e)
{
    if (err_code_of(e) != E_AUTH) return e;
    if (b->passkey) return err_at_pointer(ERR(E_INVALID, e.f->key), S("/passkey"));
    if (b->has_code) return err_at_pointer(ERR(E_INVALID, "error.access.code"), S("/code"));
    return err_at_pointer(ERR(E_INVALID, "error.access.password_wrong"), S("/password"));
}

err h_session_prove(call *c)
{
    const struct proof *b = c->req;
    if (!str_eq(c->viewer.how, S("session"))) return ERR(E_USAGE, "error.access.no_session");
    TRY(wrong(b, prove(c, b)));
    CLEANUP(txn_end_p) txn *t = NULL;
    TRY(txn_read(c->realm->store, 0, &t));
    return session_put(c, t, &c->viewer);
}
