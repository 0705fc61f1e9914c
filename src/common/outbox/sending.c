/* sending.c - see sending.h. */
#include "common/outbox/sending.h"
#include "access/auth/auth.h"
#include "access/leave.h"
#include "common/mailkey/mailkey.h"
#include "common/outbox/post.h"
#include "common/outbox/verp.h"
#include "gen/common/outbox/queries.h"
#include "net/message.h"
#include "store/job.h"
#include "store/store.h"
#include <stdlib.h>

sending *sending_new(sending_kind kind, int64_t row)
{
    sending *s = calloc(1, sizeof *s);
    ASSERT(s);
    s->a = arena_new((size_t)64 << 20);
    s->kind = kind;
    s->row = row;
    return s;
}

void sending_free(sending *s)
{
    if (!s) return;
    arena_free(s->a);
    free(s);
}

/* Of a delivery, or of queued mail: of whom it is for. */
static str envelope_of(sending *s, const outbox_options *o, int64_t person)
{
    if (!o->bounce_address.n) return o->from;
    return s->kind == SENDING_JOB
                   ? verp_make(s->a, o->bounce_key, o->bounce_address, VERP_PERSON, person)
                   : verp_make(s->a, o->bounce_key, o->bounce_address, VERP_DELIVERY, s->row);
}

static err build(sending *s, const outbox_options *o, const mail_letter *l, instant now)
{
    lang shown = LANG_EN;
    mailbox to = { .name = l->name, .address = l->address };
    if (!lang_parse(l->lang, &shown)) shown = LANG_EN;
    message m = { .from = { shown == LANG_UR ? o->site_name_ur : o->site_name_en, o->from },
        .to = &to,
        .n_to = 1,
        .subject = l->subject,
        .lang = l->lang,
        .text = l->text,
        .html = l->html,
        .date = now,
        .message_id = l->message_id };
    s->to = str_copy(s->a, l->address);
    s->key = l->key;
    s->way = l->way;
    return message_build(s->a, &m, &s->message);
}

/* ---- deliveries ---- */

/* Empty: it is to leave. Else the state in which it stays. */
static err where_it_stays(
        txn *t, const viewer *sys, const delivery_handle *d, const person_handle **ret_p, str *ret)
{
    const notice_handle *n;
    TRY(notice_read_row(t, sys, d->parent, &n));
    TRY(person_read_row(t, sys, d->now.person, ret_p));
    bool over = str_eq(n->now.state, S("undone")) || str_eq(n->now.state, S("acknowledged"));
    bool nobody = str_eq((*ret_p)->now.state, S("disabled")) || (*ret_p)->sealed_lost;
    *ret = over || nobody ? S("undone") : S("");
    return OK;
}

static err begin(txn *t, const viewer *sys, const delivery_handle *h)
{
    delivery_draft d = h->now;
    d.state = S("sending");
    d.attempts++;
    d.next_at = (instant){ txn_now(t).us + SENDING_LEASE_S * US_PER_S };
    return delivery_save(t, sys, h, &d, LEDGER_NONE);
}

/* It goes to a deputy: the mail says for whom. */
static err say_for_whom(txn *t, const viewer *sys, int64_t delivery, notice_mail *m)
{
    const person_handle *away;
    leave_now l;
    int64_t person;
    TRY(leave_acted_for(t, S("delivery"), delivery, &person));
    if (!person) return OK;
    TRY(person_read_row(t, sys, person, &away));
    TRY(leave_of(t, person, &l));
    m->stands_for = l.away ? away->now.name : S("");
    m->away_until = l.until;
    return OK;
}

static err write_notice(txn *t, const realm *r, const viewer *sys, const outbox_options *o,
        const delivery_handle *d, const person_handle *p, const mail_key_use *key, sending *s)
{
    notice_mail m = { .o = o,
        .notice = d->parent,
        .delivery = d->id.id,
        .link_ends = { txn_now(t).us + o->link_us } };
    mail_letter l = { .name = p->now.name,
        .address = p->now.mail,
        .key = str_copy(s->a, key->key),
        .way = key->way,
        .key_ended = key->ended };
    if (!lang_parse(p->now.lang, &m.l)) m.l = LANG_EN;
    TRY(say_for_whom(t, sys, d->row, &m));
    TRY(link_make(t, r, LINK_ACKNOWLEDGE, p->row, d->row, o->link_us, &m.token));
    TRY(notice_mail_write(t, sys, s->a, &m, &l));
    s->envelope = envelope_of(s, o, p->row);
    return build(s, o, &l, txn_now(t));
}

/* What cannot be written as a mail (an address that is none) fails at once, in words. */
static err never(txn *t, const viewer *sys, sending *s, err why)
{
    err_code code = err_code_of(why);
    if (code != E_INVALID && code != E_TOO_LARGE) return why;
    str words = fault_text(txn_arena(t), LANG_EN, why.f);
    return delivery_record(
            t, sys, s->row, &(delivery_outcome){ .permanent = true, .words = words });
}

/* The setting wants a notice held rather than sent in clear to whom it used to be encrypted. */
static err hold_for_key(txn *t, const delivery_handle *d)
{
    return delivery_put_off(t,
            &(delivery_put_off_args){ .row = d->row,
                    .error = T(LANG_EN, "mail.key.held"),
                    .until = { txn_now(t).us + SENDING_HELD_S * US_PER_S } },
            NULL);
}

err sending_of_delivery(txn *t, const realm *r, const viewer *sys, const outbox_options *o,
        int64_t row, sending **ret)
{
    const delivery_handle *d;
    const person_handle *p;
    mail_key_use key;
    str stays;
    *ret = NULL;
    TRY(delivery_hold_row(t, sys, row, &d));
    TRY(where_it_stays(t, sys, d, &p, &stays));
    if (stays.n) return delivery_move(t, sys, d, stays, LEDGER_delivery_changed);
    TRY(mail_key_of(t, p->row, &key));
    if (key.ended.us && o->hold_without_key) return hold_for_key(t, d);
    TRY(begin(t, sys, d));
    sending *s = sending_new(SENDING_MAIL, row);
    err e = write_notice(t, r, sys, o, d, p, &key, s);
    if (!failed(e)) {
        *ret = s;
        return OK;
    }
    e = never(t, sys, s, e);
    sending_free(s);
    return e;
}

/* ---- queued mail ---- */

static err write_queued(txn *t, const outbox_options *o, const job *j, sending *s)
{
    mail_letter l;
    int64_t person;
    TRY(queued_mail_open(t, s->a, j->body, &person, &l));
    l.message_id = message_id_of(s->a, "mail", j->id, o->from);
    s->envelope = envelope_of(s, o, person);
    return build(s, o, &l, txn_now(t));
}

err sending_of_job(txn *t, const outbox_options *o, str who, sending **ret)
{
    const job *j;
    bool over;
    *ret = NULL;
    TRY(job_claim(t, txn_arena(t), S("mail"), who, SENDING_LEASE_S * US_PER_S, &j));
    sending *s = sending_new(SENDING_JOB, j->row);
    err e = write_queued(t, o, j, s);
    if (!failed(e)) {
        *ret = s;
        return OK;
    }
    str words = fault_text(txn_arena(t), LANG_EN, e.f);
    sending_free(s);
    return job_fail(t, j->row, who, words, &over);
}

/* ---- what came of it ---- */

static bool hopeless(err e, int32_t code)
{
    err_code c = err_code_of(e);
    return (code >= 500 && code < 600) || c == E_INVALID || c == E_TOO_LARGE || c == E_DENIED;
}

void sending_end(sending *s, err e, const mail_result *r)
{
    bool asked = r && r->n_rcpts && r->rcpts[0].code;
    int32_t code = asked ? r->rcpts[0].code : r ? r->code : 0;
    str text = asked ? r->rcpts[0].text : r ? r->text : S("");
    s->outcome.ok = !failed(e);
    if (s->outcome.ok) return;
    s->outcome.permanent = hopeless(e, code);
    s->outcome.uncounted = err_code_of(e) == E_BUSY;
    str words =
            code ? str_fmt(s->a, "%d %.*s", code, STR_ARG(text)) : fault_text(s->a, LANG_EN, e.f);
    s->outcome.words = delivery_unnamed(s->a, words, s->to);
}

err sending_record(txn *t, const viewer *sys, const outbox_options *o, str who, const sending *s)
{
    bool over;
    if (s->kind == SENDING_POST || s->kind == SENDING_TEST) return post_record(t, sys, o, s);
    if (s->kind == SENDING_MAIL) return delivery_record(t, sys, s->row, &s->outcome);
    if (s->outcome.ok) return job_finish(t, s->row, who);
    return job_fail(t, s->row, who, delivery_cut(s->outcome.words, DELIVERY_WORDS_BYTES), &over);
}
