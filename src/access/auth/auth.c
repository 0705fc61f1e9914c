/* auth.c - from what a request shows to who asks. Any thread; reads with a transaction of its own
 * when the cache does not know. */
#include "access/auth/auth.h"
#include "access/auth/cache.h"
#include "access/auth/passkey.h"
#include "access/auth/session.h"
#include "access/auth/token.h"
#include "access/audience.h"
#include "access/leave.h"
#include "access/role_end.h"
#include "access/model.h"
#include "base/log.h"
#include "base/seeded.h"
#include "base/time.h"
#include "gen/access/auth/queries.h"
#include "store/store.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

static _Atomic bool machines_need_certificate;

void auth_machines_need_certificate(bool need)
{
    machines_need_certificate = need;
}

enum { TOUCH_S = 300, TOUCH_KEY_S = 3600, CACHE_S = 600 };

/* What was shown, parsed. */
typedef struct {
    enum { BY_NOTHING, BY_KEY, BY_SESSION, BY_LOCAL } by;
    realm *realm;
    uint8_t hash[TOKEN_HASH];
    int64_t uid;
} shown;

static err viewer_fill(
        struct txn *t, const realm *r, const viewer_find_row *p, str how, viewer *ret)
{
    viewer v = { .roles = (uint32_t)p->roles,
        .national = p->org == r->site_org,
        .may_write = true,
        .person = p->person,
        .org = p->org,
        .person_id = p->person_id,
        .org_id = p->org_id,
        .how = how };
    if (!lang_parse(p->lang, &v.lang)) v.lang = LANG_EN;
    TRY(sight_load(
            t, p->person, p->org, p->has_provider ? p->provider : 0, p->community, &v.sight));
    v.sight.now = txn_now(t);
    TRY(role_ends_of(t, p->person, v.role_until));
    *ret = v;
    bool machine = str_eq(how, S("key")) && !SEEDED(key_stands_in);
    return machine ? OK : leave_load(t, ret); /* a machine stands in for nobody */
}

static err viewer_active(
        struct txn *t, const realm *r, const viewer_find_row *p, str how, viewer *ret)
{
    if (!str_eq(p->state, S("active")) && !(SEEDED(disabled_by_key) && str_eq(how, S("key"))))
        return ERR(E_AUTH, "error.access.disabled");
    return viewer_fill(t, r, p, how, ret);
}

static err viewer_whole(struct txn *t, const realm *r, int64_t person, str how, viewer *ret)
{
    viewer_find_row *p;
    err e = viewer_find(t, &(viewer_find_args){ .person = person }, txn_arena(t), &p);
    if (err_code_of(e) == E_ABSENT) return ERR(E_AUTH, "error.access.unknown");
    TRY(e);
    return viewer_active(t, r, p, how, ret);
}

err viewer_of_person(struct txn *t, const realm *r, int64_t person, str how, viewer *ret)
{
    TRY(viewer_whole(t, r, person, how, ret));
    viewer_roles_now(ret);
    return OK;
}

static err ended(err e)
{
    return err_code_of(e) == E_ABSENT ? ERR(E_AUTH, "error.access.ended") : e;
}

static err by_key(struct txn *t, shown *s, cache_entry *c)
{
    api_key_find_row *k;
    instant now = clock_now(&clock_system);
    TRY(ended(api_key_find(t,
            &(api_key_find_args){
                    .secret_hash = { (const char *)s->hash, TOKEN_HASH }, .now = now },
            txn_arena(t), &k)));
    const viewer_find_row p = { .person = k->person,
        .person_id = k->person_id,
        .lang = k->lang,
        .roles = k->roles,
        .state = k->state,
        .org = k->org,
        .org_id = k->org_id,
        .provider = k->provider,
        .has_provider = k->has_provider,
        .community = k->community };
    TRY(viewer_active(t, s->realm, &p, S("key"), &c->viewer));
    c->binding = binding_from(k->binds, k->hash);
    c->key_row = k->key;
    c->touched = k->used;
    c->viewer.may_write = str_eq(k->access, S("write")) || SEEDED(read_key_writes);
    c->viewer.scoped = k->scope.n > 0;
    if (c->viewer.scoped) TRY(scope_parse(k->scope, &c->viewer.scope));
    c->until = (instant){ now.us + CACHE_S * US_PER_S };
    if (k->expires.us < c->until.us) c->until = k->expires;
    if (k->until.us && k->until.us < c->until.us) c->until = k->until;
    return OK;
}

static err by_session(struct txn *t, shown *s, cache_entry *c)
{
    session_find_row *f;
    instant now = clock_now(&clock_system);
    TRY(ended(session_find(t,
            &(session_find_args){ .token_hash = { (const char *)s->hash, TOKEN_HASH }, .now = now },
            txn_arena(t), &f)));
    TRY(viewer_whole(t, s->realm, f->person, S("session"), &c->viewer));
    c->viewer.proof = f->passkey    ? PROOF_PASSKEY
                      : f->totp     ? PROOF_TOTP
                      : f->password ? PROOF_PASSWORD
                      : f->identity ? PROOF_OIDC
                                    : PROOF_LINK;
    c->viewer.strong = f->strong;
    c->viewer.enrol = !f->passkey && passkey_wanted(&c->viewer) == PASSKEY_REQUIRED;
    c->until = f->expires;
    c->touched = f->used;
    return OK;
}

static err by_local(struct txn *t, shown *s, cache_entry *c)
{
    local_user_find_row *l;
    err e = local_user_find(t, &(local_user_find_args){ .uid = s->uid }, txn_arena(t), &l);
    if (err_code_of(e) == E_ABSENT) return ERR(E_AUTH, "error.access.local_unknown");
    TRY(e);
    TRY(viewer_whole(t, s->realm, l->person, S("local"), &c->viewer));
    c->until = (instant){ clock_now(&clock_system).us + CACHE_S * US_PER_S };
    return OK;
}

static err look_up(shown *s, cache_entry *c)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    c->epoch = access_epoch(s->realm->store);
    c->realm = s->realm;
    memcpy(c->key, s->hash, TOKEN_HASH);
    TRY(txn_read(s->realm->store, 0, &t));
    switch (s->by) {
    case BY_KEY:
        return by_key(t, s, c);
    case BY_SESSION:
        return by_session(t, s, c);
    case BY_LOCAL:
        return by_local(t, s, c);
    case BY_NOTHING:
        break;
    }
    return ERR(E_AUTH, "error.access.unknown");
}

/* ---- telling the store that a session or a key is in use ---- */

typedef struct {
    write_job job;
    uint8_t hash[TOKEN_HASH];
    int64_t key;
    instant used;
} touch;

static err touch_apply(txn *t, void *ctx)
{
    touch *x = ctx;
    if (x->key) return key_used_set(t, &(key_used_set_args){ .key = x->key, .at = x->used }, NULL);
    return session_touch(t,
            &(session_touch_args){ .token_hash = { (const char *)x->hash, TOKEN_HASH },
                    .used = x->used,
                    .by_idle = session_idle_end(x->used),
                    .max_us = session_max_us() },
            NULL);
}

static void touch_done(void *ctx, err result)
{
    if (failed(result)) log_err("session.touch", result);
    free(ctx);
}

static void touch_store(cache_entry *c, instant now)
{
    touch *x = calloc(1, sizeof *x);
    ASSERT(x);
    memcpy(x->hash, c->key, TOKEN_HASH);
    x->key = c->key_row;
    x->used = now;
    x->job = (write_job){ .apply = touch_apply, .done = touch_done, .ctx = x };
    if (failed(store_submit(c->realm->store, &x->job))) {
        free(x);
        return;
    }
    c->touched = now;
    cache_put(c);
}

/* ---- resolving ---- */

/* Under this epoch, and no emergency's grant or delegation among its rights has ended. */
static bool is_known(shown *s, instant now, cache_entry *e)
{
    if (!cache_get(s->hash, access_epoch(s->realm->store), now, e)) return false;
    return !sight_over(&e->viewer.sight, clock_now(&e->realm->clock));
}

static err parse_shown(realms *all, const auth_credentials *c, shown *s)
{
    str token = auth_cookie_token(c->cookie);
    if (c->bearer.n || token.n) {
        s->by = c->bearer.n ? BY_KEY : BY_SESSION;
        s->realm = token_parse(all, c->bearer.n ? c->bearer : token, s->hash);
        return s->realm ? OK : ERR(E_AUTH, "error.access.ended");
    }
    if (c->local_uid < 0) return OK;
    s->by = BY_LOCAL;
    s->uid = c->local_uid;
    s->realm = c->realm.n ? realms_find(all, c->realm) : realms_live(all);
    if (!s->realm) return ERR1(E_ABSENT, "error.access.realm", c->realm);
    char text[64];
    int n = snprintf(text, sizeof text, "local %lld %s", (long long)s->uid, s->realm->name);
    crypto_hash_sha256(s->hash, (const uint8_t *)text, (unsigned long long)n);
    return OK;
}

/* A key that is used without its certificate is unknown, in the very words of a wrong one. The
 * socket of this machine knows no certificates: there, only a key that wants one is refused. */
static err key_fits(const cache_entry *e, const auth_credentials *c)
{
    bool unbound = e->binding.kind == BOUND_TO_NOTHING;
    if (unbound && (c->local_uid >= 0 || !machines_need_certificate)) return OK;
    if (!unbound && binding_fits(&e->binding, c->cert_hash, c->cert_key_hash)) return OK;
    return ERR(E_AUTH, "error.access.ended");
}

err auth_resolve(realms *all, const auth_credentials *c, realm **ret_realm, viewer *ret)
{
    shown s = { .by = BY_NOTHING };
    cache_entry e = { 0 };
    instant now = clock_now(&clock_system);
    TRY(parse_shown(all, c, &s));
    if (s.by == BY_NOTHING) {
        *ret_realm = realms_live(all);
        *ret = (viewer){ .sight = { .nothing = true }, .lang = LANG_EN, .how = S("nobody") };
        return OK;
    }
    if (!is_known(&s, now, &e)) {
        TRY(look_up(&s, &e));
        cache_put(&e);
    }
    if (s.by == BY_KEY) TRY(key_fits(&e, c));
    int64_t every_s = s.by == BY_SESSION ? TOUCH_S : s.by == BY_KEY ? TOUCH_KEY_S : INT32_MAX;
    if (now.us - e.touched.us > every_s * US_PER_S && s.by != BY_LOCAL) touch_store(&e, now);
    e.viewer.sight.now = clock_now(&e.realm->clock);
    e.viewer.epoch = e.epoch;
    *ret_realm = e.realm;
    *ret = e.viewer;
    viewer_roles_now(ret); /* the cache keeps what was given, its time is asked each time */
    return OK;
}
