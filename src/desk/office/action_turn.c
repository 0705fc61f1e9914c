/* action_turn.c - see action.h. */
#include "access/model.h"
#include "common/actions/actions.h"
#include "desk/office/action.h"
#include "gen/common/actions/queries.h"
#include "store/store.h"

enum { AT_ONCE = 100 };

static err tell_late(const teller *x, const action_handle *h)
{
    size_t n;
    telling w = { .subject = TK("mail.action_late.subject"),
        .text = TK("mail.action_late.text"),
        .a1 = h->now.number,
        .a2 = h->now.due,
        .a3 = str_fmt(x->a, "\u2068%.*s\u2069", STR_ARG(h->now.title)),
        .link = TK("mail.action_late.link"),
        .path = str_fmt(x->a, "/actions/%.*s", STR_ARG(id_text(x->a, h->id.id))) };
    if (h->now.has_person) {
        const person_handle *p;
        viewer sys;
        TRY(viewer_system(x->t, &sys));
        TRY(person_read_row(x->t, &sys, h->now.person, &p));
        if (str_eq(p->now.state, S("active"))) return tell_person(x, p->row, p->now.lang, &w);
    }
    return tell_org(x, h->owner, ROLE_ORG_ADMIN | ROLE_ANALYST, &w, &n);
}

err action_turn(const teller *x)
{
    action_late_row *rows;
    size_t n;
    TRY(action_late(
            x->t, &(action_late_args){ .now = txn_now(x->t), .limit = AT_ONCE }, x->a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        const action_handle *h;
        TRY(actions_late(x->t, rows[i].row, &h));
        TRY(tell_late(x, h));
    }
    return OK;
}

err action_turn_wanted(struct txn *t, bool *ret)
{
    action_late_row *rows;
    size_t n;
    TRY(action_late(
            t, &(action_late_args){ .now = txn_now(t), .limit = 1 }, txn_arena(t), &rows, &n));
    *ret = n > 0;
    return OK;
}
