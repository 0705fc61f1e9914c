/* leave.c - routes of leaves: who is away, and who stands in meanwhile. Entered by the person or an
 * administrator, ended early by either or by the deputy; what a deputy may do is model.c's. Reads
 * inline, writes within the group's transaction. Writes table leave. */
#include "access/delegate.h"
#include "access/leave.h"
#include "access/model.h"
#include "access/site.h"
#include "api/app.h"
#include "api/page.h"
#include "base/time.h"
#include "desk/office/leave.h"
#include "desk/office/reach.h"
#include "gen/desk/office/queries.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "ledger/ledger.h"
#include "render/words.h"
#include "store/store.h"

enum { SHOWN_DAYS = 90 };

err leave_entry(
        struct txn *t, const realm *r, ledger_type type, id128 leave, int64_t org, const viewer *by)
{
    const organisation_handle *o;
    viewer sys;
    int64_t audience;
    TRY(viewer_system(t, &sys));
    TRY(organisation_read_row(t, &sys, org, &o));
    TRY(site_audience_strict(t, o->now.grp, &audience));
    return ledger_append(t, &(ledger_draft){ .type = type,
                                    .kind = S("leave"),
                                    .subject = leave,
                                    .version = 1,
                                    .audience = audience,
                                    .owner = r->site_org,
                                    .author = by ? by->person : 0,
                                    .more = by ? delegate_mark(t, by, org) : (str){ 0 } });
}

/* ---- as JSON ---- */

/* A person by id and name, or null: for who may see the person. */
static const char *state_of(const leave_page_row *l, instant now)
{
    if (l->ended.us || l->until.us <= now.us) return "over";
    return l->starts.us <= now.us ? "on" : "planned";
}

/* Is somebody there who stands in? Of one to come: who is named. */
static err is_covered(call *c, const leave_page_row *l, bool *ret)
{
    leave_now now;
    *ret = l->has_deputy;
    if (!l->has_deputy || l->starts.us > txn_now(c->t).us) return OK;
    TRY(leave_of(c->t, l->person, &now));
    *ret = now.deputy != 0;
    return OK;
}

static bool may_end(const viewer *v, const leave_page_row *l, instant now)
{
    if (l->ended.us || l->until.us <= now.us) return false;
    bool deputy = l->has_deputy && l->deputy == v->person;
    return deputy || !failed(permit_leave(v, l->person, l->org, (uint32_t)l->roles));
}

static err put_leave(call *c, const leave_page_row *l)
{
    jsonw *w = &c->out;
    instant now = txn_now(c->t);
    bool covered;
    jw_obj(w);
    jw_kid(w, "id", l->id);
    TRY(put_person_ref(c, S("person"), l->person));
    TRY(put_org(c, S("org"), l->org));
    TRY(put_person_ref(c, S("deputy"), l->has_deputy ? l->deputy : 0));
    jw_ktime(w, "from", l->starts);
    jw_ktime(w, "until", l->until);
    jw_kstr(w, "state", str_of(state_of(l, now)));
    jw_kbool(w, "mine", l->person == c->viewer.person);
    jw_kbool(w, "standing", l->has_deputy && l->deputy == c->viewer.person);
    jw_kbool(w, "may_end", may_end(&c->viewer, l, now));
    TRY(is_covered(c, l, &covered));
    jw_kbool(w, "covered", covered);
    jw_end_obj(w);
    return OK;
}

/* ---- reading ---- */

err h_leave_list(call *c)
{
    const struct page_query *q = c->query;
    cursor k = { 0 };
    bool found;
    leave_page_row *rows;
    size_t n;
    int64_t limit = page_limit(q->has_limit ? q->limit : 0);
    TRY(cursor_read(c, q->cursor, &k, &found));
    TRY(leave_page(c->t, &c->viewer,
            &(leave_page_args){ .before = found ? k.n[0] : INT64_MAX,
                    .since = { txn_now(c->t).us - SHOWN_DAYS * US_PER_DAY },
                    .limit = limit },
            c->a, &rows, &n));
    page_open(c);
    for (size_t i = 0; i < n; i++)
        TRY(put_leave(c, &rows[i]));
    page_close(c, (int64_t)n == limit, n ? &(cursor){ .n = { rows[n - 1].row } } : NULL);
    return OK;
}

err h_leave_gaps(call *c)
{
    leave_gaps_page_row *rows;
    size_t n;
    TRY(leave_gaps_page(c->t, &c->viewer, c->a, &rows, &n));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        leave_gaps_page_json(&c->out, &rows[i]);
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

static err put_stands(call *c, struct txn *t, const viewer *v, const viewer_leave *l)
{
    const person_handle *p;
    jsonw *w = &c->out;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(person_read_row(t, &sys, l->person, &p));
    jw_obj(w);
    jw_kid(w, "id", l->id);
    jw_key(w, S("name"));
    if (p->now.name.n)
        jw_str(w, p->now.name);
    else
        jw_null(w);
    jw_ktime(w, "until", l->until);
    jw_key(w, S("permissions"));
    jw_arr(w);
    for (int i = 0; i < PERMISSIONS; i++) {
        viewer as;
        bool may = permission_rules[i].deputy && !failed(permit_for(v, (permission)i, l->id, &as));
        if (may) jw_str(w, str_of(permission_rules[i].name));
    }
    jw_end_arr(w);
    jw_end_obj(w);
    return OK;
}

err leave_stands_put(call *c, struct txn *t, const viewer *v)
{
    jw_key(&c->out, S("stands_in"));
    jw_arr(&c->out);
    for (uint8_t i = 0; i < v->n_leaves; i++)
        if (permit_standing(v, v->leaves[i].id) == &v->leaves[i])
            TRY(put_stands(c, t, v, &v->leaves[i]));
    jw_end_arr(&c->out);
    return OK;
}

/* ---- entering ---- */

typedef struct {
    call *c;
    const struct leave_draft *b;
    const person_handle *who, *deputy; /* deputy NULL: nobody */
    instant from, until;
} entering;

static err wrong(const char *key, str pointer)
{
    return err_at_pointer(ERR(E_INVALID, key), pointer);
}

static err find_who(entering *x)
{
    call *c = x->c;
    viewer sys;
    TRY(viewer_system(c->t, &sys));
    if (!x->b->has_person || id_eq(x->b->person, c->viewer.person_id))
        return person_read_row(c->t, &sys, c->viewer.person, &x->who);
    TRY(err_at_pointer(
            person_read(c->t, &c->viewer, (person_id){ x->b->person }, &x->who), S("/person")));
    return permit_leave(&c->viewer, x->who->row, x->who->now.org, (uint32_t)x->who->now.roles);
}

static err check_times(entering *x)
{
    instant now = txn_now(x->c->t);
    int64_t days = conf_int(x->c->app->conf, "leave.max_days");
    x->from = x->b->from.us < now.us ? now : x->b->from;
    x->until = x->b->until;
    if (x->until.us <= x->from.us) return wrong("error.office.leave_time", S("/until"));
    if (x->until.us - x->from.us > days * US_PER_DAY)
        return err_at_pointer(
                ERR1(E_INVALID, "error.office.leave_long", count_text(x->c->a, days)), S("/until"));
    return OK;
}

/* How many leaves of this person touch the time. */
static err leaves_in(entering *x, int64_t person, int64_t *ret)
{
    leave_in_row *row;
    TRY(leave_in(x->c->t,
            &(leave_in_args){ .person = person, .starts = x->from, .until = x->until }, x->c->a,
            &row));
    *ret = row->n;
    return OK;
}

static err find_deputy(entering *x)
{
    call *c = x->c;
    leave_stood_in_row *row;
    int64_t n;
    if (!x->b->has_deputy) return OK;
    TRY(err_at_pointer(
            person_read(c->t, &c->viewer, (person_id){ x->b->deputy }, &x->deputy), S("/deputy")));
    const person_handle *d = x->deputy;
    bool fits = d->row != x->who->row && d->now.org == x->who->now.org &&
                str_eq(d->now.state, S("active"));
    if (!fits) return wrong("error.office.leave_deputy", S("/deputy"));
    TRY(leaves_in(x, d->row, &n));
    if (n) return err_at_pointer(ERR(E_CONFLICT, "error.office.leave_deputy_away"), S("/deputy"));
    TRY(leave_stood_in(
            c->t, &(leave_stood_in_args){ .deputy = d->row, .now = txn_now(c->t) }, c->a, &row));
    if (row->n < LEAVES_STOOD_IN) return OK;
    return err_at_pointer(
            ERR1(E_CONFLICT, "error.office.leave_deputy_full", count_text(c->a, LEAVES_STOOD_IN)),
            S("/deputy"));
}

static str isolated(arena *a, str s)
{
    return str_fmt(a, "\u2068%.*s\u2069", STR_ARG(s));
}

static err name_of(call *c, int64_t person, str *ret)
{
    const person_handle *p;
    viewer sys;
    TRY(viewer_system(c->t, &sys));
    TRY(person_read_row(c->t, &sys, person, &p));
    *ret = isolated(c->a, p->now.name);
    return OK;
}

static err tell(call *c, const person_handle *to, const char *subject, const char *text, str name,
        instant at, instant until)
{
    const teller x = { c->t, c->app, c->realm, c->a };
    const zone *z;
    lang l;
    TRY(zone_find(conf_str(c->app->conf, "site.time_zone"), &z));
    if (!lang_parse(to->now.lang, &l)) l = LANG_EN;
    telling w = { .kind = NOTIFY_ACCOUNT,
        .subject = subject,
        .text = text,
        .a1 = name,
        .a2 = at,
        .a3 = until.us ? moment_text(c->a, l, until, z) : S(""),
        .link = TK("mail.leave.link"),
        .path = S("/leave") };
    return tell_person(&x, to->row, to->now.lang, &w);
}

static err tell_entered(entering *x)
{
    call *c = x->c;
    str by;
    TRY(name_of(c, c->viewer.person, &by));
    if (x->deputy)
        TRY(tell(c, x->deputy, TK("mail.deputy.subject"), TK("mail.deputy.text"),
                isolated(c->a, x->who->now.name), x->from, x->until));
    if (x->who->row == c->viewer.person) return OK;
    return tell(c, x->who, TK("mail.leave_set.subject"), TK("mail.leave_set.text"), by, x->from,
            x->until);
}

err h_leave_create(call *c)
{
    entering x = { .c = c, .b = c->req };
    int64_t n;
    id128 id = id_new();
    TRY(find_who(&x));
    TRY(check_times(&x));
    TRY(leaves_in(&x, x.who->row, &n));
    if (n) return ERR(E_CONFLICT, "error.office.leave_overlap");
    TRY(find_deputy(&x));
    TRY(leave_add(c->t,
            &(leave_add_args){ .id = id,
                    .person = x.who->row,
                    .org = x.who->now.org,
                    .deputy = x.deputy ? x.deputy->row : 0,
                    .has_deputy = x.deputy != NULL,
                    .starts = x.from,
                    .until = x.until,
                    .created = txn_now(c->t),
                    .author = c->viewer.person },
            NULL));
    txn_raise_epoch(c->t);
    TRY(leave_entry(c->t, c->realm, LEDGER_leave_entered, id, x.who->now.org, &c->viewer));
    TRY(tell_entered(&x));
    call_created(c, id, 1);
    return OK;
}

/* ---- ending early ---- */

static err tell_ended(call *c, const leave_page_row *l)
{
    const person_handle *p;
    viewer sys;
    str by, who;
    TRY(viewer_system(c->t, &sys));
    TRY(name_of(c, c->viewer.person, &by));
    TRY(name_of(c, l->person, &who));
    if (l->has_deputy && l->deputy != c->viewer.person) {
        TRY(person_read_row(c->t, &sys, l->deputy, &p));
        TRY(tell(c, p, TK("mail.deputy_over.subject"), TK("mail.deputy_over.text"), who,
                txn_now(c->t), (instant){ 0 }));
    }
    if (l->person == c->viewer.person) return OK;
    TRY(person_read_row(c->t, &sys, l->person, &p));
    return tell(c, p, TK("mail.leave_over.subject"), TK("mail.leave_over.text"), by, txn_now(c->t),
            (instant){ 0 });
}

err h_leave_end(call *c)
{
    leave_page_row *rows;
    size_t n;
    id128 id;
    instant now = txn_now(c->t);
    TRY(call_id(c, &id));
    if (id_is_zero(id)) return ERR(E_ABSENT, "error.api.absent"); /* would ask for any */
    TRY(leave_page(c->t, &c->viewer,
            &(leave_page_args){ .before = INT64_MAX, .id = id, .limit = 1 }, c->a, &rows, &n));
    if (!n) return ERR(E_ABSENT, "error.api.absent");
    bool deputy = rows[0].has_deputy && rows[0].deputy == c->viewer.person;
    if (!deputy)
        TRY(permit_leave(&c->viewer, rows[0].person, rows[0].org, (uint32_t)rows[0].roles));
    if (!may_end(&c->viewer, &rows[0], now)) return ERR(E_CONFLICT, "error.office.leave_over");
    TRY(leave_mark(c->t,
            &(leave_mark_args){ .row = rows[0].row, .now = now, .until = now, .over = true },
            NULL));
    txn_raise_epoch(c->t);
    TRY(leave_entry(c->t, c->realm, LEDGER_leave_ended, id, rows[0].org, &c->viewer));
    TRY(tell_ended(c, &rows[0]));
    call_put_empty(c);
    return OK;
}
