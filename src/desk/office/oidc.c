/* oidc.c - routes of signing in by the identity provider: is there one, going there, coming back,
 * and ending the link. Going and coming ask the provider and run in the pool. */
#include "access/auth/oidc.h"
#include "api/app.h"
#include "gen/routes_handlers.h"
#include "ledger/ledger.h"
#include "store/store.h"

err h_oidc_offer(call *c)
{
    bool linked = false;
    if (c->viewer.person && oidc_on()) TRY(identity_of(c->t, c->viewer.person, &linked));
    jw_obj(&c->out);
    if (oidc_on()) jw_kstr(&c->out, "name", oidc_name());
    jw_kbool(&c->out, "linked", linked);
    jw_end_obj(&c->out);
    return OK;
}

static str redirect(const call *c)
{
    return str_cat(c->a, c->app->public_url, S("/oidc/callback"));
}

static err go(call *c, oidc_purpose purpose, int64_t person)
{
    str address;
    oidc_going g = {
        .purpose = purpose, .person = person, .cookie = c->cookie, .redirect = redirect(c)
    };
    if (!oidc_on()) return ERR(E_ABSENT, "error.access.oidc_none");
    if (c->realm->kind != REALM_LIVE) return ERR(E_DENIED, "error.access.oidc_live");
    call_release(c);
    TRY(oidc_go(c->realm, c->a, &g, &address, &c->set_cookie));
    jw_obj(&c->out);
    jw_kstr(&c->out, "location", address);
    jw_end_obj(&c->out);
    return OK;
}

err h_oidc_sign_in(call *c)
{
    return go(c, OIDC_SIGN_IN, 0);
}

err h_identity_begin(call *c)
{
    if (!str_eq(c->viewer.how, S("session"))) return ERR(E_USAGE, "error.access.no_session");
    return go(c, OIDC_LINK, c->viewer.person);
}

err h_identity_prove(call *c)
{
    if (!oidc_on()) return ERR(E_ABSENT, "error.access.oidc_none");
    if (!str_eq(c->viewer.how, S("session"))) return ERR(E_USAGE, "error.access.no_session");
    return go(c, OIDC_PROVE, c->viewer.person);
}

/* Goes on to a place of ours that is fixed: nothing that the browser brings says where. */
err h_oidc_back(call *c)
{
    const struct oidc_answer *q = c->query;
    oidc_outcome done;
    realm *r = realms_live(c->app->realms);
    oidc_coming k = { .state = q->has_state ? q->state : S(""),
        .code = q->has_code ? q->code : S(""),
        .iss = q->has_iss ? q->iss : S(""),
        .error = q->has_error ? q->error : S(""),
        .cookie = c->cookie,
        .redirect = redirect(c),
        .peer = c->peer };
    if (!oidc_on()) return ERR(E_ABSENT, "error.access.oidc_none");
    call_release(c);
    TRY(oidc_come(r, c->a, &k, &done));
    c->set_cookie = done.session_cookie;
    c->status = 303;
    c->location = done.purpose == OIDC_LINK ? S("/keys") : S("/");
    c->html = S("");
    return OK;
}

err h_identity_end(call *c)
{
    TRY(identity_end(c->t, c->viewer.person));
    txn_raise_epoch(c->t);
    TRY(person_entry(c->t, c->viewer.person, c->viewer.person, LEDGER_person_identity_unlinked));
    call_put_empty(c);
    return OK;
}
