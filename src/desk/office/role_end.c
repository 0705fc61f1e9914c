/* role_end.c - roles that end by themselves: given with an end, shown, mailed about before, and
 * ended: the person's entry is changed, sessions go, and keys too where nothing else is left or the
 * role was an auditor's. Rights end by the clock (viewer_roles_now), before any of that. */
#include "access/role_end.h"
#include "access/auth/auth.h"
#include "access/model.h"
#include "api/app.h"
#include "base/time.h"
#include "desk/office/person.h"
#include "desk/office/role_end.h"
#include "gen/access/auth/queries.h"
#include "gen/desk/office/queries.h"
#include "gen/records/api_key.h"
#include "ledger/ledger.h"
#include "render/words.h"
#include "store/store.h"

enum { AT_ONCE = 100 };

/* ---- giving ---- */

static err at_until(err e)
{
    return err_at_pointer(e, S("/roles_until"));
}

static uint32_t with_end(const instant until[VIEWER_ROLES])
{
    uint32_t bits = 0;
    for (int b = 0; b < ROLES; b++)
        if (until[b].us) bits |= UINT32_C(1) << b;
    return bits;
}

/* An auditor may be somebody from outside: the right is asked for anew, it does not stay. */
static err check_until(call *c, uint32_t roles, instant until)
{
    int64_t days = conf_int(c->app->conf, "auditor.max_days");
    instant now = txn_now(c->t);
    if (until.us <= now.us) return at_until(ERR(E_INVALID, "error.office.roles_until_past"));
    if ((roles & ROLE_AUDITOR) && until.us - now.us > days * US_PER_DAY)
        return at_until(ERR1(E_INVALID, "error.office.auditor_long", count_text(c->a, days)));
    return OK;
}

err role_ends_keep(call *c, const role_giving *g)
{
    instant ends[VIEWER_ROLES];
    uint32_t given = g->roles & ~g->had, ending;
    TRY(role_ends_of(c->t, g->p->row, ends));
    TRY(role_ends_set(c->t, g->p->row, with_end(ends) & ~g->roles, (instant){ 0 }, 0));
    ending = given | (g->roles & (with_end(ends) | ROLE_AUDITOR));
    TRY(permit_roles_until(&c->viewer, g->until.us ? ending : given, g->until));
    if (!g->until.us && (given & ROLE_AUDITOR))
        return at_until(ERR(E_INVALID, "error.office.auditor_end"));
    if (!g->until.us) return OK;
    if (!ending) return at_until(ERR(E_INVALID, "error.office.roles_until_none"));
    TRY(check_until(c, ending, g->until));
    TRY(role_ends_set(c->t, g->p->row, ending, g->until, c->viewer.person));
    txn_raise_epoch(c->t);
    return person_entry_by(c->t, g->p->row, &c->viewer, LEDGER_person_roles_limited);
}

/* ---- shown ---- */

err role_ends_put(call *c, struct txn *t, int64_t person)
{
    instant ends[VIEWER_ROLES];
    jsonw *w = &c->out;
    TRY(role_ends_of(t, person, ends));
    jw_key(w, S("role_ends"));
    jw_arr(w);
    for (int b = 0; b < ROLES; b++) {
        if (!ends[b].us) continue;
        jw_obj(w);
        jw_kstr(w, "role", str_of(role_names[b]));
        jw_ktime(w, "until", ends[b]);
        jw_end_obj(w);
    }
    jw_end_arr(w);
    return OK;
}

/* ---- what time does ---- */

static const char *const role_keys[ROLES] = { TK("role.reader"), TK("role.analyst"),
    TK("role.org_admin"), TK("role.coordinator"), TK("role.auditor"), TK("role.admin") };

static instant warn_before(const app *a, instant now)
{
    return (instant){ now.us + conf_int(a->conf, "roles.warn_days") * US_PER_DAY };
}

static err tell(const teller *x, const role_due_row *r, const char *subject, const char *text)
{
    lang l;
    if (!str_eq(r->state, S("active"))) return OK;
    if (!lang_parse(r->lang, &l)) l = LANG_EN;
    telling w = { .kind = NOTIFY_ACCOUNT,
        .subject = subject,
        .text = text,
        .a1 = T(l, role_keys[r->role]),
        .a2 = r->until,
        .link = TK("mail.role.link"),
        .path = S("/rights") };
    return tell_person(x, r->person, r->lang, &w);
}

static err warn(const teller *x, const role_due_row *r)
{
    TRY(role_warned(x->t,
            &(role_warned_args){ .person = r->person, .role = r->role, .now = txn_now(x->t) },
            NULL));
    return tell(x, r, TK("mail.role_ends.subject"), TK("mail.role_ends.text"));
}

static err keys_end(txn *t, const viewer *sys, int64_t person)
{
    person_live_keys_row *rows;
    size_t n;
    TRY(person_live_keys(t, &(person_live_keys_args){ .person = person }, txn_arena(t), &rows, &n));
    for (size_t i = 0; i < n; i++) {
        const api_key_handle *k;
        TRY(api_key_hold_row(t, sys, rows[i].row, &k));
        api_key_draft d = k->now;
        d.revoked = clock_now(&clock_system);
        TRY(api_key_save(t, sys, k, &d, LEDGER_api_key_revoked));
    }
    return OK;
}

/* Who has nothing left and hears no notices is nobody here any more. */
static err end(const teller *x, const role_due_row *r)
{
    const person_handle *p;
    viewer sys;
    uint32_t bit = UINT32_C(1) << r->role;
    TRY(viewer_system(x->t, &sys));
    TRY(person_hold_row(x->t, &sys, r->person, &p));
    person_draft d = p->now;
    TRY(role_ends_set(x->t, r->person, bit, (instant){ 0 }, 0));
    if (!(d.roles & bit)) return OK; /* taken away before */
    d.roles &= ~(int64_t)bit;
    if (!d.roles && str_eq(d.contact_role, S("none"))) d.state = S("disabled");
    TRY(person_save(x->t, &sys, p, &d, LEDGER_person_role_ended));
    TRY(session_remove_person(x->t, &(session_remove_person_args){ .person = r->person }, NULL));
    if (!d.roles || bit == ROLE_AUDITOR) TRY(keys_end(x->t, &sys, r->person));
    return tell(x, r, TK("mail.role_over.subject"), TK("mail.role_over.text"));
}

static err due(struct txn *t, const app *a, int64_t limit, role_due_row **rows, size_t *n)
{
    instant now = txn_now(t);
    return role_due(t, &(role_due_args){ .now = now, .soon = warn_before(a, now), .limit = limit },
            txn_arena(t), rows, n);
}

err role_turn_wanted(struct txn *t, const struct app *a, bool *ret)
{
    role_due_row *rows;
    size_t n;
    TRY(due(t, a, 1, &rows, &n));
    *ret = n > 0;
    return OK;
}

err role_turn(const teller *x)
{
    role_due_row *rows;
    size_t n;
    TRY(due(x->t, x->app, AT_ONCE, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(rows[i].until.us <= txn_now(x->t).us ? end(x, &rows[i]) : warn(x, &rows[i]));
    return OK;
}
