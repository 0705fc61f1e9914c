/* server_auth.c - who is who in the API's test server: the token is a name. "org7-ann" acts for
 * organisation 7; a name that begins with "admin" is the national admin. Stands in for access/auth.
 */
#include "server.h"
#include "access/auth/auth.h"
#include "base/time.h"
#include "gen/permissions.h"
#include "store/store.h"
#include <pthread.h>
#include <sodium.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char revoked[64][40];
static int n_revoked;
realm *test_realm;

void test_revoke(str name)
{
    pthread_mutex_lock(&lock);
    if (n_revoked < 64 && name.n < 40) memcpy(revoked[n_revoked++], name.p, name.n);
    pthread_mutex_unlock(&lock);
}

static bool is_revoked(str name)
{
    bool found = false;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < n_revoked; i++)
        found |= str_eq(str_of(revoked[i]), name);
    pthread_mutex_unlock(&lock);
    return found;
}

str auth_cookie_token(str cookie)
{
    str part;
    while (cookie.n && str_split(&cookie, ';', &part)) {
        part = str_trim(part);
        if (str_starts(part, S("t="))) return str_sub(part, 2, part.n);
    }
    return (str){ 0 };
}

realm *realms_live(realms *r)
{
    return test_realm;
}

/* Nobody here holds an act for a second person, and every proof is fresh. */
int64_t session_strong_us(void)
{
    return 600 * US_PER_S;
}

err viewer_of_person(struct txn *t, const realm *r, int64_t person, str how, viewer *ret)
{
    return ERR(E_AUTH, "error.api.sign_in");
}

static int64_t org_of(str name)
{
    int64_t org;
    ptrdiff_t dash = str_find_byte(name, '-');
    if (!str_starts(name, S("org")) || dash < 0) return 1;
    return str_to_i64(str_sub(name, 3, (size_t)dash - 3), &org) ? org : 1;
}

static void fill(viewer *v, str name)
{
    uint8_t h[16];
    crypto_generichash(h, sizeof h, (const uint8_t *)name.p, name.n, NULL, 0);
    *v = (viewer){ .roles = ROLE_READER | ROLE_ANALYST,
        .may_write = true,
        .org = org_of(name),
        .how = S("session") };
    memcpy(v->person_id.b, h, 16);
    v->person = 1 + h[0] + 256 * h[1] + 65536 * h[2];
    v->org_id.b[0] = (uint8_t)v->org;
    v->sight = (sight){ .org = v->org, .person = v->person };
    if (!str_starts(name, S("admin"))) return;
    v->roles |= ROLE_ADMIN;
    v->national = true;
    v->lang = LANG_UR;
}

err auth_resolve(realms *all, const auth_credentials *c, realm **ret_realm, viewer *ret)
{
    str name = c->bearer.n ? c->bearer : auth_cookie_token(c->cookie);
    if (c->local_uid >= 0) name = S("org1-local");
    *ret_realm = test_realm;
    *ret = (viewer){ .sight.nothing = true };
    if (name.n == 0) return OK;
    int64_t epoch = (int64_t)store_epoch(test_realm->store); /* before what is asked under it */
    if (is_revoked(name) || str_starts(name, S("bad"))) return ERR(E_AUTH, "error.api.sign_in");
    fill(ret, name);
    ret->epoch = epoch;
    return OK;
}
