/* key.c - routes of API keys: a machine acts for one person, to read or to write. The secret is in
 * the answer that made it and nowhere else. Reads inline, writes within the group's transaction. */
#include "access/auth/auth.h"
#include "access/auth/binding.h"
#include "access/auth/token.h"
#include "access/model.h"
#include "api/page.h"
#include "gen/access/auth/queries.h"
#include "gen/desk/office/queries.h"
#include "gen/records/api_key.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "base/time.h"
#include "store/store.h"
#include <sodium.h>

enum { KEY_DAYS = 90 };

static void put_binding(call *c, const key_binding *b)
{
    char hex[2 * BINDING_HASH + 1];
    if (b->kind == BOUND_TO_NOTHING) return;
    sodium_bin2hex(hex, sizeof hex, b->hash, sizeof b->hash);
    jw_kstr(&c->out, "certificate", str_of(hex));
    jw_kstr(&c->out, "binds", binding_name(b->kind));
}

static err put_mine(call *c, const api_key_mine_row *k)
{
    key_binding b;
    TRY(binding_of(c->t, k->_row, &b));
    jw_obj(&c->out);
    jw_kid(&c->out, "id", k->id);
    jw_kstr(&c->out, "name", k->name);
    jw_kstr(&c->out, "access", k->access);
    jw_ktime(&c->out, "expires", k->expires);
    jw_ktime(&c->out, "revoked", k->revoked);
    jw_ktime(&c->out, "created", k->created);
    if (k->scope.n) jw_kstr(&c->out, "scope", k->scope);
    put_binding(c, &b);
    jw_end_obj(&c->out);
    return OK;
}

/* Somebody else's: for an administrator who may see the person and the keys. */
static err list_person(call *c, const struct key_query *q, int64_t *ret)
{
    const person_handle *p;
    *ret = c->viewer.person;
    if (!q->has_person || id_eq(q->person, c->viewer.person_id)) return OK;
    if (!(c->viewer.roles & (ROLE_ADMIN | ROLE_ORG_ADMIN)))
        return err_at_pointer(ERR(E_DENIED, "error.office.key_of_other"), S("/person"));
    TRY(err_at_pointer(person_read(c->t, &c->viewer, (person_id){ q->person }, &p), S("/person")));
    *ret = p->row;
    return OK;
}

err h_key_list(call *c)
{
    api_key_mine_row *rows;
    size_t n;
    int64_t person;
    TRY(list_person(c, c->query, &person));
    TRY(api_key_mine(c->t, &c->viewer, &(api_key_mine_args){ .person = person }, c->a, &rows, &n));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        TRY(put_mine(c, &rows[i]));
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* Whose key it becomes: one's own, or, outside the live realm, any person an admin may see. */
static err key_person(call *c, const struct key_draft *b, int64_t *ret_person, int64_t *ret_org)
{
    const person_handle *p;
    *ret_person = c->viewer.person;
    *ret_org = c->viewer.org;
    if (!b->has_person || id_eq(b->person, c->viewer.person_id)) return OK;
    if (c->realm->kind == REALM_LIVE || !(c->viewer.roles & ROLE_ADMIN))
        return err_at_pointer(ERR(E_DENIED, "error.office.key_for_other"), S("/person"));
    TRY(person_read(c->t, &c->viewer, (person_id){ b->person }, &p));
    TRY(permit_roles(&c->viewer, p->now.org, (uint32_t)p->now.roles));
    *ret_person = p->row;
    *ret_org = p->now.org;
    return OK;
}

static void put_key(call *c, id128 id, const api_key_draft *d, const key_binding *b, str secret)
{
    jw_obj(&c->out);
    jw_kid(&c->out, "id", id);
    jw_kstr(&c->out, "name", d->name);
    jw_kstr(&c->out, "access", d->access);
    jw_ktime(&c->out, "expires", d->expires);
    put_binding(c, b);
    jw_kstr(&c->out, "secret", secret);
    jw_end_obj(&c->out);
}

/* What a key is limited to must be the maker's own. */
static err scope_check(const call *c, const struct key_draft *b)
{
    uint64_t bits;
    bool all = !b->has_scope || !b->scope.n;
    if (all && c->viewer.scoped)
        return err_at_pointer(ERR(E_DENIED, "error.access.more_than_own"), S("/scope"));
    if (all) return OK;
    TRY(err_at_pointer(scope_parse(b->scope, &bits), S("/scope")));
    return err_at_pointer(permit_scope(&c->viewer, bits), S("/scope"));
}

static err read_binding(const struct key_draft *b, key_binding *ret)
{
    *ret = (key_binding){ 0 };
    if (!b->has_certificate || !b->certificate.n) return OK;
    str binds = b->has_binds ? b->binds : binding_name(BOUND_TO_CERTIFICATE);
    return err_at_pointer(binding_parse(b->certificate, binds, ret), S("/certificate"));
}

err h_key_create(call *c)
{
    const struct key_draft *b = c->req;
    const api_key_handle *h;
    uint8_t hash[TOKEN_HASH];
    str secret = token_new(c->a, c->realm->name, hash);
    int64_t days = b->has_days ? b->days : KEY_DAYS;
    api_key_draft d = { .audience = LABEL_STRICT,
        .name = b->name,
        .secret_hash = { (const char *)hash, sizeof hash },
        .access = b->access,
        .expires = { clock_now(&clock_system).us + days * US_PER_DAY } };
    key_binding bound;
    TRY(key_person(c, b, &d.person, &d.owner));
    TRY(scope_check(c, b));
    TRY(read_binding(b, &bound));
    TRY(api_key_insert(c->t, &c->viewer, &d, LEDGER_api_key_created, &h));
    if (b->has_scope && b->scope.n)
        TRY(key_limit_add(c->t, &(key_limit_add_args){ .key = h->row, .scope = b->scope }, NULL));
    if (bound.kind != BOUND_TO_NOTHING) TRY(binding_keep(c->t, h->row, &bound));
    put_key(c, h->id.id, &d, &bound, secret);
    return OK;
}

/* A fresh secret; the earlier one is good for a day more, so that programs can be changed one by
 * one. The key lasts ninety days from now. */
err h_key_renew(call *c)
{
    const api_key_handle *h;
    api_key_id id;
    uint8_t hash[TOKEN_HASH];
    instant now = clock_now(&clock_system);
    TRY(call_id(c, &id.id));
    TRY(api_key_hold(c->t, &c->viewer, id, &h));
    if (h->now.person != c->viewer.person) return ERR(E_DENIED, "error.office.key_of_other");
    if (h->now.revoked.us || h->now.expires.us <= now.us)
        return ERR(E_CONFLICT, "error.office.key_over");
    str secret = token_new(c->a, c->realm->name, hash);
    api_key_draft d = h->now;
    key_binding bound;
    TRY(binding_of(c->t, h->row, &bound));
    TRY(key_before_end(c->t, &(key_before_end_args){ .key = h->row }, NULL));
    TRY(key_before_add(c->t,
            &(key_before_add_args){ .secret_hash = h->now.secret_hash,
                    .key = h->row,
                    .until = { now.us + US_PER_DAY } },
            NULL));
    d.secret_hash = (str){ (const char *)hash, sizeof hash };
    d.expires = (instant){ now.us + KEY_DAYS * US_PER_DAY };
    TRY(api_key_save(c->t, &c->viewer, h, &d, LEDGER_api_key_renewed));
    put_key(c, id.id, &d, &bound, secret);
    return OK;
}

err h_key_revoke(call *c)
{
    const api_key_handle *h;
    api_key_id id;
    TRY(call_id(c, &id.id));
    TRY(api_key_hold(c->t, &c->viewer, id, &h));
    if (h->now.person != c->viewer.person && !SEEDED(key_of_colleague) &&
            !(c->viewer.roles & (ROLE_ADMIN | ROLE_ORG_ADMIN)))
        return ERR(E_DENIED, "error.office.key_of_other");
    api_key_draft d = h->now;
    d.revoked = clock_now(&clock_system);
    TRY(api_key_save(c->t, &c->viewer, h, &d, LEDGER_api_key_revoked));
    jw_obj(&c->out);
    jw_end_obj(&c->out);
    return OK;
}
