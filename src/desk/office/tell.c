/* tell.c - see tell.h. Owns nothing; the thread is the transaction's. */
#include "desk/office/tell.h"
#include "access/leave.h"
#include "access/site.h"
#include "api/app.h"
#include "base/texts.h"
#include "base/time.h"
#include "gen/desk/office/queries.h"
#include "gen/permissions.h"
#include "gen/records/organisation.h"
#include "render/words.h"
#include "store/store.h"

str tell_names(arena *a, str name)
{
    str en = texts_pick(a, name, LANG_EN), ur = texts_pick(a, name, LANG_UR);
    if (str_eq(en, ur)) return str_fmt(a, "\u2068%.*s\u2069", STR_ARG(en));
    return str_fmt(a, "\u2068%.*s\u2069 (\u2068%.*s\u2069)", STR_ARG(en), STR_ARG(ur));
}

err tell_person(const teller *x, int64_t person, str code, const telling *w)
{
    lang l;
    if (!lang_parse(code, &l)) l = LANG_EN;
    const zone *z;
    TRY(zone_find(conf_str(x->app->conf, "site.time_zone"), &z));
    str when = moment_text(x->a, l, w->a2, z);
    str text = text_fill(x->a, T(l, w->text), w->a1, when, w->a3);
    if (w->more.n) text = str_fmt(x->a, "%.*s\n\n%.*s", STR_ARG(text), STR_ARG(w->more));
    mail_words m = { .subject = text_fill(x->a, T(l, w->subject), w->a1, when, w->a3),
        .text = text,
        .url = str_fmt(x->a, "%.*s%.*s", STR_ARG(app_public_url(x->app)), STR_ARG(w->path)),
        .url_words = T(l, w->link) };
    return notify_person(
            x->t, x->r, person, &(notify_item){ .kind = w->kind, .words = m, .path = w->path });
}

/* Who is away is told by who stands in, unless that person hears of it anyway. */
static err tell_or_deputy(
        const teller *x, const org_with_role_row *rows, size_t n, size_t i, const telling *w)
{
    const person_handle *away;
    leave_now now;
    viewer sys;
    const zone *z;
    lang l;
    TRY(leave_of(x->t, rows[i].row, &now));
    if (!now.deputy) return tell_person(x, rows[i].row, rows[i].lang, w);
    for (size_t j = 0; j < n; j++)
        if (rows[j].row == now.deputy) return OK;
    TRY(viewer_system(x->t, &sys));
    TRY(person_read_row(x->t, &sys, rows[i].row, &away));
    TRY(zone_find(conf_str(x->app->conf, "site.time_zone"), &z));
    if (!lang_parse(now.deputy_lang, &l)) l = LANG_EN;
    telling with = *w;
    with.more = text_fill(x->a, T(l, "mail.stands_for"), away->now.name,
            moment_text(x->a, l, now.until, z), S(""));
    if (w->more.n) with.more = str_fmt(x->a, "%.*s\n\n%.*s", STR_ARG(w->more), STR_ARG(with.more));
    return tell_person(x, now.deputy, now.deputy_lang, &with);
}

err tell_org(const teller *x, int64_t org, uint32_t roles, const telling *w, size_t *ret_n)
{
    org_with_role_row *rows;
    TRY(org_with_role(
            x->t, &(org_with_role_args){ .org = org, .role = roles }, x->a, &rows, ret_n));
    for (size_t i = 0; i < *ret_n; i++)
        TRY(tell_or_deputy(x, rows, *ret_n, i, w));
    return OK;
}

err task_give(const teller *x, int64_t org, uint32_t roles, str what, id128 subject)
{
    return task_add(x->t,
            &(task_add_args){ .id = id_new(),
                    .org = org,
                    .roles = roles,
                    .what = what,
                    .subject = subject,
                    .created = txn_now(x->t) },
            NULL);
}

err tell_entry(struct txn *t, const realm *r, const told_entry *e)
{
    viewer sys;
    const organisation_handle *o;
    int64_t audience;
    TRY(viewer_system(t, &sys));
    TRY(organisation_read_row(t, &sys, e->org, &o));
    TRY(site_audience_strict(t, o->now.grp, &audience));
    return ledger_append(t, &(ledger_draft){ .type = e->type,
                                    .kind = e->kind,
                                    .subject = e->subject,
                                    .version = 1,
                                    .audience = audience,
                                    .owner = r->site_org,
                                    .author = e->author,
                                    .more = e->more });
}

err tell_return(struct txn *t, struct app *of, const realm *r, const person_handle *p, bool back)
{
    const teller x = { t, of, r, txn_arena(t) };
    size_t n;
    telling w = { .kind = NOTIFY_EMERGENCY,
        .subject = back ? TK("mail.returned.subject") : TK("mail.lost.subject"),
        .text = back ? TK("mail.returned.text") : TK("mail.lost.text"),
        .a1 = str_fmt(x.a, "\u2068%.*s\u2069", STR_ARG(p->now.name)),
        .a2 = txn_now(t),
        .link = TK("mail.lost.link"),
        .path = S("/people") };
    const str what = back ? S("returned") : S("lost");
    const bool home = p->now.org == r->site_org;
    const uint32_t desk = home ? ROLE_COORDINATOR | ROLE_ORG_ADMIN : ROLE_COORDINATOR;
    TRY(tell_person(&x, p->row, p->now.lang, &w));
    if (!home) {
        TRY(tell_org(&x, p->now.org, ROLE_ORG_ADMIN, &w, &n));
        TRY(task_give(&x, p->now.org, ROLE_ORG_ADMIN, what, p->id.id));
    }
    TRY(task_give(&x, r->site_org, desk, what, p->id.id));
    return tell_org(&x, r->site_org, desk, &w, &n);
}
