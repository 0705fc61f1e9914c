/* session.c - routes of signing in and out, and who I am. Signing in is slow on purpose (Argon2id)
 * and runs in the pool; the rest reads inline or writes. */
#include "access/auth/auth.h"
#include "access/auth/factor.h"
#include "access/auth/passkey.h"
#include "access/model.h"
#include "api/app.h"
#include "desk/office/leave.h"
#include "desk/office/organisation.h"
#include "desk/office/person.h"
#include "desk/office/role_end.h"
#include "desk/office/session.h"
#include "gen/routes_handlers.h"
#include "ledger/ledger.h"
#include "store/store.h"

static const char *const realm_kinds[] = { "live", "demo", "exercise" };

static void put_permissions(jsonw *w, const viewer *v)
{
    jw_arr(w);
    for (int p = 0; p < PERMISSIONS; p++)
        if (!failed(permit_use(v, (permission)p))) jw_str(w, str_of(permission_rules[p].name));
    jw_end_arr(w);
}

static void put_realm(call *c)
{
    jsonw *w = &c->out;
    jw_key(w, S("realm"));
    jw_obj(w);
    jw_kstr(w, "name", str_of(c->realm->name));
    jw_kstr(w, "kind", str_of(realm_kinds[c->realm->kind]));
    jw_ktime(w, "now", clock_now(&c->realm->clock));
    jw_end_obj(w);
}

static err put_site(call *c, struct txn *t)
{
    const organisation_handle *o;
    jsonw *w = &c->out;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(organisation_read_row(t, &sys, c->realm->site_org, &o));
    jw_key(w, S("site"));
    jw_obj(w);
    jw_kraw(w, "name", o->now.name);
    jw_kstr(w, "time_zone", conf_str(c->app->conf, "site.time_zone"));
    jw_end_obj(w);
    return OK;
}

/* How many there are, and what this site asks while there are none. */
static err put_passkeys(jsonw *w, struct txn *t, const viewer *v)
{
    static const char *const wishes[] = { "off", "asked", "required" };
    size_t n;
    TRY(passkey_count(t, v->person, &n));
    jw_ki64(w, "passkeys", (int64_t)n);
    jw_kstr(w, "passkey_wanted", str_of(wishes[n ? PASSKEY_OFF : passkey_wanted(v)]));
    return OK;
}

err session_put(call *c, struct txn *t, const viewer *v)
{
    const person_handle *p;
    const organisation_handle *o;
    factor_kind factor;
    jsonw *w = &c->out;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(person_read_row(t, &sys, v->person, &p));
    TRY(organisation_read_row(t, &sys, v->org, &o));
    jw_obj(w);
    jw_key(w, S("person"));
    jw_obj(w);
    jw_kid(w, "id", p->id.id);
    jw_kstr(w, "name", p->now.name);
    jw_end_obj(w);
    organisation_ref_put(w, o);
    jw_key(w, S("roles"));
    person_roles_put(w, v->roles);
    jw_key(w, S("permissions"));
    put_permissions(w, v);
    jw_kbool(w, "national", v->national);
    jw_kstr(w, "lang", lang_code(v->lang));
    TRY(factor_of(t, v->person, &factor));
    jw_kstr(w, "factor", str_of(factor_name(factor)));
    TRY(put_passkeys(w, t, v));
    TRY(role_ends_put(c, t, v->person));
    TRY(leave_stands_put(c, t, v));
    jw_ki64(w, "keeps", (int64_t)permit_keeps(v));
    put_realm(c);
    TRY(put_site(c, t));
    jw_end_obj(w);
    return OK;
}

err h_session_read(call *c)
{
    return session_put(c, c->t, &c->viewer);
}

/* ---- in ---- */

typedef struct {
    const realm *realm;
    int64_t person;
    arena *a;
    str how, cookie;
} opening;

static err open_apply(txn *t, void *ctx)
{
    opening *o = ctx;
    return session_open(t, o->realm, o->person, o->how, o->a, &o->cookie);
}

/* Who the person is, and whether a code is wanted beside the password. */
static err look_up(call *c, int64_t person, viewer *ret, bool *ret_code)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    factor_kind factor;
    TRY(txn_read(c->realm->store, 0, &t));
    TRY(viewer_of_person(t, c->realm, person, S("session"), ret));
    TRY(factor_of(t, person, &factor));
    *ret_code = factor == FACTOR_TOTP;
    return OK;
}

static err enter(call *c, const struct sign_in *b, opening *o, viewer *ret)
{
    bool code;
    TRY(look_up(c, o->person, ret, &code));
    o->how = code ? S("totp") : S("password");
    if (!code) return store_write(c->realm->store, open_apply, o);
    if (!b->has_code) return ERR(E_AUTH, "error.access.code_wanted");
    return factor_guess(c->realm, o->person, ret->person_id, b->code, c->peer, open_apply, o);
}

err h_session_create(call *c)
{
    const struct sign_in *b = c->req;
    opening o = { .realm = c->realm, .a = c->a };
    viewer v;
    TRY(password_verify(c->realm, b->mail, b->password, c->peer, &o.person));
    TRY(enter(c, b, &o, &v));
    CLEANUP(txn_end_p) txn *t = NULL;
    TRY(txn_read(c->realm->store, 0, &t));
    c->set_cookie = o.cookie;
    return session_put(c, t, &v);
}

/* Whoever is this person on the machine may open a browser as the same one. */
err h_session_link(call *c)
{
    str token;
    if (!str_eq(c->viewer.how, S("local"))) return ERR(E_DENIED, "error.office.link_local");
    TRY(link_make(c->t, c->realm, LINK_SIGN_IN, c->viewer.person, 0, c->app->link_us, &token));
    jw_obj(&c->out);
    jw_kstr(&c->out, "link", person_link_address(c, token));
    jw_end_obj(&c->out);
    return OK;
}

/* ---- language, out ---- */

err h_session_lang(call *c)
{
    const struct set_lang *b = c->req;
    const person_handle *p;
    viewer sys;
    TRY(viewer_system(c->t, &sys));
    TRY(person_hold_row(c->t, &sys, c->viewer.person, &p));
    person_draft d = p->now;
    d.lang = b->lang;
    TRY(person_save(c->t, &sys, p, &d, LEDGER_person_changed));
    call_put_empty(c);
    return OK;
}

err h_session_end(call *c)
{
    TRY(session_close(c->t, &c->viewer, c->cookie, c->a, &c->set_cookie));
    call_put_empty(c);
    return OK;
}
