/* letter.c - routes of letters: a notice is put on paper, its file is read, what became of it is
 * written down, and anybody who holds one asks whether it is ours. The letter itself is the
 * outbox's (common/outbox/paper.h). */
#include "access/seen/seen.h"
#include "api/api.h"
#include "api/app.h"
#include "common/outbox/delivery.h"
#include "common/outbox/paper.h"
#include "desk/watch/letter_page.h"
#include "gen/desk/watch/queries.h"
#include "gen/records/organisation.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

/* ---- asked for ---- */

static err add(call *c, const viewer *sys, const notice_handle *n)
{
    const organisation_handle *o;
    const delivery_handle *d;
    delivery_address to = { .notice = n->row, .org = n->now.org, .paper = true };
    TRY(organisation_read_row(c->t, sys, n->now.org, &o));
    to.lang = o->now.lang;
    to.at = txn_now(c->t);
    TRY(delivery_add(c->t, c->realm, sys, &to, &d));
    call_created(c, d->id.id, d->version);
    return OK;
}

/* One that is there already is the letter; nobody gets two with two numbers. */
err h_notice_letter(call *c)
{
    const notice_handle *n;
    notice_id id;
    id128 there;
    int64_t version;
    viewer sys;
    TRY(call_id(c, &id.id));
    TRY(notice_hold(c->t, &c->viewer, id, &n));
    if (!str_eq(n->now.state, S("sent")) && !str_eq(n->now.state, S("acknowledged")))
        return ERR1(E_CONFLICT, "error.paper.not_left", n->now.number);
    err e = paper_of_notice(c->t, n->row, &there, &version);
    if (!failed(e)) {
        call_created(c, there, version);
        return OK;
    }
    if (err_code_of(e) != E_ABSENT) return e;
    TRY(viewer_system(c->t, &sys));
    sys.person = c->viewer.person; /* the delivery is the recipient's; the ledger names who asked */
    return add(c, &sys, n);
}

/* ---- its file ---- */

err h_letter_pdf(call *c)
{
    const notice_handle *n;
    letter_file_row *l;
    id128 id;
    TRY(call_id(c, &id));
    TRY(letter_file(c->t, &c->viewer, &(letter_file_args){ .id = id }, c->a, &l));
    TRY(notice_read_row(c->t, &c->viewer, l->notice, &n));
    if (!l->pdf.n) return ERR(E_CONFLICT, "error.paper.not_made");
    c->raw = l->pdf;
    call_saw(c, &(seen_thing){ RECORD_notice, n->row, n->id.id, n->version, n->owner, n->audience,
                        n->author });
    return OK;
}

/* ---- what became of it ---- */

err h_letter_state(call *c)
{
    const struct letter_state *q = c->req;
    const notice_handle *n;
    const delivery_handle *d;
    delivery_id id;
    viewer sys;
    TRY(call_id(c, &id.id));
    TRY(delivery_read(c->t, &c->viewer, id, &d));
    TRY(notice_read_row(c->t, &c->viewer, d->parent, &n)); /* a part is seen within its whole */
    TRY(viewer_system(c->t, &sys));
    sys.person = c->viewer.person;
    TRY(delivery_hold(c->t, &sys, id, &d));
    TRY(paper_move(c->t, &sys, d, q->state, q->has_at ? q->at : txn_now(c->t)));
    call_created(c, id.id, d->version);
    return OK;
}

/* ---- is it ours? ---- */

static err look(call *c, const struct letter_query *q, letter_page *p)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    paper_facts f;
    TRY(txn_read(realms_live(c->app->realms)->store, 0, &t));
    err e = paper_check(t, q->n, q->c, &f);
    p->state = err_code_of(e) == E_ABSENT ? LETTER_UNKNOWN : LETTER_OURS;
    if (p->state == LETTER_UNKNOWN) return OK;
    TRY(e);
    if (f.is_withdrawn) p->state = LETTER_WITHDRAWN;
    p->number = str_copy(c->a, f.number);
    p->org = str_copy(c->a, f.org);
    p->issued = f.issued;
    p->withdrawn = f.withdrawn;
    return OK;
}

err h_letter_check(call *c)
{
    const struct letter_query *q = c->query;
    letter_page p = { .lang = call_lang(c), .state = LETTER_ASKED };
    TRY(paper_options_load(c->app->conf, &p.o));
    p.o.public_url = c->app->public_url;
    if (q->n.n || q->c.n) TRY(look(c, q, &p));
    if (p.state == LETTER_UNKNOWN) c->status = 404;
    c->html = letter_page_show(c->a, &p);
    return OK;
}
