/* channel_turn.c - see channel_turn.h. */
#include "desk/office/channel_turn.h"
#include "gen/common/outbox/queries.h"
#include "gen/permissions.h"
#include "gen/records/organisation.h"
#include "store/store.h"

enum { AT_ONCE = 16 };

static err untold(struct txn *t, channel_untold_row **rows, size_t *n)
{
    return channel_untold(t, &(channel_untold_args){ .limit = AT_ONCE }, txn_arena(t), rows, n);
}

err channel_turn_wanted(struct txn *t, bool *ret)
{
    channel_untold_row *rows;
    size_t n;
    TRY(untold(t, &rows, &n));
    *ret = n > 0;
    return OK;
}

/* By mail and in the portal: the channel itself cannot say it. */
static err tell_one(const teller *x, const channel_untold_row *r)
{
    const organisation_handle *o;
    viewer sys;
    size_t n;
    bool gone = str_eq(r->why, S("gone"));
    TRY(viewer_system(x->t, &sys));
    TRY(organisation_read_row(x->t, &sys, r->org, &o));
    telling w = { .subject = TK("mail.channel.subject"),
        .text = gone ? TK("mail.channel.gone") : TK("mail.channel.failing"),
        .a1 = r->kind,
        .a2 = txn_now(x->t),
        .a3 = tell_names(x->a, o->now.name),
        .link = TK("mail.channel.link"),
        .path = str_fmt(x->a, "/channels/%.*s", STR_ARG(id_text(x->a, o->id.id))) };
    TRY(tell_org(x, r->org, ROLE_ORG_ADMIN, &w, &n));
    TRY(task_give(x, r->org, ROLE_ORG_ADMIN, S("channel"), o->id.id));
    return channel_told(x->t, &(channel_told_args){ .row = r->row }, NULL);
}

err channel_turn(const teller *x)
{
    channel_untold_row *rows;
    size_t n;
    TRY(untold(x->t, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(tell_one(x, &rows[i]));
    return OK;
}
