/* erase.c - routes that erase a person: what goes and what stays is said before; then, once another
 * person has let it happen, the key of name, mail and phone is destroyed, and with it they are gone
 * from tables, earlier versions, search, queues and backups. What the person did stays, by nobody's
 * name. The preview reads in the pool; the act is the writer's. */
#include "access/auth/auth.h"
#include "access/seal.h"
#include "api/app.h"
#include "common/notify/notify.h"
#include "common/outbox/bounce.h"
#include "common/retention/hold.h"
#include "desk/office/contact.h"
#include "desk/office/person.h"
#include "desk/office/recert.h"
#include "gen/desk/office/queries.h"
#include "gen/permissions.h"
#include "gen/routes_handlers.h"
#include "store/job.h"
#include "store/store.h"

enum { KEEPERS = ROLE_ORG_ADMIN | ROLE_COORDINATOR | ROLE_ADMIN };

/* ---- may it be? ---- */

static err others_with(call *c, const person_handle *p, uint32_t roles, int64_t *ret)
{
    erase_others_row *row;
    erase_others_args q = { .org = p->now.org, .person = p->row, .roles = roles };
    TRY(erase_others(c->t, &q, c->a, &row));
    *ret = row->n;
    return OK;
}

/* The site keeps somebody who administers it; nobody leaves the own organisation without anybody
 * who keeps its people. */
static err leaves_somebody(call *c, const person_handle *p)
{
    int64_t n = 1;
    bool active = str_eq(p->now.state, S("active")), own = p->row == c->viewer.person;
    bool admin = p->now.org == c->realm->site_org && (p->now.roles & ROLE_ADMIN) != 0;
    if (active && admin) TRY(others_with(c, p, ROLE_ADMIN, &n));
    if (!n) return ERR(E_CONFLICT, "error.office.erase_last_admin");
    if (own) TRY(others_with(c, p, KEEPERS, &n));
    return n ? OK : ERR(E_CONFLICT, "error.office.erase_own_last");
}

static err may_erase(call *c, const person_handle *p)
{
    if (p->sealed_lost) return ERR(E_CONFLICT, "error.office.person_erased");
    TRY(hold_refuses(c->t, S("person"), p->row, p->now.org));
    TRY(permit_roles(&c->viewer, p->now.org, (uint32_t)p->now.roles));
    return leaves_somebody(c, p);
}

/* ---- before ---- */

static void put_line(jsonw *w, const char *what, int64_t n)
{
    if (!n) return;
    jw_obj(w);
    jw_kstr(w, "what", str_of(what));
    if (n > 0) jw_ki64(w, "n", n);
    jw_end_obj(w);
}

static void put_goes(jsonw *w, const person_handle *p, const erase_counts_row *r)
{
    jw_key(w, S("goes"));
    jw_arr(w);
    put_line(w, "name", -1);
    put_line(w, "mail", -1);
    put_line(w, "phone", p->now.phone.n ? -1 : 0);
    put_line(w, "sessions", r->sessions);
    put_line(w, "keys", r->keys);
    put_line(w, "passkeys", r->passkeys);
    put_line(w, "mail_keys", r->mail_keys);
    put_line(w, "authenticator", r->factors ? -1 : 0);
    put_line(w, "password", r->passwords ? -1 : 0);
    put_line(w, "identity", r->identities ? -1 : 0);
    put_line(w, "machine", r->machines);
    put_line(w, "links", r->links);
    put_line(w, "notifications", r->notifications);
    put_line(w, "views", r->views - r->views_shared);
    put_line(w, "views_shared", r->views_shared);
    put_line(w, "leaves", r->leaves);
    put_line(w, "acts", r->acts);
    jw_end_arr(w);
}

static void put_stays(jsonw *w, const erase_counts_row *r)
{
    jw_key(w, S("stays"));
    jw_arr(w);
    put_line(w, "ledger", -1);
    put_line(w, "made", -1);
    put_line(w, "texts", -1);
    put_line(w, "key_names", r->key_names);
    put_line(w, "actions", r->actions);
    jw_end_arr(w);
}

err h_person_erasure(call *c)
{
    id128 id;
    const void *held;
    erase_counts_row *r;
    TRY(call_id(c, &id));
    TRY(record_get(c->t, &c->viewer, &person_def, RECORD_TRY, id, &held));
    const person_handle *p = held;
    TRY(may_erase(c, p));
    erase_counts_args q = {
        .person = p->row, .live = clock_now(&clock_system), .now = txn_now(c->t)
    };
    TRY(erase_counts(c->t, &q, c->a, &r));
    jw_obj(&c->out);
    jw_kstr(&c->out, "name", p->now.name);
    put_goes(&c->out, p, r);
    put_stays(&c->out, r);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- the act ---- */

static err forget_office(txn *t, int64_t person)
{
    instant now = txn_now(t);
    TRY(erase_views(t, &(erase_views_args){ .person = person }, NULL));
    TRY(erase_leaves(t, &(erase_leaves_args){ .person = person, .now = now }, NULL));
    TRY(erase_acts(t, &(erase_acts_args){ .person = person, .now = now }, NULL));
    TRY(erase_mail_keys(t, &(erase_mail_keys_args){ .person = person }, NULL));
    TRY(erase_role_ends(t, &(erase_role_ends_args){ .person = person }, NULL));
    TRY(erase_confirmed(t, &(erase_confirmed_args){ .person = person }, NULL));
    return rights_resume(t, &(rights_resume_args){ .person = person }, NULL);
}

/* The keyed hash of the address goes from earlier versions too: whoever has the installation's keys
 * could try addresses against it. verify knows why those versions no longer fit
 * (access/record_verify.c). */
static err save_nobody(call *c, const person_handle *p)
{
    person_draft d = p->now;
    d.mail_hash = (str){ 0 };
    d.roles = 0;
    d.contact_role = S("none");
    d.state = S("disabled");
    d.confirmed = (instant){ 0 };
    TRY(person_save(c->t, &c->viewer, p, &d, LEDGER_person_erased));
    return erase_hashes(c->t, &(erase_hashes_args){ .person = p->row }, NULL);
}

err h_person_erase(call *c)
{
    const person_handle *p;
    person_id id;
    TRY(call_id(c, &id.id));
    TRY(person_hold(c->t, &c->viewer, id, &p));
    TRY(may_erase(c, p));
    TRY(person_shut_out(c, p->row));
    TRY(auth_forget(c->t, p->row));
    TRY(notify_forget(c->t, p->row));
    TRY(mail_trouble_forget(c->t, p->row));
    TRY(job_withdraw(c->t, S("mail"), p->row));
    TRY(forget_office(c->t, p->row));
    TRY(save_nobody(c, p));
    TRY(seal_destroy_key(c->t, p->row));
    txn_raise_epoch(c->t);
    teller x = { c->t, c->app, c->realm, c->a };
    TRY(recert_settle(&x, p->now.org, &c->viewer));
    TRY(contact_settle(&x, p->now.org, c->viewer.person));
    call_put_empty(c);
    return OK;
}
