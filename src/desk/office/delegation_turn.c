/* delegation_turn.c - what becomes of administration that was delegated: told, ended by time or by
 * hand. The right ends by the clock (model.c), before any of that. Writer thread; the look on any.
 */
#include "access/site.h"
#include "desk/office/delegation.h"
#include "gen/desk/office/queries.h"
#include "gen/permissions.h"
#include "gen/records/organisation.h"
#include "store/store.h"

enum { AT_ONCE = 100 };

static err org_of(txn *t, int64_t row, const organisation_handle **ret)
{
    viewer sys;
    TRY(viewer_system(t, &sys));
    return organisation_read_row(t, &sys, row, ret);
}

err delegation_entry(const teller *x, const delegation_fact *f)
{
    const organisation_handle *o, *other;
    int64_t audience;
    TRY(org_of(x->t, f->org, &o));
    TRY(org_of(x->t, f->other, &other));
    TRY(site_audience_strict(x->t, o->now.grp, &audience));
    return ledger_append(x->t, &(ledger_draft){ .type = f->type,
                                       .kind = S("organisation"),
                                       .subject = o->id.id,
                                       .audience = audience,
                                       .owner = x->r->site_org,
                                       .author = f->author,
                                       .more = str_fmt(x->a, "{\"org\":\"%.*s\"}",
                                               STR_ARG(id_text(x->a, other->id.id))) });
}

static err tell_over(const teller *x, int64_t org, int64_t other, const char *text)
{
    const organisation_handle *o;
    size_t n;
    TRY(org_of(x->t, other, &o));
    telling w = { .kind = NOTIFY_ACCOUNT,
        .subject = TK("mail.delegation_over.subject"),
        .text = text,
        .a1 = tell_names(x->a, o->now.name),
        .a2 = txn_now(x->t),
        .link = TK("mail.delegation.link"),
        .path = S("/delegations") };
    return tell_org(x, org, ROLE_ORG_ADMIN, &w, &n);
}

err delegation_over(const teller *x, int64_t org, int64_t keeper, int64_t author)
{
    TRY(delegate_drop(x->t, &(delegate_drop_args){ .org = org }, NULL));
    txn_raise_sights(x->t);
    TRY(delegation_entry(x, &(delegation_fact){ LEDGER_delegation_ended, org, keeper, author }));
    TRY(delegation_entry(x, &(delegation_fact){ LEDGER_delegation_lost, keeper, org, author }));
    TRY(tell_over(x, org, keeper, TK("mail.delegation_over.org")));
    return tell_over(x, keeper, org, TK("mail.delegation_over.keeper"));
}

static err over(txn *t, int64_t limit, delegate_over_row **rows, size_t *n)
{
    return delegate_over(
            t, &(delegate_over_args){ .now = txn_now(t), .limit = limit }, txn_arena(t), rows, n);
}

err delegation_turn_wanted(struct txn *t, bool *ret)
{
    delegate_over_row *rows;
    size_t n;
    TRY(over(t, 1, &rows, &n));
    *ret = n > 0;
    return OK;
}

err delegation_turn(const teller *x)
{
    delegate_over_row *rows;
    size_t n;
    TRY(over(x->t, AT_ONCE, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(delegation_over(x, rows[i].org, rows[i].keeper, 0));
    return OK;
}
