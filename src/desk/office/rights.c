/* rights.c - routes that say what rights come to: mine, and who can change them; and what a change
 * of somebody's roles, or a key, would let do. They read and change nothing. */
#include "access/allowed.h"
#include "api/app.h"
#include "desk/office/delegation.h"
#include "desk/office/person.h"
#include "gen/access/auth/queries.h"
#include "gen/desk/office/queries.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { LIST_MAX = 16 };

static void put_permissions(jsonw *w, const char *key, uint64_t bits)
{
    jw_key(w, str_of(key));
    jw_arr(w);
    for (int p = 0; p < PERMISSIONS; p++)
        if (bits >> p & 1) jw_str(w, str_of(permission_rules[p].name));
    jw_end_arr(w);
}

static void put_records(jsonw *w, const char *key, uint64_t bits)
{
    jw_key(w, str_of(key));
    jw_arr(w);
    for (int k = 0; k < RECORD_KINDS; k++)
        if (bits >> k & 1) jw_str(w, str_of(record_rules[k].name));
    jw_end_arr(w);
}

/* ---- mine ---- */

static void put_roles(call *c)
{
    jsonw *w = &c->out;
    jw_key(w, S("roles"));
    jw_arr(w);
    for (int b = 0; b < ROLES; b++) {
        if (!(c->viewer.roles >> b & 1)) continue;
        jw_obj(w);
        jw_kstr(w, "role", str_of(role_names[b]));
        put_permissions(w, "permissions", allowed_of(1u << b, c->viewer.national));
        jw_end_obj(w);
    }
    jw_end_arr(w);
}

static err put_keepers(call *c, const char *key, int64_t org, uint32_t roles)
{
    person_keepers_row *rows;
    size_t n;
    TRY(person_keepers(c->t, &c->viewer,
            &(person_keepers_args){ .org = org, .roles = roles, .limit = LIST_MAX }, c->a, &rows,
            &n));
    jw_key(&c->out, str_of(key));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++) {
        const person_handle *p;
        TRY(person_read_row(c->t, &c->viewer, rows[i].row, &p));
        if (!p->now.name.n) continue;
        jw_obj(&c->out);
        jw_kid(&c->out, "id", p->id.id);
        jw_kstr(&c->out, "name", p->now.name);
        jw_end_obj(&c->out);
    }
    jw_end_arr(&c->out);
    return OK;
}

static err put_groups(call *c)
{
    my_groups_row *g;
    size_t n;
    TRY(my_groups(c->t, &c->viewer, &(my_groups_args){ .org = c->viewer.org }, c->a, &g, &n));
    jw_key(&c->out, S("groups"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        my_groups_json(&c->out, &g[i]);
    jw_end_arr(&c->out);
    return OK;
}

static err put_ways(call *c)
{
    my_ways_row *r;
    instant now = clock_now(&clock_system);
    TRY(my_ways(
            c->t, &c->viewer, &(my_ways_args){ .person = c->viewer.person, .now = now }, c->a, &r));
    jw_ki64(&c->out, "sessions", r->sessions);
    jw_ki64(&c->out, "keys", r->keys);
    return OK;
}

static err put_desk(call *c)
{
    const organisation_handle *o;
    viewer sys;
    TRY(viewer_system(c->t, &sys));
    TRY(organisation_read_row(c->t, &sys, c->realm->site_org, &o));
    jw_key(&c->out, S("desk"));
    jw_obj(&c->out);
    jw_kraw(&c->out, "name", o->now.name);
    jw_kstr(&c->out, "mail", conf_str(c->app->conf, "mail.from"));
    jw_end_obj(&c->out);
    return OK;
}

err h_rights_read(call *c)
{
    const viewer *v = &c->viewer;
    jw_obj(&c->out);
    put_roles(c);
    put_permissions(&c->out, "permissions", allowed_now(v));
    put_records(&c->out, "records", allowed_records(v->roles, v->national));
    jw_kbool(&c->out, "national", v->national);
    jw_kbool(&c->out, "community", v->sight.community);
    jw_kstr(&c->out, "how", v->how);
    TRY(put_groups(c));
    TRY(put_ways(c));
    TRY(put_keepers(c, "keepers", v->org, ROLE_ORG_ADMIN | ROLE_ADMIN));
    TRY(put_desk(c));
    TRY(delegation_put(c, v->org));
    jw_end_obj(&c->out);
    return OK;
}

/* ---- before a change ---- */

/* Names parted by spaces; E_INVALID points at the parameter. */
static err roles_parse(str text, uint32_t *ret)
{
    uint32_t bits = 0;
    str part;
    while (str_split(&text, ' ', &part)) {
        uint32_t one = part.n ? person_roles_bits(&part, 1) : 0;
        if (part.n && !one)
            return err_at_pointer(ERR1(E_INVALID, "error.access.scope", part), S("/roles"));
        bits |= one;
    }
    *ret = bits;
    return OK;
}

static void put_change(call *c, const char *pair[2], uint64_t before, uint64_t after,
        void (*put)(jsonw *w, const char *key, uint64_t bits))
{
    put(&c->out, pair[0], after & ~before);
    put(&c->out, pair[1], before & ~after);
}

/* Refused where the change itself would be, and for the same reason. */
err h_person_preview(call *c)
{
    const struct roles_query *q = c->query;
    const person_handle *p;
    person_id id;
    uint32_t roles = 0, had;
    TRY(call_id(c, &id.id));
    TRY(person_read(c->t, &c->viewer, id, &p));
    TRY(roles_parse(q->roles, &roles));
    had = (uint32_t)p->now.roles;
    TRY(permit_write(&c->viewer, RECORD_person, p->owner, p->now.org));
    if (!permit_delegated(&c->viewer, p->now.org) &&
            !model_sees(&c->viewer, p->audience, p->owner, p->author))
        return ERR1(E_DENIED, "error.access.glass_reads", S("person"));
    TRY(permit_roles(&c->viewer, p->now.org, had));
    TRY(permit_roles(&c->viewer, p->now.org, roles));
    bool national = p->now.org == c->realm->site_org;
    const char *able[] = { "gains", "loses" }, *records[] = { "records_gained", "records_lost" };
    jw_obj(&c->out);
    put_change(c, able, allowed_of(had, national), allowed_of(roles, national), put_permissions);
    put_change(c, records, allowed_records(had, national), allowed_records(roles, national),
            put_records);
    jw_end_obj(&c->out);
    return OK;
}

/* What a key of mine, made so, could do, and what of mine it could not. */
err h_key_preview(call *c)
{
    const struct key_preview_query *q = c->query;
    viewer v = c->viewer;
    uint64_t mine = allowed_now(&v), bits;
    if (q->scope.n) {
        TRY(err_at_pointer(scope_parse(q->scope, &bits), S("/scope")));
        TRY(err_at_pointer(permit_scope(&c->viewer, bits), S("/scope")));
        v.scoped = true;
        v.scope = bits;
    }
    v.may_write = v.may_write && str_eq(q->access, S("write"));
    bits = allowed_now(&v);
    jw_obj(&c->out);
    put_permissions(&c->out, "may", bits);
    put_permissions(&c->out, "may_not", mine & ~bits);
    put_records(&c->out, "records", v.may_write ? allowed_records(v.roles, v.national) : 0);
    jw_end_obj(&c->out);
    return OK;
}
