/* glass_list.c - routes of what was opened by emergency: the list, and closing. A line names whose
 * thing it is only to whoever may read it: others must not learn that there is one. */
#include "access/model.h"
#include "access/record.h"
#include "api/app.h"
#include "base/texts.h"
#include "desk/office/glass.h"
#include "desk/office/tell.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

err glass_names(call *c, int64_t person, int64_t org, lang l, str *ret_name, str *ret_org)
{
    viewer sys;
    const person_handle *p;
    const organisation_handle *o;
    TRY(viewer_system(c->t, &sys));
    TRY(person_read_row(c->t, &sys, person, &p));
    TRY(organisation_read_row(c->t, &sys, org ? org : p->now.org, &o));
    *ret_name = p->now.name;
    *ret_org = texts_pick(c->a, o->now.name, l);
    return OK;
}

bool glass_is_open(const call *c, const glass_page_row *r)
{
    return !r->ended.us && r->until.us > txn_now(c->t).us;
}

err glass_heard(call *c, id128 id, glass_page_row **rows, size_t *n)
{
    const viewer *v = &c->viewer;
    return glass_page(c->t,
            &(glass_page_args){
                    .org = v->org, .person = v->person, .whole = permit_glass_whole(v), .id = id },
            c->a, rows, n);
}

static glass_grant grant_of(const glass_page_row *r)
{
    return (glass_grant){ r->has_owner ? r->owner : 0, r->person, r->approver_1, r->approver_2 };
}

static err put_approver(call *c, int64_t person)
{
    jsonw *w = &c->out;
    str name, org;
    TRY(glass_names(c, person, 0, call_lang(c), &name, &org));
    jw_obj(w);
    jw_kstr(w, "name", name);
    jw_kstr(w, "org", org);
    jw_end_obj(w);
    return OK;
}

static err put_people(call *c, const glass_page_row *r)
{
    jsonw *w = &c->out;
    str name, org;
    TRY(glass_names(c, r->person, r->org, call_lang(c), &name, &org));
    jw_kstr(w, "by", name);
    jw_kstr(w, "org", org);
    jw_key(w, S("approved_by"));
    jw_arr(w);
    TRY(put_approver(c, r->approver_1));
    TRY(put_approver(c, r->approver_2));
    jw_end_arr(w);
    if (!r->has_ender) return OK;
    TRY(glass_names(c, r->ender, 0, call_lang(c), &name, &org));
    jw_kstr(w, "ended_by", name);
    return OK;
}

const record_def *glass_def(str kind)
{
    for (int i = 0; i < RECORD_KINDS; i++)
        if (str_eq(kind, str_of(record_defs[i]->name))) return record_defs[i];
    return NULL;
}

err glass_whose(call *c, const glass_page_row *r, const organisation_handle **ret)
{
    const void *h;
    const record_def *d = glass_def(r->kind);
    ASSERT(d);
    TRY(record_get(c->t, &c->viewer, d, RECORD_READ, r->record_id, &h));
    return organisation_read_row(c->t, &c->viewer, ((const record_head *)h)->owner, ret);
}

/* Of a thing that is unseen, and of one that is not there, nothing is said. */
static err put_whose(call *c, const glass_page_row *r)
{
    jsonw *w = &c->out;
    const organisation_handle *o;
    err e = glass_whose(c, r, &o);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    jw_key(w, S("whose"));
    jw_obj(w);
    jw_kid(w, "id", o->id.id);
    jw_kstr(w, "key", o->now.key);
    jw_key(w, S("name"));
    jw_raw(w, o->now.name);
    jw_end_obj(w);
    return OK;
}

static err put(call *c, const glass_page_row *r)
{
    jsonw *w = &c->out;
    glass_grant g = grant_of(r);
    bool open = glass_is_open(c, r);
    jw_obj(w);
    jw_kid(w, "id", r->id);
    jw_kstr(w, "kind", r->kind);
    jw_kid(w, "record", r->record_id);
    jw_kstr(w, "reason", r->reason);
    jw_ktime(w, "created", r->created);
    jw_ktime(w, "until", r->until);
    jw_kbool(w, "open", open);
    if (!open) jw_ktime(w, "ended", r->ended.us ? r->ended : r->until);
    jw_kbool(w, "owned", g.owner == c->viewer.org);
    jw_kbool(w, "may_end", open && !failed(permit_glass_end(&c->viewer, &g)));
    TRY(put_people(c, r));
    TRY(put_whose(c, r));
    jw_end_obj(w);
    return OK;
}

err h_glass_list(call *c)
{
    glass_page_row *rows;
    size_t n;
    TRY(glass_heard(c, (id128){ { 0 } }, &rows, &n));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        TRY(put(c, &rows[i]));
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* Whoever closes what is the own organisation's knows of it. */
static err know(call *c, id128 grant)
{
    return task_do(c->t,
            &(task_do_args){ .org = c->viewer.org,
                    .subject = grant,
                    .now = txn_now(c->t),
                    .doer = c->viewer.person },
            NULL);
}

err h_glass_end(call *c)
{
    glass_page_row *rows;
    size_t n;
    int64_t closed = 0;
    id128 id;
    TRY(call_id(c, &id));
    if (id_is_zero(id)) return ERR(E_ABSENT, "error.api.absent"); /* would ask for any */
    TRY(glass_heard(c, id, &rows, &n));
    if (!n) return ERR(E_ABSENT, "error.api.absent");
    glass_grant g = grant_of(&rows[0]);
    TRY(permit_glass_end(&c->viewer, &g));
    TRY(glass_close(c->t,
            &(glass_close_args){
                    .row = rows[0].row, .id = id, .now = txn_now(c->t), .ender = c->viewer.person },
            &closed));
    if (!closed) return ERR(E_CONFLICT, "error.office.glass_over");
    txn_raise_sights(c->t);
    if (g.owner == c->viewer.org) TRY(know(c, id));
    TRY(tell_entry(c->t, c->realm,
            &(told_entry){ LEDGER_glass_ended, S("glass"), id, g.owner ? g.owner : rows[0].org,
                    c->viewer.person }));
    call_put_empty(c);
    return OK;
}
