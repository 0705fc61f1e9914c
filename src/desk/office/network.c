/* network.c - routes of network claims: what address space, AS numbers and domains are whose, and
 * from when to when. Reads inline, writes within the group's transaction. */
#include "access/site.h"
#include "api/page.h"
#include "common/observable/observable.h"
#include "desk/office/organisation.h"
#include "gen/desk/office/queries.h"
#include "gen/records/network.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

err network_recognise(arena *a, str value, str *ret_kind, str *ret_value)
{
    observable o;
    TRY(observable_recognise(a, value, &o));
    switch (o.kind) {
    case OBSERVABLE_IP:
    case OBSERVABLE_CIDR:
        *ret_kind = S("cidr");
        break;
    case OBSERVABLE_ASN:
        *ret_kind = S("asn");
        break;
    case OBSERVABLE_DOMAIN:
        *ret_kind = S("domain");
        break;
    default:
        return ERR1(E_INVALID, "error.office.network", value);
    }
    *ret_value = o.kind == OBSERVABLE_IP ? observable_as_cidr(a, &o) : o.value;
    return OK;
}

err network_claimed(struct txn *t, const viewer *v, int64_t org, str kind, str value, bool *ret,
        bool *ret_before)
{
    network_find_row *rows;
    size_t n;
    TRY(network_find(t, v, &(network_find_args){ .org = org, .kind = kind, .value = value },
            txn_arena(t), &rows, &n));
    *ret = n && str_eq(rows[0].state, S("approved"));
    *ret_before = n > 0;
    return OK;
}

err network_add(struct txn *t, const realm *r, const viewer *v, const organisation_handle *o,
        str value, instant from, instant to, str source, id128 *ret_id, int64_t *ret_version)
{
    const network_handle *h;
    network_draft d = { .owner = v->org,
        .org = o->row,
        .valid_from = from,
        .valid_to = to,
        .state = S("approved"),
        .source = source };
    TRY(network_recognise(txn_arena(t), value, &d.kind, &d.value));
    TRY(site_audience_strict(t, o->now.grp, &d.audience));
    TRY(network_insert(t, v, &d, LEDGER_network_created, &h));
    *ret_id = h->id.id;
    *ret_version = h->version;
    return OK;
}

static void put_time(jsonw *w, str key, instant t, bool open)
{
    jw_key(w, key);
    if (open)
        jw_null(w);
    else
        jw_time(w, t);
}

static void put_network(jsonw *w, const network_of_org_row *n)
{
    jw_obj(w);
    network_of_org_members(w, n);
    put_time(w, S("valid_from"), n->_valid_from, n->_valid_from.us == 0);
    put_time(w, S("valid_to"), n->_valid_to, n->_valid_to.us == INT64_MAX);
    jw_end_obj(w);
}

err h_network_list(call *c)
{
    organisation_one_row *o;
    network_of_org_row *rows;
    size_t n;
    id128 id;
    TRY(organisation_of_path(c, &id));
    TRY(organisation_one(c->t, &c->viewer, &(organisation_one_args){ .id = id }, c->a, &o));
    TRY(network_of_org(
            c->t, &c->viewer, &(network_of_org_args){ .org = o->_row }, c->a, &rows, &n));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        put_network(&c->out, &rows[i]);
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* When a claim begins that names no beginning: always, or now when it was withdrawn before. */
static err claim_begins(call *c, int64_t org, const struct network_draft *b, instant *ret)
{
    str kind, value;
    bool has, before;
    TRY(network_recognise(c->a, b->value, &kind, &value));
    TRY(network_claimed(c->t, &c->viewer, org, kind, value, &has, &before));
    if (has && !b->has_valid_from) return ERR1(E_CONFLICT, "error.office.claimed", value);
    *ret = b->has_valid_from ? b->valid_from : before ? txn_now(c->t) : (instant){ 0 };
    return OK;
}

err h_network_create(call *c)
{
    const struct network_draft *b = c->req;
    const organisation_handle *o;
    organisation_id id;
    id128 made;
    int64_t version;
    TRY(organisation_of_path(c, &id.id));
    TRY(organisation_hold(c->t, &c->viewer, id, &o));
    instant from = { 0 }, to = b->has_valid_to ? b->valid_to : INSTANT_MAX;
    err e = claim_begins(c, o->row, b, &from);
    if (failed(e)) return err_at_pointer(e, S("/value"));
    if (to.us <= from.us)
        return err_at_pointer(ERR(E_INVALID, "error.office.validity"), S("/valid_to"));
    e = network_add(
            c->t, c->realm, &c->viewer, o, b->value, from, to, S("person"), &made, &version);
    if (failed(e)) return err_at_pointer(e, S("/value"));
    call_created(c, made, version);
    return OK;
}

err h_network_withdraw(call *c)
{
    const network_handle *h;
    network_id id;
    TRY(call_id(c, &id.id));
    TRY(network_hold(c->t, &c->viewer, id, &h));
    network_draft d = h->now;
    d.state = S("withdrawn");
    d.valid_to = txn_now(c->t);
    TRY(network_save(c->t, &c->viewer, h, &d, LEDGER_network_changed));
    jw_obj(&c->out);
    jw_end_obj(&c->out);
    return OK;
}
