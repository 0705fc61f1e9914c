/* key.c - routes of API keys: a machine acts for one person, to read or to write. The secret is in
 * the answer that made it and nowhere else. Reads inline, writes within the group's transaction. */
#include "access/auth/auth.h"
#include "access/auth/token.h"
#include "api/page.h"
#include "gen/desk/office/queries.h"
#include "gen/records/api_key.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "base/time.h"
#include "store/store.h"

enum { KEY_DAYS = 90 };

err h_key_list(call *c)
{
    api_key_mine_row *rows;
    size_t n;
    TRY(api_key_mine(
            c->t, &c->viewer, &(api_key_mine_args){ .person = c->viewer.person }, c->a, &rows, &n));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        api_key_mine_json(&c->out, &rows[i]);
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
    TRY(key_person(c, b, &d.person, &d.owner));
    TRY(api_key_insert(c->t, &c->viewer, &d, LEDGER_api_key_created, &h));
    jw_obj(&c->out);
    jw_kid(&c->out, "id", h->id.id);
    jw_kstr(&c->out, "name", d.name);
    jw_kstr(&c->out, "access", d.access);
    jw_ktime(&c->out, "expires", d.expires);
    jw_kstr(&c->out, "secret", secret);
    jw_end_obj(&c->out);
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
