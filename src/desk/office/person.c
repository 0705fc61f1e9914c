/* person.c - routes of people: listed, added and invited, changed. Names, mail and phone are
 * sealed; they open only for who may see the person. Reads inline, writes within the group's
 * transaction. */
#include "desk/office/person.h"
#include "desk/office/reach.h"
#include "access/auth/auth.h"
#include "access/seal.h"
#include "access/site.h"
#include "api/page.h"
#include "common/outbox/bounce.h"
#include "common/outbox/mail.h"
#include "desk/office/delegation.h"
#include "desk/office/contact.h"
#include "desk/office/recert.h"
#include "desk/office/role_end.h"
#include "gen/access/auth/queries.h"
#include "gen/desk/office/queries.h"
#include "gen/routes_handlers.h"
#include "api/app.h"
#include "ledger/ledger.h"
#include "store/store.h"

uint32_t person_roles_bits(const str *names, size_t n)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < n; i++)
        for (int b = 0; b < ROLES; b++)
            if (str_eq(names[i], str_of(role_names[b]))) bits |= 1u << b;
    return bits;
}

void person_roles_put(jsonw *w, uint32_t roles)
{
    jw_arr(w);
    for (int b = 0; b < ROLES; b++)
        if (roles & (1u << b)) jw_str(w, str_of(role_names[b]));
    jw_end_arr(w);
}

uint32_t person_roles_of(str contact_role)
{
    if (str_eq(contact_role, S("focal"))) return ROLE_READER | ROLE_ANALYST | ROLE_ORG_ADMIN;
    if (str_eq(contact_role, S("technical"))) return ROLE_READER | ROLE_ANALYST;
    return ROLE_READER;
}

/* ---- reading ---- */

static void put_text(jsonw *w, str key, str s)
{
    jw_key(w, key);
    if (s.n)
        jw_str(w, s);
    else
        jw_null(w);
}

static err put_trouble(call *c, int64_t row)
{
    mail_trouble m;
    bool any;
    jsonw *w = &c->out;
    TRY(mail_trouble_of(c->t, row, &m, &any));
    if (!any) return OK;
    jw_key(w, S("mail_trouble"));
    jw_obj(w);
    jw_ki64(w, "hard", m.hard);
    jw_ki64(w, "soft", m.soft);
    jw_kstr(w, "status", m.status);
    jw_kstr(w, "reason", m.reason);
    jw_ktime(w, "first", m.first);
    jw_ktime(w, "last", m.last);
    jw_end_obj(w);
    return OK;
}

err person_put(call *c, int64_t row)
{
    const person_handle *p;
    jsonw *w = &c->out;
    TRY(person_read_row(c->t, &c->viewer, row, &p));
    jw_obj(w);
    jw_kid(w, "id", p->id.id);
    put_text(w, S("name"), p->now.name);
    put_text(w, S("mail"), p->now.mail);
    put_text(w, S("phone"), p->now.phone);
    jw_kstr(w, "lang", p->now.lang);
    jw_key(w, S("roles"));
    person_roles_put(w, (uint32_t)p->now.roles);
    jw_kstr(w, "contact_role", p->now.contact_role);
    jw_kstr(w, "state", p->now.state);
    jw_ktime(w, "confirmed", p->now.confirmed);
    jw_ki64(w, "version", p->version);
    if (p->sealed_lost) jw_kbool(w, "erased", true);
    TRY(put_trouble(c, row));
    TRY(put_org(c, S("org"), p->now.org));
    TRY(role_ends_put(c, c->t, row));
    jw_end_obj(w);
    return OK;
}

static err org_row(call *c, id128 id, int64_t *ret)
{
    const organisation_handle *o;
    TRY(organisation_read(c->t, &c->viewer, (organisation_id){ id }, &o));
    *ret = o->row;
    return OK;
}

/* Contacts confirmed at or before this moment are meant; none: people who are no contacts too. */
static instant contacts_asked(call *c, const struct person_query *q)
{
    if (!q->has_contact) return (instant){ 0 };
    if (!str_eq(q->contact, S("due"))) return (instant){ INT64_MAX };
    return contact_stale_before(c->app, txn_now(c->t));
}

err h_person_list(call *c)
{
    const struct person_query *q = c->query;
    cursor k = { 0 };
    bool found;
    person_page_row *rows;
    size_t n;
    int64_t org = 0, limit = page_limit(q->has_limit ? q->limit : 0);
    TRY(cursor_read(c, q->cursor, &k, &found));
    if (q->has_org) TRY(org_row(c, q->org, &org));
    TRY(person_page(c->t, &c->viewer,
            &(person_page_args){ .after = k.n[0],
                    .org = org,
                    .has_org = q->has_org,
                    .state = q->has_state ? q->state : (str){ 0 },
                    .due = contacts_asked(c, q),
                    .limit = limit },
            c->a, &rows, &n));
    page_open(c);
    for (size_t i = 0; i < n; i++)
        TRY(person_put(c, rows[i].row));
    page_close(c, (int64_t)n == limit, n ? &(cursor){ .n = { rows[n - 1].row } } : NULL);
    return OK;
}

/* ---- adding and inviting ---- */

err person_add(struct txn *t, const realm *r, const viewer *v, const organisation_handle *o,
        const person_facts *f, ledger_type entry, const person_handle **ret)
{
    uint8_t hash[SEAL_MAIL_HASH];
    /* Who administers it for another acts in the national desk's stead, and owns nothing of it. */
    person_draft d = { .owner = permit_delegated(v, o->row) ? r->site_org : v->org,
        .name = f->name,
        .mail = f->mail,
        .phone = f->phone,
        .lang = f->lang,
        .org = o->row,
        .roles = f->roles,
        .contact_role = f->contact_role,
        .state = S("invited") };
    TRY(permit_roles(v, o->row, f->roles));
    seal_mail_hash(f->mail, hash);
    d.mail_hash = (str){ (const char *)hash, sizeof hash };
    TRY(site_audience_strict(t, v->org == o->row ? r->national_grp : o->now.grp, &d.audience));
    err e = person_insert(t, v, &d, entry, ret);
    if (err_code_of(e) == E_CONFLICT)
        return err_at_pointer(ERR(E_CONFLICT, "error.office.mail_taken"), S("/mail"));
    return e;
}

str person_link_address(call *c, str token)
{
    return str_fmt(c->a, "%.*s/l/%.*s", STR_ARG(app_public_url(c->app)), STR_ARG(token));
}

/* Whoever has the link becomes the person: only for who holds all of the person's rights (I9). A
 * delegate does not get it: the person would open to it what its organisation may not read. */
err person_invitation(call *c, const person_handle *p)
{
    str token;
    int64_t valid_us = app_invite_us(c->app);
    /* Whoever holds the link becomes that person. */
    TRY(permit_roles(&c->viewer, p->now.org, (uint32_t)p->now.roles));
    TRY(link_make(c->t, c->realm, LINK_INVITE, p->row, 0, valid_us, &token));
    str address = person_link_address(c, token);
    TRY(outbox_mail_invitation(c->t, c->realm, p, address));
    jw_obj(&c->out);
    jw_kid(&c->out, "id", p->id.id);
    if (!permit_delegated(&c->viewer, p->now.org)) jw_kstr(&c->out, "link", address);
    jw_ktime(&c->out, "expires", (instant){ txn_now(c->t).us + valid_us });
    jw_end_obj(&c->out);
    return OK;
}

err h_person_create(call *c)
{
    const struct person_draft *b = c->req;
    const organisation_handle *o;
    const person_handle *p;
    TRY(organisation_read(c->t, &c->viewer, (organisation_id){ b->org }, &o));
    str role = b->has_contact_role ? b->contact_role : S("none");
    person_facts f = { .name = b->name,
        .mail = b->mail,
        .phone = b->phone,
        .lang = b->has_lang ? b->lang : o->now.lang,
        .contact_role = role,
        .roles =
                b->has_roles ? person_roles_bits(b->roles.at, b->roles.n) : person_roles_of(role) };
    TRY(person_add(c->t, c->realm, &c->viewer, o, &f, LEDGER_person_invited, &p));
    TRY(role_ends_keep(c, &(role_giving){ .p = p, .roles = f.roles, .until = b->roles_until }));
    TRY(delegation_tell(c, p, TK("mail.delegate.added")));
    return person_invitation(c, p);
}

err h_person_invite(call *c)
{
    const person_handle *p;
    person_id id;
    TRY(call_id(c, &id.id));
    TRY(person_hold(c->t, &c->viewer, id, &p));
    if (str_eq(p->now.state, S("disabled"))) return ERR(E_CONFLICT, "error.office.person_disabled");
    TRY(person_invitation(c, p));
    return person_entry_by(c->t, p->row, &c->viewer, LEDGER_person_invited_again);
}

/* ---- changing ---- */

/* I9: whoever changes a person must hold the person's rights, old and new. */
static err may_change(call *c, const person_handle *p, uint32_t roles)
{
    TRY(permit_roles(&c->viewer, p->now.org, (uint32_t)p->now.roles));
    return permit_roles(&c->viewer, p->now.org, roles);
}

err h_person_change(call *c)
{
    const struct person_change *b = c->req;
    const person_handle *p;
    person_id id;
    TRY(call_id(c, &id.id));
    TRY(person_hold(c->t, &c->viewer, id, &p));
    TRY(call_match(c, p->version, false));
    if (p->sealed_lost) return ERR(E_CONFLICT, "error.office.person_erased");
    person_draft d = p->now;
    if (b->has_roles) d.roles = person_roles_bits(b->roles.at, b->roles.n);
    if (b->has_lang) d.lang = b->lang;
    if (b->has_phone) d.phone = b->phone;
    if (b->has_contact_role) d.contact_role = b->contact_role;
    if (b->has_contact_role || b->has_phone)
        d.confirmed = txn_now(c->t); /* also without a change */
    if (b->has_state) d.state = b->state;
    TRY(may_change(c, p, (uint32_t)d.roles));
    role_giving giving = { p, (uint32_t)p->now.roles, (uint32_t)d.roles, b->roles_until };
    TRY(person_save(c->t, &c->viewer, p, &d, LEDGER_person_changed));
    if (b->mail_works) TRY(mail_trouble_forget(c->t, p->row));
    if (b->has_roles || b->has_roles_until) TRY(role_ends_keep(c, &giving));
    if (str_eq(d.state, S("disabled")))
        TRY(session_remove_person(c->t, &(session_remove_person_args){ .person = p->row }, NULL));
    if (b->has_roles || b->has_state)
        TRY(recert_decide(&(teller){ c->t, c->app, c->realm, c->a }, p, &c->viewer));
    TRY(contact_settle(&(teller){ c->t, c->app, c->realm, c->a }, p->now.org, c->viewer.person));
    if (b->has_roles || b->has_state) TRY(delegation_tell(c, p, TK("mail.delegate.changed")));
    call_created(c, p->id.id, p->version);
    return OK;
}
