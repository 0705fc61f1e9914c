/* realm.c - routes of realms: a demonstration beside the live one, with its own store, history,
 * ledger and clock. Made and removed in the pool, never on the writer. */
#include "access/realm.h"
#include "access/auth/auth.h"
#include "access/auth/token.h"
#include "access/site.h"
#include "api/app.h"
#include "api/serve.h"
#include "base/texts.h"
#include "desk/office/person.h"
#include "gen/records/api_key.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { KEY_DAYS = 30 };
static const char *const kinds[] = { "live", "demo", "exercise" };

static void put_members(jsonw *w, const realm *r)
{
    jw_kstr(w, "name", str_of(r->name));
    jw_kstr(w, "kind", str_of(kinds[r->kind]));
    jw_ktime(w, "now", clock_now(&r->clock));
}

/* How far a demonstration is that is being filled now. */
static void put_filling(call *c, const realm *r)
{
    int percent = r->kind == REALM_DEMO && c->app->demo_percent ? c->app->demo_percent(c->app) : -1;
    jw_key(&c->out, S("filling"));
    if (percent >= 0)
        jw_i64(&c->out, percent);
    else
        jw_null(&c->out);
}

err h_realm_list(call *c)
{
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < realms_count(c->app->realms); i++) {
        const realm *r = realms_at(c->app->realms, i);
        if (!r) continue;
        jw_obj(&c->out);
        put_members(&c->out, r);
        put_filling(c, r);
        jw_end_obj(&c->out);
    }
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- making ---- */

/* The maker's own entry, read where he stands, to be copied into the new realm. */
static err maker(call *c, site_draft *d)
{
    const person_handle *p;
    const organisation_handle *o;
    viewer sys;
    TRY(viewer_system(c->t, &sys));
    TRY(person_read_row(c->t, &sys, c->viewer.person, &p));
    TRY(organisation_read_row(c->t, &sys, c->realm->site_org, &o));
    *d = (site_draft){ .key = o->now.key,
        .name_en = texts_only(c->a, o->now.name, LANG_EN),
        .name_ur = texts_only(c->a, o->now.name, LANG_UR),
        .person_name = str_copy(c->a, p->now.name),
        .mail = str_copy(c->a, p->now.mail),
        .lang = str_copy(c->a, p->now.lang),
        .uid = c->local_uid };
    return OK;
}

typedef struct {
    call *c;
    const realm *r;
    int64_t person;
    str key, link;
} entering;

static err enter_apply(txn *t, void *ctx)
{
    entering *x = ctx;
    viewer v;
    const api_key_handle *h;
    uint8_t hash[TOKEN_HASH];
    str token;
    TRY(viewer_of_person(t, x->r, x->person, S("session"), &v));
    x->key = token_new(x->c->a, x->r->name, hash);
    api_key_draft d = { .owner = v.org,
        .audience = LABEL_STRICT,
        .name = S("realm"),
        .person = x->person,
        .secret_hash = { (const char *)hash, sizeof hash },
        .access = S("write"),
        .expires = { clock_now(&clock_system).us + KEY_DAYS * US_PER_DAY } };
    TRY(api_key_insert(t, &v, &d, LEDGER_api_key_created, &h));
    TRY(link_make(t, x->r, LINK_SIGN_IN, x->person, 0, x->c->app->link_us, &token));
    x->link = person_link_address(x->c, token);
    return OK;
}

static err note_realm(call *c, ledger_type type, str name);

/* Rights end at the realm they are held in: only the live one's administrators see to others. */
static err of_live(const call *c)
{
    return c->realm->kind == REALM_LIVE ? OK : ERR(E_DENIED, "error.realm.from_live");
}

err h_realm_create(call *c)
{
    const struct realm_draft *b = c->req;
    site_draft d;
    entering x = { .c = c };
    realm *r;
    TRY(of_live(c));
    TRY(maker(c, &d));
    bool fill = b->has_fill && b->fill;
    if (fill && !c->app->demo_fill) return ERR(E_CONFLICT, "error.realm.fill_alone");
    if (fill && !str_eq(b->name, S("demo"))) return ERR(E_INVALID, "error.realm.fill_name");
    if (fill && b->has_now) return ERR(E_INVALID, "error.realm.fill_now");
    instant now = b->has_now ? b->now : clock_now(&clock_system);
    if (fill) now.us -= DEMO_REGISTRY_DAYS * US_PER_DAY;
    TRY(realms_make(c->app->realms, b->name, REALM_DEMO, now, &r));
    TRY(site_found(r, &d, &x.person));
    TRY(c->app->realm_start(c->app, r));
    x.r = r;
    TRY(store_write(r->store, enter_apply, &x));
    TRY(note_realm(c, LEDGER_realm_created, b->name));
    if (fill) TRY(c->app->demo_fill(c->app, x.key));
    jw_obj(&c->out);
    put_members(&c->out, r);
    jw_kstr(&c->out, "key", x.key);
    jw_kstr(&c->out, "link", x.link);
    put_filling(c, r);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- in the live ledger ---- */

typedef struct {
    call *c;
    ledger_type type;
    str more;
} noting;

static err note_apply(txn *t, void *ctx)
{
    noting *x = ctx;
    return ledger_append(t, &(ledger_draft){ .type = x->type,
                                    .owner = x->c->realm->site_org,
                                    .audience = LABEL_STRICT,
                                    .author = x->c->viewer.person,
                                    .more = x->more });
}

static err note_realm(call *c, ledger_type type, str name)
{
    jsonw w = jsonw_new(c->a, 64);
    jw_obj(&w);
    jw_kstr(&w, "realm", name);
    jw_end_obj(&w);
    noting x = { c, type, jsonw_done(&w) };
    return store_write(c->realm->store, note_apply, &x);
}

/* ---- removing, and the clock ---- */

err h_realm_remove(call *c)
{
    realm *r = realms_find(c->app->realms, c->path_id);
    if (!r) return ERR1(E_ABSENT, "error.access.realm", c->path_id);
    if (r->kind == REALM_LIVE) return ERR(E_DENIED, "error.realm.live");
    if (r != c->realm) TRY(of_live(c));
    call_release(c);
    if (r->kind == REALM_DEMO && c->app->demo_end) c->app->demo_end(c->app);
    if (c->app->api) api_forget(c->app->api, r);
    c->app->realm_stop(c->app, r);
    str name = str_copy(c->a, c->path_id);
    TRY(realms_remove(c->app->realms, name));
    if (c->realm != r) TRY(note_realm(c, LEDGER_realm_removed, name));
    jw_obj(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

err h_realm_clock(call *c)
{
    const struct realm_clock *b = c->req;
    TRY(realm_set_clock(c->app->realms, c->realm, b->now, b->has_frozen && b->frozen));
    jw_obj(&c->out);
    jw_ktime(&c->out, "now", clock_now(&c->realm->clock));
    jw_kbool(&c->out, "frozen", b->has_frozen && b->frozen);
    jw_end_obj(&c->out);
    return OK;
}
