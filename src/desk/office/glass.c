/* glass.c - routes of breaking glass: one thing is opened to one person in an emergency. Asked for
 * with a reason, let happen by two others (api/held.c), told to the owner in the same transaction,
 * closed by its time or by hand. Asking looks at nothing, so that its answer cannot tell whether
 * there is such a thing; a grant for nothing opens nothing. Writes table glass. */
#include "access/model.h"
#include "access/record.h"
#include "access/site.h"
#include "api/app.h"
#include "base/texts.h"
#include "desk/office/tell.h"
#include "gen/desk/office/queries.h"
#include "gen/records/finding.h"
#include "gen/records/notice.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "ledger/ledger.h"
#include "store/store.h"

#define MINUTE_US (60 * US_PER_S)

static const record_def *def_of(str kind)
{
    for (int i = 0; i < RECORD_KINDS; i++)
        if (str_eq(kind, str_of(record_defs[i]->name))) return record_defs[i];
    return NULL;
}

/* *ret NULL: there is no such thing. */
static err find(call *c, const struct glass_draft *b, const record_head **ret)
{
    viewer sys;
    const void *h;
    const record_def *d = def_of(b->kind);
    ASSERT(d);
    *ret = NULL;
    TRY(viewer_system(c->t, &sys));
    err e = record_get(c->t, &sys, d, RECORD_READ, b->record, &h);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    *ret = h;
    return OK;
}

/* The owner and the national desk see the entry; of a grant for nothing the asker's organisation.
 */
static err entry(call *c, ledger_type type, id128 grant, int64_t org)
{
    viewer sys;
    const organisation_handle *o;
    int64_t audience;
    TRY(viewer_system(c->t, &sys));
    TRY(organisation_read_row(c->t, &sys, org, &o));
    TRY(site_audience_strict(c->t, o->now.grp, &audience));
    return ledger_append(c->t, &(ledger_draft){ .type = type,
                                       .kind = S("glass"),
                                       .subject = grant,
                                       .version = 1,
                                       .audience = audience,
                                       .owner = c->realm->site_org,
                                       .author = c->viewer.person });
}

/* Name of a person and of the organisation, for whoever is to know to whom it was opened: the grant
 * itself says it, whatever else its reader may see. */
static err names(call *c, int64_t person, int64_t org, lang l, str *ret_name, str *ret_org)
{
    viewer sys;
    const person_handle *p;
    const organisation_handle *o;
    TRY(viewer_system(c->t, &sys));
    TRY(person_read_row(c->t, &sys, person, &p));
    TRY(organisation_read_row(c->t, &sys, org, &o));
    *ret_name = p->now.name;
    *ret_org = texts_pick(c->a, o->now.name, l);
    return OK;
}

/* Above GREEN a mail says that something was opened and where to read what and why. */
static err tell_owner(call *c, const struct glass_draft *b, const record_head *thing, instant until)
{
    str name, org;
    size_t n;
    const teller x = { c->t, c->app, c->realm, c->a };
    int64_t site = c->realm->site_org;
    TRY(names(c, c->viewer.person, c->viewer.org, LANG_EN, &name, &org));
    telling w = { .subject = TK("mail.glass.subject"),
        .text = TK("mail.glass.text"),
        .a1 = str_fmt(c->a, "\u2068%.*s (%.*s)\u2069", STR_ARG(name), STR_ARG(org)),
        .a2 = until,
        .a3 = str_fmt(
                c->a, "\u2068%.*s %.*s\u2069", STR_ARG(b->kind), STR_ARG(id_text(c->a, b->record))),
        .more = AUDIENCE_LABEL(thing->audience) <= LABEL_GREEN ? b->reason : S(""),
        .link = TK("mail.glass.link"),
        .path = S("/glass") };
    uint32_t roles = thing->owner == site ? ROLE_ORG_ADMIN | ROLE_COORDINATOR : ROLE_ORG_ADMIN;
    TRY(tell_org(&x, thing->owner, roles, &w, &n));
    /* An organisation without an administrator is told by the national desk, which must know. */
    return n ? OK : tell_org(&x, site, ROLE_COORDINATOR, &w, &n);
}

/* A finding or notice is not readable by who may not see whose it is: that entry opens with it, by
 * a row without an id of its own, which ends with its grant. 0: none is wanted. */
static err about_of(call *c, str kind, int64_t row, int64_t *ret)
{
    viewer sys;
    const finding_handle *f;
    const notice_handle *n;
    *ret = 0;
    TRY(viewer_system(c->t, &sys));
    if (str_eq(kind, S("finding"))) {
        TRY(finding_read_row(c->t, &sys, row, &f));
        *ret = f->owner;
    } else if (str_eq(kind, S("notice"))) {
        TRY(notice_read_row(c->t, &sys, row, &n));
        *ret = n->now.org;
    }
    return OK;
}

static err open_about(call *c, const glass_add_args *grant)
{
    int64_t org;
    glass_add_args with = *grant;
    TRY(about_of(c, grant->kind, grant->record, &org));
    if (!org) return OK;
    with.kind = S("organisation");
    with.record = org;
    with.record_id = grant->id;
    with.id = (id128){ { 0 } };
    return glass_add(c->t, &with, NULL);
}

static err open_glass(call *c, const struct glass_draft *b)
{
    const record_head *thing;
    id128 id = id_new();
    instant now = txn_now(c->t), until = { now.us + b->minutes * MINUTE_US };
    TRY(find(c, b, &thing));
    const glass_add_args grant = { .id = id,
        .kind = b->kind,
        .record = thing ? thing->row : 0,
        .record_id = b->record,
        .has_owner = thing != NULL,
        .owner = thing ? thing->owner : 0,
        .person = c->viewer.person,
        .org = c->viewer.org,
        .reason = b->reason,
        .until = until,
        .approver_1 = c->approvers[0],
        .approver_2 = c->approvers[1],
        .created = now };
    TRY(glass_add(c->t, &grant, NULL));
    if (thing) TRY(open_about(c, &grant));
    txn_raise_epoch(c->t);
    TRY(entry(c, LEDGER_glass_opened, id, thing ? thing->owner : c->viewer.org));
    return thing ? tell_owner(c, b, thing, until) : OK;
}

/* Writes down what its time has closed since: the clause closes by itself. */
static err write_over(call *c)
{
    glass_over_row *rows;
    size_t n;
    TRY(glass_over(c->t, &(glass_over_args){ .now = txn_now(c->t) }, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        TRY(glass_over_set(
                c->t, &(glass_over_set_args){ .row = rows[i].row, .until = rows[i].until }, NULL));
        TRY(entry(c, LEDGER_glass_ended, rows[i].id,
                rows[i].has_owner ? rows[i].owner : rows[i].org));
    }
    return OK;
}

err h_glass_ask(call *c)
{
    const struct glass_draft *b = c->req;
    call_put_empty(c);
    if (!c->approvers) return OK; /* asked for: nothing is looked at */
    TRY(write_over(c));
    return open_glass(c, b);
}

/* ---- those there are ---- */

static err page(call *c, id128 id, glass_page_row **rows, size_t *n)
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

static bool is_open(call *c, const glass_page_row *r)
{
    return !r->ended.us && r->until.us > txn_now(c->t).us;
}

static err put(call *c, const glass_page_row *r)
{
    jsonw *w = &c->out;
    glass_grant g = grant_of(r);
    str name, org;
    TRY(names(c, r->person, r->org, call_lang(c), &name, &org));
    jw_obj(w);
    jw_kid(w, "id", r->id);
    jw_kstr(w, "kind", r->kind);
    jw_kid(w, "record", r->record_id);
    jw_kstr(w, "reason", r->reason);
    jw_ktime(w, "created", r->created);
    jw_ktime(w, "until", r->until);
    jw_kbool(w, "open", is_open(c, r));
    jw_kbool(w, "owned", g.owner == c->viewer.org);
    jw_kbool(w, "may_end", is_open(c, r) && !failed(permit_glass_end(&c->viewer, &g)));
    jw_kstr(w, "by", name);
    jw_kstr(w, "org", org);
    jw_end_obj(w);
    return OK;
}

err h_glass_list(call *c)
{
    glass_page_row *rows;
    size_t n;
    TRY(page(c, (id128){ { 0 } }, &rows, &n));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        TRY(put(c, &rows[i]));
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

err h_glass_end(call *c)
{
    glass_page_row *rows;
    size_t n;
    int64_t closed = 0;
    id128 id;
    TRY(call_id(c, &id));
    if (id_is_zero(id)) return ERR(E_ABSENT, "error.api.absent"); /* would ask for any */
    TRY(page(c, id, &rows, &n));
    if (!n) return ERR(E_ABSENT, "error.api.absent");
    glass_grant g = grant_of(&rows[0]);
    TRY(permit_glass_end(&c->viewer, &g));
    TRY(glass_close(c->t,
            &(glass_close_args){
                    .row = rows[0].row, .id = id, .now = txn_now(c->t), .ender = c->viewer.person },
            &closed));
    if (!closed) return ERR(E_CONFLICT, "error.office.glass_over");
    txn_raise_epoch(c->t);
    TRY(entry(c, LEDGER_glass_ended, id, g.owner ? g.owner : rows[0].org));
    call_put_empty(c);
    return OK;
}
