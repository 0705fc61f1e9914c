/* contact.c - routes of contacts: which organisations have some that nobody has confirmed for long,
 * the contacts of one, and "confirmed without a change". Reads in the pool, the confirmation within
 * the group's transaction. What time does, and the rest, is contact_turn.c's. */
#include "desk/office/contact.h"
#include "access/model.h"
#include "api/app.h"
#include "api/page.h"
#include "desk/office/organisation.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

/* ---- one line an organisation ---- */

static const char *state_of(const contact_body *b, int64_t asks)
{
    if (!b->n) return "none";
    if (!b->due) return "fresh";
    return asks >= CONTACT_STALE_ASKS ? "stale" : "due";
}

static bool may_confirm(const call *c, int64_t org)
{
    return permit_recert(&c->viewer, org, false) &&
           !failed(permit_use(&c->viewer, PERMISSION_recert_write));
}

static err put_line(call *c, const contact_page_row *r, const contact_body *b)
{
    const organisation_handle *o;
    viewer sys;
    jsonw *w = &c->out;
    TRY(viewer_system(c->t, &sys));
    TRY(organisation_read_row(c->t, &sys, r->org, &o));
    jw_obj(w);
    organisation_ref_put(w, o);
    jw_kstr(w, "state", str_of(state_of(b, r->asks)));
    jw_ki64(w, "contacts", (int64_t)b->n);
    jw_ki64(w, "due", (int64_t)b->due);
    jw_ki64(w, "admins", (int64_t)b->admins);
    jw_ki64(w, "asks", r->asks);
    jw_ktime(w, "asked", r->asked);
    jw_ktime(w, "next", r->next_at);
    jw_kbool(w, "may", b->due && may_confirm(c, r->org));
    jw_end_obj(w);
    return OK;
}

/* ---- which organisations ---- */

static contact_page_args all_of(const call *c)
{
    return (contact_page_args){ .after_asks = INT64_MAX,
        .most_asks = INT64_MAX,
        .org = permit_recert(&c->viewer, c->viewer.org, true) ? c->viewer.org : 0,
        .keeper = model_keeper(&c->viewer),
        .now = txn_now(c->t),
        .whole = permit_recert(&c->viewer, 0, true) };
}

static void filter(str state, contact_page_args *q)
{
    if (str_eq(state, S("fresh"))) q->most_asks = 0;
    if (str_eq(state, S("due"))) q->least_asks = 1;
    if (str_eq(state, S("stale"))) q->least_asks = CONTACT_STALE_ASKS;
}

err h_contact_list(call *c)
{
    const struct contact_query *q = c->query;
    contact_page_row *rows;
    size_t n;
    cursor k;
    bool found;
    contact_page_args args = all_of(c);
    args.limit = page_limit(q->has_limit ? q->limit : 0);
    filter(q->state, &args);
    TRY(cursor_read(c, q->cursor, &k, &found));
    if (found) {
        args.after_asks = k.n[0];
        args.after = k.n[1];
    }
    TRY(contact_page(c->t, &args, c->a, &rows, &n));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++) {
        contact_body b;
        TRY(contact_body_read(c->t, c->app, c->a, rows[i].org, &b));
        TRY(put_line(c, &rows[i], &b));
    }
    jw_end_arr(&c->out);
    jw_key(&c->out, S("next"));
    if (n && (int64_t)n == args.limit)
        jw_str(&c->out, cursor_make(c, &(cursor){ .n = { rows[n - 1].asks, rows[n - 1].org } }));
    else
        jw_null(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- the contacts of one ---- */

/* Who may not be told of it hears what is not there. */
static err find(call *c, contact_page_row **ret)
{
    organisation_id id;
    const organisation_handle *o;
    size_t n;
    TRY(organisation_of_path(c, &id.id));
    TRY(organisation_read(c->t, &c->viewer, id, &o));
    if (!permit_recert(&c->viewer, o->row, true)) return ERR(E_ABSENT, "error.api.absent");
    contact_page_args args = all_of(c);
    args.one = o->row;
    args.has_one = true;
    args.whole = true;
    args.limit = 1;
    TRY(contact_page(c->t, &args, c->a, ret, &n));
    return n ? OK : ERR(E_ABSENT, "error.api.absent");
}

static void put_words(jsonw *w, const char *name, str s)
{
    jw_key(w, str_of(name));
    if (s.n)
        jw_str(w, s);
    else
        jw_null(w);
}

static err put_contact(call *c, const contact_people_row *r)
{
    const person_handle *p;
    jsonw *w = &c->out;
    err e = person_read_row(c->t, &c->viewer, r->row, &p);
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    bool seen = !failed(e);
    jw_obj(w);
    jw_kid(w, "id", r->id);
    put_words(w, "name", seen ? p->now.name : (str){ 0 });
    put_words(w, "mail", seen ? p->now.mail : (str){ 0 });
    put_words(w, "phone", seen ? p->now.phone : (str){ 0 });
    jw_kstr(w, "contact_role", r->contact_role);
    jw_ktime(w, "confirmed", r->confirmed);
    jw_kbool(w, "due", contact_is_due(c->app, r, txn_now(c->t)));
    jw_end_obj(w);
    return OK;
}

err h_contact_read(call *c)
{
    char list[CONTACT_LIST_HEX + 1];
    contact_page_row *r;
    contact_body b;
    TRY(find(c, &r));
    TRY(contact_body_read(c->t, c->app, c->a, r->org, &b));
    contact_list_hash(c->a, &b, 0, list);
    jw_obj(&c->out);
    jw_key(&c->out, S("line"));
    TRY(put_line(c, r, &b));
    jw_kstr(&c->out, "list", str_of(list));
    jw_key(&c->out, S("contacts"));
    jw_arr(&c->out);
    for (size_t i = 0; i < b.n; i++)
        TRY(put_contact(c, &b.people[i]));
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

err h_contact_confirm(call *c)
{
    const struct contacts_draft *d = c->req;
    const teller x = { c->t, c->app, c->realm, c->a };
    contact_page_row *r;
    TRY(find(c, &r));
    if (!permit_recert(&c->viewer, r->org, false)) return ERR(E_DENIED, "error.access.recert");
    TRY(contact_confirm_due(&x, r->org, 0, d->list, &c->viewer));
    call_put_empty(c);
    return OK;
}
