/* second_tell.c - what OFFICE does after a ledger entry: of an act that waits for a second person
 * those are told who may let it happen. Runs on the writer within the reaction's transaction. */
#include "desk/office/reactions.h"
#include "access/model.h"
#include "api/app.h"
#include "api/held.h"
#include "desk/office/tell.h"
#include "gen/desk/office/queries.h"
#include "gen/permissions.h"
#include "gen/records/person.h"
#include "store/store.h"

enum { ACTS_AT_ONCE = 50 };

/* Whose roles have both: the right that the act needs, and the right to decide about acts. */
static uint32_t deciders(permission p)
{
    return permission_rules[p].roles & permission_rules[PERMISSION_act_decide].roles;
}

static err tell_one(const teller *x, const second_waiting_row *h, permission p, int64_t org)
{
    org_with_role_row *rows;
    const person_handle *asker;
    viewer sys;
    size_t n;
    TRY(viewer_system(x->t, &sys));
    TRY(person_read_row(x->t, &sys, h->person, &asker));
    telling w = { .kind = NOTIFY_SECOND,
        .subject = TK("mail.second.subject"),
        .text = TK("mail.second.text"),
        .a1 = str_fmt(x->a, "\u2068%.*s\u2069", STR_ARG(asker->now.name)),
        .a2 = h->expires,
        .link = TK("mail.second.link"),
        .path = S("/acts") };
    TRY(org_with_role(
            x->t, &(org_with_role_args){ .org = org, .role = deciders(p) }, x->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        if (rows[i].row != h->person) TRY(tell_person(x, rows[i].row, rows[i].lang, &w));
    return OK;
}

/* The asker's colleagues, and the national desk when the asker is not of it. */
static err tell_act(const teller *x, const second_waiting_row *h)
{
    permission p;
    if (!held_permission(x->app, h->route, &p)) return OK; /* a route of an earlier release */
    TRY(tell_one(x, h, p, h->org));
    return h->org == x->r->site_org ? OK : tell_one(x, h, p, x->r->site_org);
}

/* The entry says who asked; what waits of theirs and was not told yet is told. */
static err acts_to_seconds(txn *t, const realm *r, void *ctx, const ledger_item *entries, size_t n)
{
    const teller x = { t, ctx, r, txn_arena(t) };
    second_waiting_row *rows;
    size_t waiting;
    (void)entries, (void)n;
    TRY(second_waiting(t, &(second_waiting_args){ .now = txn_now(t), .limit = ACTS_AT_ONCE }, x.a,
            &rows, &waiting));
    for (size_t i = 0; i < waiting; i++) {
        TRY(tell_act(&x, &rows[i]));
        TRY(second_told(t, &(second_told_args){ .row = rows[i].row, .now = txn_now(t) }, NULL));
    }
    return OK;
}

static const ledger_type on_acts[] = { LEDGER_act_asked };

void office_reactions(struct app *a, reaction_def ret[OFFICE_REACTIONS])
{
    ret[0] = (reaction_def){ .name = "office.seconds",
        .on = on_acts,
        .n_on = ARRAY_LEN(on_acts),
        .fn = acts_to_seconds,
        .ctx = a };
}
