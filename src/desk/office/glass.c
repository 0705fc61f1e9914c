/* glass.c - route of breaking glass: one thing is opened to one person in an emergency. Asked for
 * with a reason, let happen by two others (api/held.c), told to the owner in the same transaction,
 * closed by its time or by hand (glass_list.c). Asking looks at nothing, so that its answer cannot
 * tell whether there is such a thing; a grant for nothing opens nothing. Writes table glass. */
#include "access/record.h"
#include "api/app.h"
#include "desk/office/glass.h"
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

/* *ret NULL: there is no such thing. */
static err find(call *c, const struct glass_draft *b, const record_head **ret)
{
    viewer sys;
    const void *h;
    const record_def *d = glass_def(b->kind);
    ASSERT(d);
    *ret = NULL;
    TRY(viewer_system(c->t, &sys));
    err e = record_get(c->t, &sys, d, RECORD_READ, b->record, &h);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    *ret = h;
    return OK;
}

/* Above GREEN a mail says that something was opened and where to read what and why. */
static err tell_owner(call *c, const glass_add_args *grant, const record_head *thing)
{
    str name, org;
    size_t n;
    const teller x = { c->t, c->app, c->realm, c->a };
    int64_t site = c->realm->site_org;
    TRY(glass_names(c, c->viewer.person, c->viewer.org, LANG_EN, &name, &org));
    telling w = { .kind = NOTIFY_EMERGENCY,
        .subject = TK("mail.glass.subject"),
        .text = TK("mail.glass.text"),
        .a1 = str_fmt(c->a, "\u2068%.*s (%.*s)\u2069", STR_ARG(name), STR_ARG(org)),
        .a2 = grant->until,
        .a3 = str_fmt(c->a, "\u2068%.*s %.*s\u2069", STR_ARG(grant->kind),
                STR_ARG(id_text(c->a, grant->record_id))),
        .more = AUDIENCE_LABEL(thing->audience) <= LABEL_GREEN ? grant->reason : S(""),
        .link = TK("mail.glass.link"),
        .path = S("/glass") };
    uint32_t roles = thing->owner == site ? ROLE_ORG_ADMIN | ROLE_COORDINATOR : ROLE_ORG_ADMIN;
    TRY(tell_org(&x, thing->owner, roles, &w, &n));
    TRY(task_give(&x, thing->owner, roles, S("glass"), grant->id));
    if (n || thing->owner == site) return OK;
    /* An organisation without an administrator is told by the national desk, which must know. */
    TRY(task_give(&x, site, ROLE_COORDINATOR, S("glass"), grant->id));
    return tell_org(&x, site, ROLE_COORDINATOR, &w, &n);
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
    txn_raise_sights(c->t);
    TRY(tell_entry(c->t, c->realm,
            &(told_entry){ LEDGER_glass_opened, S("glass"), id,
                    thing ? thing->owner : c->viewer.org, c->viewer.person }));
    return thing ? tell_owner(c, &grant, thing) : OK;
}

err h_glass_ask(call *c)
{
    const struct glass_draft *b = c->req;
    call_put_empty(c);
    if (!c->approvers) return OK; /* asked for: nothing is looked at */
    return open_glass(c, b);
}
