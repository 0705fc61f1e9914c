/* notice_mail.c - what a mail says of a notice. Everything that is not CLEAR or GREEN stays in the
 * portal: the mail names the number, the class of matter and the severity, and points there. */
#include "base/texts.h"
#include "common/advice/advice.h"
#include "common/findings/findings.h"
#include "common/outbox/mail_in.h"
#include "events/sight.h"
#include "gen/common/outbox/queries.h"
#include "gen/records/notice.h"
#include "gen/records/organisation.h"
#include "render/words.h"
#include "store/store.h"

typedef struct {
    const notice_mail *m;
    arena *a;
    lang l;
    const notice_handle *n;
    str org, number, class, severity;
} telling;

static err class_words(txn *t, telling *x)
{
    notice_first_type_row *f;
    err e = notice_first_type(t, &(notice_first_type_args){ .notice = x->n->row }, x->a, &f);
    bool none = err_code_of(e) == E_ABSENT;
    if (failed(e) && !none) return e;
    const advice *ad =
            none ? advice_for(S(""), x->n->now.kind) : advice_for(f->type, f->identifier);
    x->class = T(x->l, ad->class_key);
    return OK;
}

static bool may_tell_all(int64_t audience)
{
    return AUDIENCE_LABEL(audience) <= LABEL_GREEN;
}

static str subject_of(const telling *x)
{
    if (!may_tell_all(x->n->audience))
        return text_fill(
                x->a, T(x->l, "mail.notice.subject"), x->n->now.number, x->class, x->severity);
    str subject = texts_pick(x->a, x->n->now.subject, x->l);
    return str_fmt(x->a, "%.*s: %.*s", STR_ARG(x->n->now.number), STR_ARG(subject));
}

static void say_pointer(letter *p, const telling *x)
{
    letter_say(p, text_fill(x->a, T(x->l, "mail.notice.pointer"), x->org, x->number, x->class));
    letter_say(p, text_fill(x->a, T(x->l, "mail.notice.severity"), x->severity, S(""), S("")));
    letter_say(p, T(x->l, "mail.notice.why_short"));
}

static void say_rest(letter *p, const telling *x, const mail_letter *of)
{
    arena *a = x->a;
    const outbox_options *o = x->m->o;
    str due = moment_text(a, x->l, x->n->now.due, o->zone);
    str ends = moment_text(a, x->l, x->m->link_ends, o->zone);
    str base = o->public_url, id = id_text(a, x->n->id.id);
    letter_say(p, text_fill(a, T(x->l, "mail.notice.due"), due, S(""), S("")));
    letter_link(p, T(x->l, "mail.notice.acknowledge"),
            str_fmt(a, "%.*s/l/%.*s", STR_ARG(base), STR_ARG(x->m->token)));
    letter_say(p, text_fill(a, T(x->l, "mail.notice.link"), ends, S(""), S("")));
    letter_link(p, T(x->l, "mail.notice.open"),
            str_fmt(a, "%.*s/notices/%.*s", STR_ARG(base), STR_ARG(id)));
    letter_say_key_ended(p, of);
    letter_say(p, T(x->l, "mail.never"));
    letter_say(p, x->l == LANG_UR ? o->site_name_ur : o->site_name_en);
}

err notice_mail_write(
        struct txn *t, const viewer *sys, arena *a, const notice_mail *m, mail_letter *ret)
{
    telling x = { .m = m, .a = a, .l = m->l };
    const organisation_handle *o;
    TRY(notice_read_row(t, sys, m->notice, &x.n));
    TRY(organisation_read_row(t, sys, x.n->now.org, &o));
    x.org = texts_pick(a, o->now.name, m->l);
    x.number = ltr_text(a, m->l, x.n->now.number);
    x.severity = T(m->l, severity_key(x.n->now.severity));
    TRY(class_words(t, &x));
    ret->subject = subject_of(&x);
    letter p = letter_new(a, m->l, ret->subject);
    letter_say(&p, text_fill(a, T(m->l, "mail.greeting"), ret->name, S(""), S("")));
    if (m->stands_for.n)
        letter_say(&p, text_fill(a, T(m->l, "mail.stands_for"), m->stands_for,
                               moment_text(a, m->l, m->away_until, m->o->zone), S("")));
    if (may_tell_all(x.n->audience))
        letter_say(&p, texts_pick(a, x.n->now.body, m->l));
    else
        say_pointer(&p, &x);
    say_rest(&p, &x, ret);
    letter_done(&p, &ret->text, &ret->html);
    ret->lang = lang_code(m->l);
    ret->message_id = message_id_of(a, "notice", m->delivery, m->o->from);
    return OK;
}
