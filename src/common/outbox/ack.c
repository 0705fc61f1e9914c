/* ack.c - see ack.h. Writer thread within apply; ack_notice_words on any. */
#include "common/outbox/ack.h"
#include "access/leave.h"
#include "base/texts.h"
#include "common/outbox/delivery.h"
#include "gen/records/person.h"
#include "store/store.h"

static err link_ended(void)
{
    return ERR(E_ABSENT, "error.access.link_ended");
}

err ack_notice_words(struct txn *t, arena *a, int64_t delivery, lang l, str *ret)
{
    const delivery_handle *d;
    const notice_handle *n;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(delivery_read_row(t, &sys, delivery, &d));
    if (str_eq(d->now.state, S("undone"))) return link_ended();
    TRY(notice_read_row(t, &sys, d->parent, &n));
    str subject = texts_pick(a, n->now.subject, l);
    *ret = str_fmt(a, "%.*s: %.*s", STR_ARG(n->now.number), STR_ARG(subject));
    return OK;
}

static err mark_delivery(struct txn *t, const viewer *v, const delivery_handle *h)
{
    delivery_draft d = h->now;
    if (str_eq(d.state, S("acknowledged"))) return OK;
    d.state = S("acknowledged");
    d.acknowledged = txn_now(t);
    return delivery_save(t, v, h, &d, LEDGER_delivery_acknowledged);
}

static err mark_notice(struct txn *t, const viewer *v, const notice_handle *h)
{
    notice_draft d = h->now;
    d.state = S("acknowledged");
    d.acknowledged = txn_now(t);
    d.acknowledged_by = v->person;
    d.has_acknowledged_by = true;
    TRY(notice_save(t, v, h, &d, LEDGER_notice_acknowledged));
    return leave_acted(t, S("notice"), h->row, v);
}

err ack_delivery(struct txn *t, int64_t delivery, const viewer *by)
{
    const delivery_handle *d;
    const notice_handle *n;
    viewer v;
    TRY(viewer_system(t, &v));
    v.person = by->person; /* the machine moves the notice, the ledger names who pressed */
    v.stands_for = by->stands_for;
    v.stands_for_id = by->stands_for_id;
    TRY(delivery_hold_row(t, &v, delivery, &d));
    if (str_eq(d->now.state, S("undone"))) return link_ended();
    TRY(notice_hold_row(t, &v, d->parent, &n));
    if (str_eq(n->now.state, S("held"))) TRY(notice_leaves(t, &v, n->row));
    TRY(notice_hold_row(t, &v, d->parent, &n));
    if (str_eq(n->now.state, S("undone"))) return link_ended();
    TRY(mark_delivery(t, &v, d));
    if (str_eq(n->now.state, S("acknowledged"))) return OK;
    TRY(mark_notice(t, &v, n));
    return delivery_cancel(t, &v, n->row, true);
}

/* The mail may have gone to a deputy: its link is good for as long as the person is away. */
static err whose_mail(struct txn *t, const viewer *sys, int64_t delivery, viewer *by)
{
    const person_handle *p;
    leave_now l;
    int64_t person;
    TRY(leave_acted_for(t, S("delivery"), delivery, &person));
    if (!person) return OK;
    TRY(leave_of(t, person, &l));
    if (!l.away || l.deputy != by->person) return link_ended();
    TRY(person_read_row(t, sys, person, &p));
    by->stands_for = person;
    by->stands_for_id = p->id.id;
    return OK;
}

err ack_by_link(struct txn *t, const realm *r, int64_t delivery, int64_t person)
{
    const delivery_handle *d;
    const person_handle *p;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(delivery_read_row(t, &sys, delivery, &d));
    TRY(person_read_row(t, &sys, person, &p));
    bool theirs = d->now.has_person && d->now.person == person && p->now.org == d->now.org;
    if (!theirs || str_eq(p->now.state, S("disabled"))) return link_ended();
    viewer by = { .person = person };
    TRY(whose_mail(t, &sys, delivery, &by));
    return ack_delivery(t, delivery, &by);
}
