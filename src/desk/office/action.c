/* action.c - routes of what organisations have to do: listed, given about a finding, a notice or
 * the organisation itself, changed, said to be done, verified by somebody else. Reads inline,
 * writes in the group's transaction. */
#include "common/actions/actions.h"

#include "access/seen/seen.h"
#include "api/app.h"
#include "api/page.h"
#include "base/text.h"
#include "common/calendar/calendar.h"
#include "desk/office/reach.h"
#include "gen/desk/office/queries.h"
#include "gen/records/notice.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

/* ---- as JSON ---- */

static void put_time(jsonw *w, str key, instant t)
{
    jw_key(w, key);
    if (t.us)
        jw_time(w, t);
    else
        jw_null(w);
}

static err put_row(call *c, const action_handle *h)
{
    jsonw *w = &c->out;
    bool late = str_eq(h->now.state, S("open")) && h->now.due.us < txn_now(c->t).us;
    jw_kid(w, "id", h->id.id);
    jw_kstr(w, "number", h->now.number);
    jw_kstr(w, "title", h->now.title);
    jw_kstr(w, "lang", h->now.lang);
    jw_ktime(w, "due", h->now.due);
    jw_kstr(w, "state", h->now.state);
    jw_kbool(w, "late", late);
    jw_kbool(w, "mine", h->now.has_person && h->now.person == c->viewer.person);
    jw_kstr(w, "tlp", tlp_name(h->audience));
    jw_ki64(w, "version", h->version);
    TRY(put_org(c, S("owner"), h->owner));
    TRY(put_person_ref(c, S("person"), h->now.has_person ? h->now.person : 0));
    return put_about(c, record_whole(&action_def, &h->now), h->parent);
}

static void put_may(jsonw *w, actions_may may)
{
    jw_key(w, S("may"));
    jw_obj(w);
    jw_kbool(w, "change", may.change);
    jw_kbool(w, "assign", may.assign);
    jw_kbool(w, "done", may.done);
    jw_kbool(w, "verify", may.verify);
    jw_kbool(w, "reopen", may.reopen);
    jw_kbool(w, "drop", may.drop);
    jw_end_obj(w);
}

static err put_effect(call *c, const action_handle *h)
{
    actions_effect e;
    TRY(actions_effect_of(c->t, c->a, h, &e));
    jw_key(&c->out, S("effect"));
    if (!e.measured) {
        jw_null(&c->out);
        return OK;
    }
    jw_obj(&c->out);
    jw_ki64(&c->out, "findings", e.findings);
    jw_ki64(&c->out, "again", e.again);
    put_time(&c->out, S("last_seen"), e.last_seen);
    jw_end_obj(&c->out);
    return OK;
}

static err put_whole(call *c, const action_handle *h)
{
    jsonw *w = &c->out;
    TRY(put_row(c, h));
    jw_kstr(w, "detail", h->now.detail);
    jw_ktime(w, "created", h->created);
    TRY(put_org(c, S("asker"), h->now.asker));
    TRY(put_person_ref(c, S("author"), h->author));
    put_time(w, S("done"), h->now.done);
    jw_kstr(w, "done_said", h->now.done_said);
    TRY(put_person_ref(c, S("done_by"), h->now.has_done_by ? h->now.done_by : 0));
    put_time(w, S("closed"), h->now.closed);
    jw_kstr(w, "said", h->now.said);
    TRY(put_person_ref(c, S("closed_by"), h->now.has_closed_by ? h->now.closed_by : 0));
    TRY(put_effect(c, h));
    put_may(w, actions_may_of(&c->viewer, h));
    return OK;
}

/* ---- reading ---- */

/* An organisation that is asked for by its id, or for an agency its own; 0: all. */
static err org_asked(call *c, const struct action_query *q, int64_t *ret)
{
    const organisation_handle *o;
    *ret = c->viewer.national ? 0 : c->viewer.org;
    if (!q->has_org) return OK;
    TRY(organisation_read(c->t, &c->viewer, (organisation_id){ q->org }, &o));
    *ret = o->row;
    return OK;
}

/* Of all organisations one state is listed at a time, by its index. */
static err args_of(call *c, const struct action_query *q, action_page_args *ret)
{
    thing x;
    if (q->state.n) ret->state = q->state;
    if (q->mine) ret->has_mine = true, ret->mine = c->viewer.person;
    if (q->has_subject) {
        const record_def *d = q->about.n ? record_kind_named(q->about) : NULL;
        if (!d) return err_at_pointer(ERR(E_INVALID, "error.action.about"), S("/about"));
        TRY(thing_find_id(c, d, q->subject, &x));
        ret->about = q->about;
        ret->has_parent = true;
        ret->parent = x.h->row;
        return OK;
    }
    TRY(org_asked(c, q, &ret->org));
    ret->has_org = ret->org != 0;
    if (!ret->has_org && !ret->state.n) ret->state = S("open");
    return OK;
}

/* Its organisation may be unseen: then it is not shown. */
static err put_listed(call *c, int64_t row)
{
    const action_handle *h;
    const organisation_handle *o;
    TRY(action_read_row(c->t, &c->viewer, row, &h));
    err e = organisation_read_row(c->t, &c->viewer, h->owner, &o);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    jw_obj(&c->out);
    TRY(put_row(c, h));
    jw_end_obj(&c->out);
    return OK;
}

err h_action_list(call *c)
{
    const struct action_query *q = c->query;
    action_page_row *rows;
    cursor at, last = { 0 };
    bool found;
    size_t n;
    int64_t limit = page_limit(q->has_limit ? q->limit : 0);
    TRY(cursor_read(c, q->cursor, &at, &found));
    action_page_args args = { .after = { at.n[0] }, .after_row = at.n[1], .limit = limit };
    TRY(args_of(c, q, &args));
    TRY(action_page(c->t, &c->viewer, &args, c->a, &rows, &n));
    page_open(c);
    for (size_t i = 0; i < n; i++)
        TRY(put_listed(c, rows[i].row));
    if (n) last = (cursor){ .n = { rows[n - 1].due.us, rows[n - 1].row } };
    page_close(c, (int64_t)n == limit, &last);
    return OK;
}

static err find(call *c, const action_handle **ret)
{
    thing x;
    TRY(thing_find(c, &action_def, &x));
    *ret = (const action_handle *)(const void *)x.h;
    return OK;
}

err h_action_read(call *c)
{
    const action_handle *h;
    TRY(find(c, &h));
    jw_obj(&c->out);
    TRY(put_whole(c, h));
    jw_end_obj(&c->out);
    call_version(c, h->version);
    call_saw(c, &(seen_thing){ RECORD_action, h->row, h->id.id, h->version, h->owner, h->audience,
                        h->author });
    return OK;
}

/* ---- writing ---- */

/* Whose it is to do: of a finding whoever it belongs to, of a notice whoever it was written to. */
static int64_t doer_of(const thing *x)
{
    if (x->h->kind == RECORD_organisation) return x->h->row;
    if (x->h->kind == RECORD_notice) return ((const notice_handle *)(const void *)x->h)->now.org;
    return x->h->owner;
}

/* One of the owner's people whom the giver may see. */
static err person_of(call *c, id128 id, int64_t org, int64_t *ret)
{
    const person_handle *p;
    TRY(person_read(c->t, &c->viewer, (person_id){ id }, &p));
    if (p->now.org != org || !str_eq(p->now.state, S("active")))
        return err_at_pointer(ERR(E_INVALID, "error.action.person"), S("/person"));
    *ret = p->row;
    return OK;
}

static err calendar_of_org(call *c, int64_t org, calendar *ret)
{
    const organisation_handle *o;
    calendar base;
    viewer sys;
    TRY(calendar_load(c->app->conf, &base));
    TRY(viewer_system(c->t, &sys));
    TRY(organisation_read_row(c->t, &sys, org, &o));
    return calendar_of(c->t, &base, &(calendar_whom){ o->now.sector, o->now.province },
            txn_now(c->t), c->a, ret);
}

/* A time, or so many working days of who does it. */
static err due_of(call *c, const struct action_draft_in *b, int64_t org, instant *ret)
{
    calendar cal;
    if (b->has_due == b->has_working_days)
        return err_at_pointer(ERR(E_INVALID, "error.action.due"), S("/due"));
    if (b->has_due) {
        *ret = b->due;
    } else {
        TRY(calendar_of_org(c, org, &cal));
        TRY(calendar_days_after(&cal, txn_now(c->t), (int)b->working_days, ret));
    }
    if (ret->us > txn_now(c->t).us) return OK;
    return err_at_pointer(ERR(E_INVALID, "error.action.past"), S("/due"));
}

err h_action_create(call *c)
{
    const struct action_draft_in *b = c->req;
    const action_handle *h;
    const zone *z;
    thing x;
    const record_def *d = record_kind_named(b->about);
    ASSERT(d);
    TRY(thing_find_id(c, d, b->subject, &x));
    actions_whole whole = { b->about, x.h->row, doer_of(&x) };
    actions_wish q = { .title = b->title,
        .detail = b->has_detail ? b->detail : S(""),
        .lang = b->has_lang ? b->lang : lang_code(call_lang(c)) };
    TRY(permit_create(&c->viewer, RECORD_action, whole.owner, 0));
    TRY(due_of(c, b, whole.owner, &q.due));
    if (b->has_person) TRY(person_of(c, b->person, whole.owner, &q.person));
    TRY(zone_find(conf_str(c->app->conf, "site.time_zone"), &z));
    TRY(actions_give(c->t, c->realm, &c->viewer, z, &whole, &q, &h));
    call_created(c, h->id.id, h->version);
    c->location = str_fmt(c->a, "/api/actions/%.*s", STR_ARG(id_text(c->a, h->id.id)));
    return OK;
}

err h_action_change(call *c)
{
    const struct action_change *b = c->req;
    const action_handle *h, *now;
    TRY(find(c, &h));
    TRY(call_match(c, h->version, true));
    actions_wish q = { .title = b->has_title ? b->title : h->now.title,
        .detail = b->has_detail ? b->detail : h->now.detail,
        .lang = h->now.lang,
        .due = b->has_due ? b->due : h->now.due,
        .person = h->now.has_person ? h->now.person : 0 };
    if (b->has_person) TRY(person_of(c, b->person, h->owner, &q.person));
    if (b->nobody) q.person = 0;
    if (b->has_due && b->due.us <= txn_now(c->t).us)
        return err_at_pointer(ERR(E_INVALID, "error.action.past"), S("/due"));
    TRY(actions_change(c->t, &c->viewer, h, &q, &now));
    call_created(c, now->id.id, now->version);
    return OK;
}

err h_action_step(call *c)
{
    const struct action_step_in *b = c->req;
    const action_handle *h, *now;
    TRY(find(c, &h));
    TRY(call_match(c, h->version, false));
    TRY(actions_step(c->t, &c->viewer, h, b->to, b->said, &now));
    call_created(c, now->id.id, now->version);
    return OK;
}
