/* contact_turn.c - what time does to contacts: of an organisation whose contacts nobody has
 * confirmed for contacts.confirm_days its administrators get one mail on Monday morning, with a
 * page behind it that confirms without a change; the next one a week later, until they do. After
 * four the national desk hears of it. Writer thread; the look on any. */
#include "access/auth/auth.h"
#include "access/delegate.h"
#include "api/app.h"
#include "base/time.h"
#include "desk/office/contact.h"
#include "gen/access/auth/queries.h"
#include "gen/permissions.h"
#include "gen/records/organisation.h"
#include "ledger/ledger.h"
#include "render/words.h"
#include "store/store.h"
#include <sodium.h>

enum { AT_ONCE = 100, MORNING_HOUR = 8, WEEK_DAYS = 7, TWO_ADMINS = 2 };
#define LINK_VALID_US (21 * US_PER_DAY)

static int64_t days_of(const struct app *a)
{
    return conf_int(a->conf, "contacts.confirm_days");
}

static instant due_at(const struct app *a, const contact_people_row *p)
{
    instant since = p->confirmed.us ? p->confirmed : p->created;
    return (instant){ since.us + days_of(a) * US_PER_DAY };
}

bool contact_is_due(const struct app *a, const contact_people_row *p, instant now)
{
    return days_of(a) && due_at(a, p).us <= now.us;
}

instant contact_stale_before(const struct app *a, instant now)
{
    return (instant){ days_of(a) ? now.us - days_of(a) * US_PER_DAY : 1 };
}

err contact_body_read(struct txn *t, const struct app *a, arena *m, int64_t org, contact_body *ret)
{
    org_with_role_row *admins;
    *ret = (contact_body){ .org = org };
    TRY(contact_people(t, &(contact_people_args){ .org = org }, m, &ret->people, &ret->n));
    for (size_t i = 0; i < ret->n; i++)
        ret->due += contact_is_due(a, &ret->people[i], txn_now(t));
    return org_with_role(t, &(org_with_role_args){ .org = org, .role = ROLE_ORG_ADMIN }, m, &admins,
            &ret->admins);
}

void contact_list_hash(arena *m, const contact_body *b, int64_t one, char ret[CONTACT_LIST_HEX + 1])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    buf text = buf_new(m, 256);
    for (size_t i = 0; i < b->n; i++) {
        const contact_people_row *p = &b->people[i];
        if (one && p->row != one) continue;
        buf_fmt(&text, "%.*s %lld\n", STR_ARG(id_text(m, p->id)), (long long)p->version);
    }
    crypto_hash_sha256(hash, (const uint8_t *)text.p, text.n);
    sodium_bin2hex(ret, CONTACT_LIST_HEX + 1, hash, sizeof hash);
}

/* ---- when it is looked at again ---- */

/* The first Monday morning at or after t, by the site's clock on the wall. */
static err monday(const struct app *a, instant t, instant *ret)
{
    const zone *z;
    TRY(zone_find(conf_str(a->conf, "site.time_zone"), &z));
    civil c = civil_of(t, z);
    c = (civil){ .year = c.year,
        .month = c.month,
        .day = c.day + (WEEK_DAYS - c.weekday) % WEEK_DAYS,
        .hour = MORNING_HOUR };
    *ret = civil_instant(&c, z);
    if (ret->us >= t.us) return OK;
    c.day += WEEK_DAYS;
    *ret = civil_instant(&c, z);
    return OK;
}

static err next_look(const teller *x, const contact_body *b, instant *ret)
{
    instant next = { txn_now(x->t).us + days_of(x->app) * US_PER_DAY };
    for (size_t i = 0; i < b->n; i++) {
        instant due = due_at(x->app, &b->people[i]);
        if (due.us < next.us) next = due;
    }
    return monday(x->app, next, ret);
}

/* ---- asking ---- */

static err entry(const teller *x, const organisation_handle *o, ledger_type type, int64_t author)
{
    return tell_entry(x->t, x->r,
            &(told_entry){ .type = type,
                    .kind = S("organisation"),
                    .subject = o->id.id,
                    .org = o->row,
                    .author = author });
}

static telling words(const teller *x, const organisation_handle *o, const contact_body *b)
{
    return (telling){ .subject = TK("mail.contacts.subject"),
        .text = TK("mail.contacts.text"),
        .a1 = count_text(x->a, (int64_t)b->due),
        .a2 = txn_now(x->t),
        .a3 = tell_names(x->a, o->now.name),
        .link = TK("mail.contacts.link"),
        .path = str_fmt(x->a, "/contacts/%.*s", STR_ARG(id_text(x->a, o->id.id))) };
}

/* One person, with a page behind the link that confirms without a change and without signing in. */
static err ask_person(const teller *x, int64_t person, str code, const contact_body *b, telling w)
{
    str token;
    lang l;
    TRY(link_make(x->t, x->r, LINK_CONTACTS, person, 0, LINK_VALID_US, &token));
    w.path = str_fmt(x->a, "/l/%.*s", STR_ARG(token));
    if (!lang_parse(code, &l)) l = LANG_EN;
    if (b->admins < TWO_ADMINS) w.more = T(l, "mail.contacts.second_admin");
    return tell_person(x, person, code, &w);
}

/* Who administers it; with nobody who does, each contact for itself, and its keeper. */
static err ask_all(const teller *x, const contact_body *b, const telling *w)
{
    org_with_role_row *admins;
    delegate_now d;
    size_t n;
    TRY(org_with_role(x->t, &(org_with_role_args){ .org = b->org, .role = ROLE_ORG_ADMIN }, x->a,
            &admins, &n));
    for (size_t i = 0; i < n; i++)
        TRY(ask_person(x, admins[i].row, admins[i].lang, b, *w));
    for (size_t i = 0; !n && i < b->n; i++)
        if (contact_is_due(x->app, &b->people[i], txn_now(x->t)))
            TRY(ask_person(x, b->people[i].row, b->people[i].lang, b, *w));
    TRY(delegate_of(x->t, b->org, &d));
    return !n && d.keeper ? tell_org(x, d.keeper, ROLE_ORG_ADMIN, w, &n) : OK;
}

static err ask(const teller *x, const organisation_handle *o, const contact_body *b)
{
    const telling w = words(x, o, b);
    TRY(ask_all(x, b, &w));
    TRY(task_do(x->t,
            &(task_do_args){ .org = b->org,
                    .subject = o->id.id,
                    .what = S("contacts"),
                    .now = txn_now(x->t) },
            NULL));
    TRY(task_give(x, b->org, ROLE_ORG_ADMIN, S("contacts"), o->id.id));
    return entry(x, o, LEDGER_contacts_asked, 0);
}

static err escalate(const teller *x, const organisation_handle *o, const contact_body *b)
{
    size_t n;
    telling w = words(x, o, b);
    w.subject = TK("mail.contacts_stale.subject");
    w.text = TK("mail.contacts_stale.text");
    TRY(entry(x, o, LEDGER_contacts_stale, 0));
    return tell_org(x, x->r->site_org, ROLE_COORDINATOR | ROLE_ADMIN, &w, &n);
}

/* ---- confirming ---- */

err contact_settle(const teller *x, int64_t org, int64_t doer)
{
    const organisation_handle *o;
    contact_round_of_row *round;
    contact_body b;
    instant next;
    viewer sys;
    err e = contact_round_of(x->t, &(contact_round_of_args){ .org = org }, x->a, &round);
    if (err_code_of(e) == E_ABSENT) return OK; /* nobody has looked at it yet */
    TRY(e);
    TRY(contact_body_read(x->t, x->app, x->a, org, &b));
    if (b.due || !round->asks) return OK;
    TRY(viewer_system(x->t, &sys));
    TRY(organisation_read_row(x->t, &sys, org, &o));
    TRY(next_look(x, &b, &next));
    TRY(contact_round_set(x->t, &(contact_round_set_args){ .org = org, .next_at = next }, NULL));
    return task_do(x->t,
            &(task_do_args){ .org = org,
                    .subject = o->id.id,
                    .what = S("contacts"),
                    .now = txn_now(x->t),
                    .doer = doer },
            NULL);
}

err contact_confirm_due(const teller *x, int64_t org, int64_t one, str list, const viewer *by)
{
    char now[CONTACT_LIST_HEX + 1];
    contact_body b;
    viewer as;
    TRY(contact_body_read(x->t, x->app, x->a, org, &b));
    contact_list_hash(x->a, &b, one, now);
    if (!str_eq(list, str_of(now)))
        return err_at_pointer(ERR(E_CONFLICT, "error.office.contacts_changed"), S("/list"));
    /* That it is theirs to confirm was decided by the caller; they open nothing by it. */
    TRY(viewer_system(x->t, &as));
    as.person = by->person;
    for (size_t i = 0; i < b.n; i++) {
        const person_handle *p;
        if (one && b.people[i].row != one) continue;
        if (!contact_is_due(x->app, &b.people[i], txn_now(x->t))) continue;
        TRY(person_hold_row(x->t, &as, b.people[i].row, &p));
        person_draft d = p->now;
        d.confirmed = txn_now(x->t);
        TRY(person_save(x->t, &as, p, &d, LEDGER_person_confirmed));
    }
    return contact_settle(x, org, by->person);
}

err contact_of_link(struct txn *t, int64_t person, int64_t *ret_org, int64_t *ret_one)
{
    const person_handle *p;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(person_read_row(t, &sys, person, &p));
    if (!str_eq(p->now.state, S("active"))) return ERR(E_ABSENT, "error.access.link_ended");
    *ret_org = p->now.org;
    *ret_one = (uint32_t)p->now.roles & ROLE_ORG_ADMIN ? 0 : person;
    return OK;
}

/* ---- the turn ---- */

static err turn_body(const teller *x, const contact_due_row *r)
{
    const organisation_handle *o;
    contact_body b;
    instant next;
    viewer sys;
    TRY(viewer_system(x->t, &sys));
    TRY(organisation_read_row(x->t, &sys, r->org, &o));
    TRY(contact_body_read(x->t, x->app, x->a, r->org, &b));
    contact_round_set_args set = { .org = r->org };
    if (b.due && !str_eq(o->now.state, S("closed"))) {
        set.asks = r->asks + 1;
        set.asked = txn_now(x->t);
        TRY(ask(x, o, &b));
        if (set.asks == CONTACT_STALE_ASKS) TRY(escalate(x, o, &b));
        TRY(monday(x->app, (instant){ txn_now(x->t).us + US_PER_S }, &next));
    } else {
        TRY(next_look(x, &b, &next));
    }
    set.next_at = next;
    return contact_round_set(x->t, &set, NULL);
}

static err begin_new(const teller *x)
{
    contact_begin_row *rows;
    size_t n;
    TRY(contact_begin(x->t, &(contact_begin_args){ .limit = AT_ONCE }, x->a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        contact_body b;
        instant next;
        TRY(contact_body_read(x->t, x->app, x->a, rows[i].org, &b));
        TRY(next_look(x, &b, &next));
        TRY(contact_round_add(
                x->t, &(contact_round_add_args){ .org = rows[i].org, .next_at = next }, NULL));
    }
    return OK;
}

err contact_turn_wanted(struct txn *t, const struct app *a, bool *ret)
{
    contact_begin_row *fresh;
    contact_due_row *rows;
    size_t n;
    *ret = false;
    if (!days_of(a)) return OK;
    TRY(contact_begin(t, &(contact_begin_args){ .limit = 1 }, txn_arena(t), &fresh, &n));
    *ret = n > 0;
    if (*ret) return OK;
    TRY(contact_due(
            t, &(contact_due_args){ .now = txn_now(t), .limit = 1 }, txn_arena(t), &rows, &n));
    *ret = n > 0;
    return OK;
}

err contact_turn(const teller *x)
{
    contact_due_row *rows;
    size_t n;
    if (!days_of(x->app)) return OK;
    TRY(begin_new(x));
    TRY(contact_due(
            x->t, &(contact_due_args){ .now = txn_now(x->t), .limit = AT_ONCE }, x->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(turn_body(x, &rows[i]));
    return OK;
}
