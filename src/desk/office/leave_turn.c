/* leave_turn.c - what time does to leaves: their beginning and end are written down, and the
 * national desk hears of organisations all of whose focal people are away with nobody standing in.
 * Rights do not wait for it: they begin and end by the clock (model.c). Writer thread; the look on
 * any. */
#include "access/leave.h"
#include "access/site.h"
#include "desk/office/leave.h"
#include "gen/desk/office/queries.h"
#include "gen/permissions.h"
#include "ledger/ledger.h"
#include "store/store.h"

enum { GAPS_MAX = 1000, AT_ONCE = 100 };

typedef struct {
    int64_t at[GAPS_MAX];
    size_t n;
} gaps;

/* ---- for whom nobody acts ---- */

static err nobody_acts(txn *t, int64_t org, bool *ret)
{
    focal_people_row *rows;
    size_t n;
    *ret = false;
    TRY(focal_people(t, &(focal_people_args){ .org = org }, txn_arena(t), &rows, &n));
    for (size_t i = 0; i < n; i++) {
        leave_now l;
        TRY(leave_of(t, rows[i].row, &l));
        if (!l.away || l.deputy) return OK;
    }
    *ret = n > 0;
    return OK;
}

static err gaps_now(txn *t, gaps *g)
{
    focal_away_row *rows;
    size_t n;
    g->n = 0;
    TRY(focal_away(t, &(focal_away_args){ .now = txn_now(t), .limit = GAPS_MAX }, txn_arena(t),
            &rows, &n));
    for (size_t i = 0; i < n; i++) {
        bool nobody;
        TRY(nobody_acts(t, rows[i].org, &nobody));
        if (nobody) g->at[g->n++] = rows[i].org;
    }
    return OK;
}

static bool has(const gaps *g, int64_t org)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->at[i] == org) return true;
    return false;
}

static err gaps_told(txn *t, gaps *g)
{
    leave_gap_all_row *rows;
    size_t n;
    TRY(leave_gap_all(t, &(leave_gap_all_args){ .limit = GAPS_MAX }, txn_arena(t), &rows, &n));
    for (size_t i = 0; i < n; i++)
        g->at[i] = rows[i].org;
    g->n = n;
    return OK;
}

static err tell_gap(const teller *x, int64_t org)
{
    const organisation_handle *o;
    viewer sys;
    size_t n;
    TRY(viewer_system(x->t, &sys));
    TRY(organisation_read_row(x->t, &sys, org, &o));
    TRY(leave_gap_add(x->t, &(leave_gap_add_args){ .org = org, .since = txn_now(x->t) }, NULL));
    TRY(leave_entry(x->t, x->r, LEDGER_leave_uncovered, o->id.id, org, NULL));
    telling w = { .subject = TK("mail.gap.subject"),
        .text = TK("mail.gap.text"),
        .a1 = tell_names(x->a, o->now.name),
        .a2 = txn_now(x->t),
        .link = TK("mail.leave.link"),
        .path = S("/leave") };
    return tell_org(x, x->r->site_org, ROLE_COORDINATOR, &w, &n);
}

static err close_gap(const teller *x, int64_t org)
{
    const organisation_handle *o;
    viewer sys;
    TRY(viewer_system(x->t, &sys));
    TRY(organisation_read_row(x->t, &sys, org, &o));
    TRY(leave_gap_drop(x->t, &(leave_gap_drop_args){ .org = org }, NULL));
    return leave_entry(x->t, x->r, LEDGER_leave_covered, o->id.id, org, NULL);
}

static err turn_gaps(const teller *x)
{
    gaps *is = NEW(x->a, gaps), *told = NEW(x->a, gaps);
    TRY(gaps_now(x->t, is));
    TRY(gaps_told(x->t, told));
    for (size_t i = 0; i < is->n; i++)
        if (!has(told, is->at[i])) TRY(tell_gap(x, is->at[i]));
    for (size_t i = 0; i < told->n; i++)
        if (!has(is, told->at[i])) TRY(close_gap(x, told->at[i]));
    return OK;
}

/* ---- beginning and end ---- */

static err turn_times(const teller *x)
{
    leave_due_row *rows;
    size_t n;
    instant now = txn_now(x->t);
    TRY(leave_due(x->t, &(leave_due_args){ .now = now, .limit = AT_ONCE }, x->a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        bool over = rows[i].until.us <= now.us;
        TRY(leave_mark(x->t,
                &(leave_mark_args){
                        .row = rows[i].row, .now = now, .until = rows[i].until, .over = over },
                NULL));
        TRY(leave_entry(x->t, x->r, over ? LEDGER_leave_ended : LEDGER_leave_began, rows[i].id,
                rows[i].org, NULL));
    }
    return OK;
}

err leave_turn_wanted(struct txn *t, bool *ret)
{
    leave_due_row *rows;
    size_t n;
    TRY(leave_due(t, &(leave_due_args){ .now = txn_now(t), .limit = 1 }, txn_arena(t), &rows, &n));
    *ret = n > 0;
    if (*ret) return OK;
    gaps *is = NEW(txn_arena(t), gaps), *told = NEW(txn_arena(t), gaps);
    TRY(gaps_now(t, is));
    TRY(gaps_told(t, told));
    *ret = is->n != told->n;
    for (size_t i = 0; i < is->n; i++)
        *ret |= !has(told, is->at[i]);
    return OK;
}

err leave_turn(const teller *x)
{
    TRY(turn_times(x));
    return turn_gaps(x);
}
