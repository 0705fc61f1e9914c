/* link.c - pages of one-time links: signing in, accepting an invitation, acknowledging a notice. A
 * GET shows a page with one button and changes nothing; the POST of that button acts once. Works
 * without script. Runs in the pool. */
#include "access/auth/auth.h"
#include "access/seen/seen.h"
#include "api/app.h"
#include "common/outbox/ack.h"
#include "desk/office/contact.h"
#include "desk/office/link_page.h"
#include "desk/office/person.h"
#include "gen/records/delivery.h"
#include "gen/records/notice.h"
#include "desk/office/tell.h"
#include "gen/routes_handlers.h"
#include "ledger/ledger.h"
#include "store/store.h"

/* ---- looking ---- */

/* "Aisha Khan · focal · aisha@mof.example · +92 51 1", each as it was written. */
static err contact_line(txn *t, arena *a, lang l, const contact_people_row *r, str *ret)
{
    const person_handle *h;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(person_read_row(t, &sys, r->row, &h));
    str role = str_eq(r->contact_role, S("focal"))       ? T(l, "contact_role.focal")
               : str_eq(r->contact_role, S("technical")) ? T(l, "contact_role.technical")
                                                         : T(l, "contact_role.management");
    str line = str_fmt(a, "\u2068%.*s\u2069 · %.*s · \u2068%.*s\u2069", STR_ARG(h->now.name),
            STR_ARG(role), STR_ARG(h->now.mail));
    *ret = h->now.phone.n
                   ? str_fmt(a, "%.*s · \u2066%.*s\u2069", STR_ARG(line), STR_ARG(h->now.phone))
                   : line;
    return OK;
}

static err look_contacts(txn *t, const app *of, arena *a, link_page *p)
{
    char list[CONTACT_LIST_HEX + 1];
    contact_body b;
    int64_t org, one;
    TRY(contact_of_link(t, p->facts.person, &org, &one));
    TRY(contact_body_read(t, of, a, org, &b));
    contact_list_hash(a, &b, one, list);
    p->list = str_copy(a, str_of(list));
    str *lines = NEW_ARRAY(a, str, b.n + 1);
    for (size_t i = 0; i < b.n; i++) {
        if (one && b.people[i].row != one) continue;
        TRY(contact_line(t, a, p->lang, &b.people[i], &lines[p->n_contacts]));
        p->n_contacts++;
    }
    p->contacts = lines;
    return OK;
}

/* What the page must know, read without acting. */
static err look(const app *of, realm *r, arena *a, str token, link_page *p)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    const person_handle *h;
    const organisation_handle *o;
    viewer sys;
    TRY(txn_read(r->store, 0, &t));
    TRY(link_peek(t, token, &p->facts));
    TRY(viewer_system(t, &sys));
    TRY(person_read_row(t, &sys, p->facts.person, &h));
    TRY(organisation_read_row(t, &sys, h->now.org, &o));
    p->person = str_copy(a, h->now.name);
    p->org = str_copy(a, o->now.name);
    if (!lang_parse(h->now.lang, &p->lang)) p->lang = LANG_EN;
    bool national = h->now.org == r->site_org;
    p->passkey =
            passkey_is_staff(national, (uint32_t)h->now.roles) ? passkey_wish_now() : PASSKEY_OFF;
    if (p->facts.kind == LINK_ACKNOWLEDGE)
        TRY(ack_notice_words(t, a, p->facts.subject, p->lang, &p->notice));
    p->person_org = h->now.org;
    p->n_contacts = 0;
    return p->facts.kind == LINK_CONTACTS ? look_contacts(t, of, a, p) : OK;
}

/* Who opened the mail's link has seen the notice's number and whom it is for. */
static err saw_notice(call *c, realm *r, const link_page *p)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    const delivery_handle *d;
    const notice_handle *n;
    viewer sys;
    if (p->facts.kind != LINK_ACKNOWLEDGE) return OK;
    TRY(txn_read(r->store, 0, &t));
    TRY(viewer_system(t, &sys));
    TRY(delivery_read_row(t, &sys, p->facts.subject, &d));
    TRY(notice_read_row(t, &sys, d->parent, &n));
    call_saw_mail(c, r, p->facts.person, p->person_org,
            &(seen_thing){ RECORD_notice, n->row, n->id.id, n->version, n->owner, n->audience,
                    n->author });
    return OK;
}

static err answer_ended(call *c)
{
    c->status = 404;
    c->html = link_page_ended(c->a, call_lang(c));
    return OK;
}

err h_link_open(call *c)
{
    link_page p = { .token = c->path_id, .lang = call_lang(c) };
    realm *r = link_realm(c->app->realms, c->path_id);
    if (!r) return answer_ended(c);
    err e = look(c->app, r, c->a, c->path_id, &p);
    if (err_code_of(e) == E_ABSENT) return answer_ended(c);
    TRY(e);
    TRY(saw_notice(c, r, &p));
    c->html = link_page_show(c->a, &p);
    return OK;
}

/* ---- acting ---- */

typedef struct {
    struct app *app;
    realm *realm;
    str token, hash, list;
    arena *a;
    str cookie;
    link_facts facts;
} acting;

/* Somebody who lost an authenticator comes back, with another password; all hear of it again. */
static err come_back(txn *t, acting *x)
{
    const person_handle *h;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(person_read_row(t, &sys, x->facts.person, &h));
    if (!str_eq(h->now.state, S("active"))) return ERR(E_ABSENT, "error.access.link_ended");
    TRY(password_keep(t, x->facts.person, x->hash));
    TRY(person_entry(t, h->row, h->row, LEDGER_person_returned));
    return tell_return(t, x->app, x->realm, h, true);
}

static err join(txn *t, acting *x)
{
    const person_handle *h;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(person_hold_row(t, &sys, x->facts.person, &h));
    if (str_eq(h->now.state, S("disabled"))) return ERR(E_ABSENT, "error.access.link_ended");
    person_draft d = h->now;
    d.state = S("active");
    d.confirmed = txn_now(t);
    TRY(person_save(t, &sys, h, &d, LEDGER_person_joined));
    return x->hash.n ? password_keep(t, x->facts.person, x->hash) : OK;
}

/* Without a change, exactly what the page showed. */
static err confirm_contacts(txn *t, acting *x)
{
    const teller to = { t, x->app, x->realm, x->a };
    int64_t org, one;
    viewer by;
    TRY(contact_of_link(t, x->facts.person, &org, &one));
    TRY(viewer_system(t, &by));
    by.person = x->facts.person;
    return contact_confirm_due(&to, org, one, x->list, &by);
}

static err act_apply(txn *t, void *ctx)
{
    acting *x = ctx;
    TRY(link_take(t, x->token, &x->facts));
    switch (x->facts.kind) {
    case LINK_INVITE:
        TRY(join(t, x));
        break;
    case LINK_ACKNOWLEDGE:
        return ack_by_link(t, x->realm, x->facts.subject, x->facts.person);
    case LINK_CONTACTS:
        return confirm_contacts(t, x);
    case LINK_RETURN:
        TRY(come_back(t, x));
        break;
    case LINK_SIGN_IN:
        break;
    }
    str how = x->facts.kind == LINK_INVITE ? S("invite") : S("link");
    return session_open(t, x->realm, x->facts.person, how, x->a, &x->cookie);
}

/* The invitation's form: a password twice. Empty *ret_wrong means it is fine. */
static err read_password(call *c, const struct form *f, link_page *p, str *ret_hash)
{
    str first = form_get(f, S("password")), again = form_get(f, S("again"));
    if (!str_eq(first, again)) {
        p->wrong = T(p->lang, "link.passwords_differ");
        return OK;
    }
    err e = password_hash(c->a, first, ret_hash);
    if (err_code_of(e) == E_INVALID) {
        p->wrong = fault_text(c->a, p->lang, e.f);
        return OK;
    }
    return e;
}

/* What is shown was changed meanwhile; it has been read anew. */
static err show_again(call *c, link_page *p, const fault *why)
{
    p->wrong = fault_text(c->a, p->lang, why);
    c->status = 409;
    c->html = link_page_show(c->a, p);
    return OK;
}

static err act(call *c, link_page *p, acting *x)
{
    err e = store_write(x->realm->store, act_apply, x);
    if (err_code_of(e) == E_ABSENT) return answer_ended(c);
    if (err_code_of(e) == E_CONFLICT && p->facts.kind == LINK_CONTACTS)
        return show_again(c, p, e.f);
    TRY(e);
    if (x->facts.kind == LINK_ACKNOWLEDGE || x->facts.kind == LINK_CONTACTS) {
        c->html = link_page_thanks(c->a, p);
        return OK;
    }
    c->set_cookie = x->cookie;
    c->status = 303;
    c->location = x->facts.kind == LINK_INVITE && p->passkey ? S("/passkey") : S("/");
    return OK;
}

err h_link_use(call *c)
{
    link_page p = { .token = c->path_id, .lang = call_lang(c) };
    acting x = { .app = c->app,
        .realm = link_realm(c->app->realms, c->path_id),
        .token = c->path_id,
        .a = c->a };
    if (!x.realm) return answer_ended(c);
    err e = look(c->app, x.realm, c->a, c->path_id, &p);
    if (err_code_of(e) == E_ABSENT) return answer_ended(c);
    TRY(e);
    bool passkey = p.passkey == PASSKEY_REQUIRED ||
                   (p.passkey && str_eq(form_get(c->req, S("way")), S("passkey")));
    if ((p.facts.kind == LINK_INVITE && !passkey) || p.facts.kind == LINK_RETURN) {
        TRY(read_password(c, c->req, &p, &x.hash));
        if (p.wrong.n) {
            c->status = 422;
            c->html = link_page_show(c->a, &p);
            return OK;
        }
    }
    if (p.facts.kind == LINK_CONTACTS) x.list = form_get(c->req, S("list"));
    return act(c, &p, &x);
}
