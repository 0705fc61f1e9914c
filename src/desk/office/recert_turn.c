/* recert_turn.c - what time does to confirmations of who may act: each organisation is told thirty
 * and seven days before its day and on it; what nobody decided about is suspended after the days of
 * grace, but for the last one to be reached, whom the national desk looks after. Writer thread; the
 * look on any. */
#include "access/auth/auth.h"
#include "access/delegate.h"
#include "access/site.h"
#include "api/app.h"
#include "base/time.h"
#include "desk/office/recert.h"
#include "gen/access/auth/queries.h"
#include "gen/permissions.h"
#include "gen/records/organisation.h"
#include "ledger/ledger.h"
#include "render/words.h"
#include "store/store.h"

enum { OPENS_DAYS = 30, NEAR_DAYS = 7, AT_ONCE = 100, STAGE_OVER = 4 };
#define NEVER ((instant){ INT64_MAX })

static instant days_from(instant at, int64_t days)
{
    return (instant){ at.us + days * US_PER_DAY };
}

recert_times recert_when(const struct app *a, instant due)
{
    return (recert_times){ days_from(due, -OPENS_DAYS), due,
        days_from(due, conf_int(a->conf, "access.recertify_grace_days")) };
}

bool recert_decided(const recert_people_row *p, instant opens)
{
    return p->created.us >= opens.us || p->decided.us >= opens.us;
}

size_t recert_left(const recert_people_row *p, size_t n, instant opens)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++)
        left += !recert_decided(&p[i], opens);
    return left;
}

/* One organisation in hand. */
typedef struct {
    const teller *x;
    int64_t org;
    recert_times at;
    int64_t stage;
    const organisation_handle *o;
    recert_people_row *people;
    size_t n, left;
} body;

static err body_read(const teller *x, int64_t org, instant due, int64_t stage, body *b)
{
    viewer sys;
    *b = (body){ .x = x, .org = org, .at = recert_when(x->app, due), .stage = stage };
    TRY(viewer_system(x->t, &sys));
    TRY(organisation_read_row(x->t, &sys, org, &b->o));
    TRY(recert_people(x->t, &(recert_people_args){ .org = org }, x->a, &b->people, &b->n));
    b->left = recert_left(b->people, b->n, b->at.opens);
    return OK;
}

static uint32_t keepers_of(const body *b)
{
    return b->org == b->x->r->site_org ? ROLE_ORG_ADMIN | ROLE_ADMIN : ROLE_ORG_ADMIN;
}

static err entry(const body *b, ledger_type type, const viewer *by)
{
    return tell_entry(b->x->t, b->x->r,
            &(told_entry){ .type = type,
                    .kind = S("organisation"),
                    .subject = b->o->id.id,
                    .org = b->org,
                    .author = by ? by->person : 0,
                    .more = by ? delegate_mark(b->x->t, by, b->org) : (str){ 0 } });
}

/* ---- the next round ---- */

static err round_begin(const body *b, const viewer *by)
{
    int64_t days = conf_int(b->x->app->conf, "access.recertify_days");
    instant now = txn_now(b->x->t), due = days_from(now, days ? days : 1);
    TRY(recert_round(b->x->t,
            &(recert_round_args){ .org = b->org,
                    .due = due,
                    .next_at = recert_when(b->x->app, due).opens,
                    .now = now,
                    .doer = by ? by->person : 0 },
            NULL));
    TRY(task_do(b->x->t,
            &(task_do_args){ .org = b->org,
                    .subject = b->o->id.id,
                    .what = S("recert"),
                    .now = now,
                    .doer = by ? by->person : 0 },
            NULL));
    return b->n ? entry(b, LEDGER_recert_done, by) : OK;
}

err recert_settle(const teller *x, int64_t org, const viewer *by)
{
    recert_get_row *r;
    body b;
    err e = recert_get(x->t, &(recert_get_args){ .org = org }, x->a, &r);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    if (txn_now(x->t).us < recert_when(x->app, r->due).opens.us) return OK;
    TRY(body_read(x, org, r->due, r->stage, &b));
    return b.left ? OK : round_begin(&b, by);
}

err recert_decide(const teller *x, const person_handle *p, const viewer *by)
{
    const rights_confirm_args yes = { .person = p->row, .at = txn_now(x->t), .author = by->person };
    TRY(rights_confirm(x->t, &yes, NULL));
    TRY(rights_resume(x->t, &(rights_resume_args){ .person = p->row }, NULL));
    return recert_settle(x, p->now.org, by);
}

/* ---- told ---- */

static err tell_both(const body *b, const telling *w)
{
    delegate_now d;
    size_t n;
    TRY(tell_org(b->x, b->org, keepers_of(b), w, &n));
    TRY(delegate_of(b->x->t, b->org, &d));
    return d.keeper ? tell_org(b->x, d.keeper, ROLE_ORG_ADMIN, w, &n) : OK;
}

static str path_of(const body *b)
{
    return str_fmt(b->x->a, "/confirmations/%.*s", STR_ARG(id_text(b->x->a, b->o->id.id)));
}

static telling words(const body *b, const char *subject, const char *text, instant at)
{
    return (telling){ .subject = subject,
        .text = text,
        .a1 = count_text(b->x->a, (int64_t)b->left),
        .a2 = at,
        .a3 = tell_names(b->x->a, b->o->now.name),
        .link = TK("mail.recert.link"),
        .path = path_of(b) };
}

static err remind(const body *b, int64_t stage)
{
    instant now = txn_now(b->x->t);
    bool late = stage == 3;
    telling w = late ? words(b, TK("mail.recert_late.subject"), TK("mail.recert_late.text"),
                               b->at.suspends)
                     : words(b, TK("mail.recert.subject"), TK("mail.recert.text"), b->at.due);
    TRY(tell_both(b, &w));
    TRY(task_do(b->x->t,
            &(task_do_args){
                    .org = b->org, .subject = b->o->id.id, .what = S("recert"), .now = now },
            NULL));
    TRY(task_give(b->x, b->org, keepers_of(b), S("recert"), b->o->id.id));
    return entry(b, LEDGER_recert_told, NULL);
}

/* ---- suspended ---- */

/* Who must not be without anybody: first those whom notices reach, else who administers, else
 * anybody; and the site somebody who administers it. */
typedef enum { WANT_FOCAL, WANT_ADMIN, WANT_ANYBODY, WANT_SITE } want;

static bool fits(const recert_people_row *p, want w)
{
    switch (w) {
    case WANT_FOCAL:
        return str_eq(p->contact_role, S("focal"));
    case WANT_ADMIN:
        return (p->roles & (ROLE_ORG_ADMIN | ROLE_ADMIN)) != 0;
    case WANT_SITE:
        return (p->roles & ROLE_ADMIN) != 0;
    case WANT_ANYBODY:
        break;
    }
    return true;
}

static bool is_active(const recert_people_row *p)
{
    return str_eq(p->state, S("active"));
}

/* Whom of those to keep: nobody, when one was confirmed; else who was here last. NULL: nobody.
 * *ret_any: is there anybody who fits? */
static const recert_people_row *last_one(const body *b, want w, bool *ret_any)
{
    const recert_people_row *best = NULL;
    *ret_any = false;
    for (size_t i = 0; i < b->n; i++) {
        const recert_people_row *p = &b->people[i];
        if (!is_active(p) || !fits(p, w)) continue;
        *ret_any = true;
        if (recert_decided(p, b->at.opens)) return NULL;
        if (!best || p->seen.us > best->seen.us) best = p;
    }
    return best;
}

static const recert_people_row *last_of_body(const body *b)
{
    bool any = false;
    const recert_people_row *p = last_one(b, WANT_FOCAL, &any);
    if (!any) p = last_one(b, WANT_ADMIN, &any);
    return any ? p : last_one(b, WANT_ANYBODY, &any);
}

static err suspend_one(const body *b, const recert_people_row *p)
{
    const teller *x = b->x;
    const person_handle *h;
    viewer sys;
    TRY(viewer_system(x->t, &sys));
    TRY(person_hold_row(x->t, &sys, p->row, &h));
    person_draft d = h->now;
    d.state = S("disabled");
    TRY(person_save(x->t, &sys, h, &d, LEDGER_person_suspended));
    TRY(session_remove_person(x->t, &(session_remove_person_args){ .person = p->row }, NULL));
    TRY(rights_suspend(x->t,
            &(rights_suspend_args){ .person = p->row, .at = txn_now(x->t), .state = p->state },
            NULL));
    if (!is_active(p)) return OK;
    telling w = words(b, TK("mail.suspended.subject"), TK("mail.suspended.text"), txn_now(x->t));
    w.kind = NOTIFY_ACCOUNT;
    return tell_person(x, p->row, h->now.lang, &w);
}

static err escalate(const body *b)
{
    size_t n;
    telling w =
            words(b, TK("mail.recert_kept.subject"), TK("mail.recert_kept.text"), txn_now(b->x->t));
    TRY(entry(b, LEDGER_recert_kept, NULL));
    return tell_org(b->x, b->x->r->site_org, ROLE_COORDINATOR | ROLE_ADMIN, &w, &n);
}

static err stage_set(const body *b, int64_t stage, instant next, const recert_people_row *kept)
{
    return recert_stage(b->x->t,
            &(recert_stage_args){ .org = b->org,
                    .stage = stage,
                    .next_at = next,
                    .kept = kept ? kept->row : 0,
                    .has_kept = kept != NULL },
            NULL);
}

static err suspend(const body *b)
{
    bool any;
    const recert_people_row *kept = last_of_body(b), *site = NULL;
    if (b->org == b->x->r->site_org) site = last_one(b, WANT_SITE, &any);
    telling w =
            words(b, TK("mail.recert_over.subject"), TK("mail.recert_over.text"), txn_now(b->x->t));
    TRY(tell_both(b, &w));
    for (size_t i = 0; i < b->n; i++) {
        const recert_people_row *p = &b->people[i];
        if (p == kept || p == site || recert_decided(p, b->at.opens)) continue;
        TRY(suspend_one(b, p));
    }
    if (!kept) kept = site;
    if (!kept) return round_begin(b, NULL);
    TRY(stage_set(b, STAGE_OVER, NEVER, kept));
    return escalate(b);
}

/* ---- the turn ---- */

static err turn_body(const body *b)
{
    instant now = txn_now(b->x->t), near = days_from(b->at.due, -NEAR_DAYS);
    bool closed = str_eq(b->o->now.state, S("closed"));
    int64_t stage = now.us >= b->at.due.us ? 3 : now.us >= near.us ? 2 : 1;
    if (now.us < b->at.opens.us) return stage_set(b, 0, b->at.opens, NULL);
    if (closed || !b->left) {
        if (stage == 3) return round_begin(b, NULL);
        return stage_set(b, b->stage, b->at.due, NULL);
    }
    if (now.us >= b->at.suspends.us) return suspend(b);
    if (stage > b->stage) TRY(remind(b, stage));
    return stage_set(b, stage, stage == 1 ? near : stage == 2 ? b->at.due : b->at.suspends, NULL);
}

static err begin_new(const teller *x)
{
    recert_begin_row *rows;
    size_t n;
    instant due = days_from(txn_now(x->t), conf_int(x->app->conf, "access.recertify_days"));
    TRY(recert_begin(x->t, &(recert_begin_args){ .limit = AT_ONCE }, x->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(recert_add(x->t,
                &(recert_add_args){
                        .org = rows[i].org, .due = due, .next_at = recert_when(x->app, due).opens },
                NULL));
    return OK;
}

static bool is_off(const struct app *a)
{
    return conf_int(a->conf, "access.recertify_days") == 0;
}

err recert_turn_wanted(struct txn *t, const struct app *a, bool *ret)
{
    recert_begin_row *fresh;
    recert_due_row *rows;
    size_t n;
    *ret = false;
    if (is_off(a)) return OK;
    TRY(recert_begin(t, &(recert_begin_args){ .limit = 1 }, txn_arena(t), &fresh, &n));
    *ret = n > 0;
    if (*ret) return OK;
    TRY(recert_due(
            t, &(recert_due_args){ .now = txn_now(t), .limit = 1 }, txn_arena(t), &rows, &n));
    *ret = n > 0;
    return OK;
}

err recert_turn(const teller *x)
{
    recert_due_row *rows;
    size_t n;
    if (is_off(x->app)) return OK;
    TRY(begin_new(x));
    TRY(recert_due(
            x->t, &(recert_due_args){ .now = txn_now(x->t), .limit = AT_ONCE }, x->a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        body b;
        TRY(body_read(x, rows[i].org, rows[i].due, rows[i].stage, &b));
        TRY(turn_body(&b));
    }
    return OK;
}
