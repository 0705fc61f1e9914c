/* credentials.c - who asks: takes the credentials out of a request, and refuses those that another
 * site's page may have sent. Owns nothing; any thread. */
#include "api/export.h"
#include "api/walk.h"

static auth_credentials credentials_of(const api_request *q)
{
    auth_credentials c = { .realm = q->realm,
        .local_uid = q->local_uid,
        .cert_hash = q->cert_hash,
        .cert_key_hash = q->cert_key_hash };
    if (q->local_uid < 0) c.realm = (str){ 0 };
    if (str_starts(q->authorization, S("Bearer ")))
        c.bearer = str_trim(str_sub(q->authorization, 7, q->authorization.n));
    else
        c.cookie = q->cookie;
    return c;
}

/* "https://host" or, without TLS of our own, also "http://host" (a proxy may have ended it). */
static bool same_origin(const api_request *q)
{
    str o = q->origin;
    if (str_starts(o, S("https://"))) return str_eq_nocase(str_sub(o, 8, o.n), q->host);
    return !q->tls && str_starts(o, S("http://")) && str_eq_nocase(str_sub(o, 7, o.n), q->host);
}

/* A browser says where an unsafe request comes from, and one for a file that the ledger will tell
 * of; what it says must be this site. A cookie
 * without any such word is refused; a program without cookies need not say anything. */
static bool from_elsewhere(const walk *w)
{
    const api_request *q = &w->q;
    if ((!w->unsafe && !export_wanted(w->c.a, w->c.route, q->query)) || q->local_uid >= 0 ||
            q->authorization.n)
        return false;
    if (q->sec_fetch_site.n) return !str_eq(q->sec_fetch_site, S("same-origin"));
    if (q->origin.n) return !same_origin(q);
    return auth_cookie_token(q->cookie).n > 0;
}

err credentials_again(const walk *w, realm **ret_realm, viewer *ret)
{
    auth_credentials c = credentials_of(&w->q);
    return auth_resolve(w->api->app->realms, &c, ret_realm, ret);
}

err credentials_resolve(walk *w)
{
    call *c = &w->c;
    if (from_elsewhere(w)) return ERR(E_DENIED, "error.api.elsewhere");
    err e = credentials_again(w, &c->realm, &c->viewer);
    if (failed(e) && c->route->is_public && err_code_of(e) == E_AUTH) {
        c->viewer = (viewer){ 0 };
        c->realm = realms_live(w->api->app->realms);
        return OK;
    }
    TRY(e);
    if (!c->route->is_public && c->viewer.person == 0) return ERR(E_AUTH, "error.api.sign_in");
    return OK;
}
