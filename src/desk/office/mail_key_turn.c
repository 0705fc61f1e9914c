/* mail_key_turn.c - see mail_key.h. */
#include "common/mailkey/mailkey.h"
#include "base/time.h"
#include "desk/office/mail_key.h"
#include "gen/common/mailkey/queries.h"
#include "gen/permissions.h"
#include "gen/records/organisation.h"
#include "render/words.h"
#include "store/store.h"

enum { AT_ONCE = 100, WEEK_DAYS = 7, MONTH_DAYS = 30 };
enum { TOLD_MONTH = 1, TOLD_WEEK, TOLD_OVER };

static mail_key_ending_args ending(struct txn *t, int64_t limit)
{
    int64_t now = txn_now(t).us;
    return (mail_key_ending_args){ .month = { now + MONTH_DAYS * US_PER_DAY },
        .week = { now + WEEK_DAYS * US_PER_DAY },
        .now = { now },
        .limit = limit };
}

static instant stale_before(struct txn *t)
{
    return (instant){ txn_now(t).us - MAIL_KEY_WAITS_DAYS * US_PER_DAY };
}

static err tell_desk(const teller *x, const person_handle *p, instant ended)
{
    size_t n;
    telling w = { .kind = NOTIFY_TASK,
        .subject = TK("mail.key.ended_desk.subject"),
        .text = TK("mail.key.ended_desk.text"),
        .a1 = str_fmt(x->a, "\u2068%.*s\u2069", STR_ARG(p->now.name)),
        .a2 = ended,
        .link = TK("mail.key.link"),
        .path = S("/mail-keys") };
    return tell_org(x, x->r->site_org, ROLE_COORDINATOR | ROLE_ADMIN, &w, &n);
}

static err tell_owner(const teller *x, const person_handle *p, const mail_key *k, int64_t stage)
{
    lang l;
    bool over = stage == TOLD_OVER;
    if (!lang_parse(p->now.lang, &l)) l = LANG_EN;
    telling w = { .kind = NOTIFY_ACCOUNT,
        .subject = over ? TK("mail.key.ended.subject") : TK("mail.key.ends.subject"),
        .text = over ? TK("mail.key.ended.text") : TK("mail.key.ends.text"),
        .a1 = ltr_text(x->a, l, pgp_grouped(x->a, k->fingerprint)),
        .a2 = k->expires,
        .link = TK("mail.key.link"),
        .path = S(MAIL_KEY_PATH) };
    TRY(tell_person(x, p->row, p->now.lang, &w));
    return over ? tell_desk(x, p, k->expires) : OK;
}

/* One whose place another has taken ends in silence. */
static err warn(const teller *x, const mail_key_ending_row *r)
{
    const person_handle *p;
    mail_key k;
    mail_key_use use;
    viewer sys;
    int64_t left = r->expires.us - txn_now(x->t).us;
    int64_t stage = left <= 0 ? TOLD_OVER : left <= WEEK_DAYS * US_PER_DAY ? TOLD_WEEK : TOLD_MONTH;
    TRY(mail_key_tell(x->t, &(mail_key_tell_args){ .row = r->row, .told = stage }, NULL));
    TRY(viewer_system(x->t, &sys));
    TRY(person_read_row(x->t, &sys, r->person, &p));
    TRY(mail_key_of(x->t, r->person, &use));
    if ((use.row && use.row != r->row) || !str_eq(p->now.state, S("active"))) return OK;
    err e = mail_key_read(x->t, r->row, &k);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    return tell_owner(x, p, &k, stage);
}

err mail_key_turn(const teller *x)
{
    mail_key_ending_args args = ending(x->t, AT_ONCE);
    mail_key_ending_row *rows;
    size_t n;
    TRY(mail_key_purge(x->t, &(mail_key_purge_args){ .before = stale_before(x->t) }, NULL));
    TRY(mail_key_ending(x->t, &args, x->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(warn(x, &rows[i]));
    return OK;
}

err mail_key_turn_wanted(struct txn *t, bool *ret)
{
    mail_key_ending_args args = ending(t, 1);
    mail_key_ending_row *rows;
    mail_key_stale_row *stale;
    size_t n;
    TRY(mail_key_ending(t, &args, txn_arena(t), &rows, &n));
    *ret = n > 0;
    if (*ret) return OK;
    TRY(mail_key_stale(t, &(mail_key_stale_args){ .before = stale_before(t), .limit = 1 },
            txn_arena(t), &stale, &n));
    *ret = n > 0;
    return OK;
}
