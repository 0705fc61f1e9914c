/* delivery.c - see delivery.h. */
#include "common/outbox/delivery.h"
#include "access/leave.h"
#include "access/site.h"
#include "base/texts.h"
#include "common/findings/findings.h"
#include "common/notify/notify.h"
#include "common/outbox/channel.h"
#include "gen/common/outbox/queries.h"
#include "gen/records/person.h"
#include "store/store.h"

/* ---- addressing ---- */

static str way_of(const delivery_address *to)
{
    if (to->channel.n) return to->channel;
    if (to->paper) return S("letter");
    return to->person ? S("mail") : S("portal");
}

err delivery_add(txn *t, const realm *r, const viewer *v, const delivery_address *to,
        const delivery_handle **ret)
{
    const delivery_handle *h;
    delivery_draft d = { .owner = to->org,
        .parent = to->notice,
        .org = to->org,
        .channel = way_of(to),
        .person = to->person,
        .has_person = to->person != 0,
        .lang = to->lang,
        .state = S("held"),
        .next_at = to->at };
    TRY(site_audience_strict(t, r->national_grp, &d.audience));
    TRY(delivery_insert(t, v, &d, LEDGER_delivery_created, &h));
    if (ret) *ret = h;
    viewer by = { .person = to->person, .stands_for = to->stands_for };
    return to->stands_for ? leave_acted(t, S("delivery"), h->row, &by) : OK;
}

static err has_one(txn *t, int64_t notice, int64_t person, bool *ret)
{
    delivery_of_notice_row *rows;
    size_t n;
    *ret = false;
    TRY(delivery_of_notice(
            t, &(delivery_of_notice_args){ .notice = notice }, txn_arena(t), &rows, &n));
    for (size_t i = 0; i < n; i++)
        *ret |= str_eq(rows[i].channel, S("mail")) && rows[i].person == person;
    return OK;
}

/* While somebody is away the mail goes to who stands in; with nobody standing in it goes as always.
 */
static err add_contact(
        txn *t, const realm *r, const viewer *v, delivery_address to, bool urgent, size_t *ret_n)
{
    leave_now l;
    bool there;
    instant at = to.at;
    TRY(leave_of(t, to.person, &l));
    if (!l.deputy) TRY(notify_contact_at(t, to.person, urgent, to.at, &at));
    if (!at.us) { /* told with others, or in the console alone: notice_leaves */
        ++*ret_n;
        return OK;
    }
    to.at = at;
    if (l.deputy) {
        to.stands_for = to.person;
        to.person = l.deputy;
        to.lang = l.deputy_lang;
    }
    TRY(has_one(t, to.notice, to.person, &there));
    if (there) return OK;
    ++*ret_n;
    return delivery_add(t, r, v, &to, NULL);
}

err delivery_add_contacts(txn *t, const realm *r, const viewer *v, int64_t notice, int64_t org,
        int64_t severity, instant at, size_t *ret_n)
{
    org_contacts_row *people;
    size_t n, added = 0;
    TRY(org_contacts(t, &(org_contacts_args){ .org = org }, txn_arena(t), &people, &n));
    for (size_t i = 0; i < n; i++) {
        bool wanted = str_eq(people[i].contact_role, S("focal")) || severity >= SEVERITY_HIGH;
        if (!wanted) continue;
        TRY(add_contact(t, r, v,
                (delivery_address){ .notice = notice,
                        .org = org,
                        .person = people[i].row,
                        .lang = people[i].lang,
                        .at = at },
                severity >= SEVERITY_HIGH, &added));
    }
    *ret_n = added;
    return OK;
}

static err add_telephones(
        txn *t, const realm *r, const viewer *v, delivery_address to, int64_t severity)
{
    org_contacts_row *people;
    size_t n;
    TRY(org_contacts(t, &(org_contacts_args){ .org = to.org }, txn_arena(t), &people, &n));
    for (size_t i = 0; i < n; i++) {
        const person_handle *p;
        if (!str_eq(people[i].contact_role, S("focal")) && severity < SEVERITY_HIGH) continue;
        TRY(person_read_row(t, v, people[i].row, &p));
        if (!p->now.phone.n) continue;
        to.person = people[i].row;
        to.lang = people[i].lang;
        TRY(delivery_add(t, r, v, &to, NULL));
    }
    return OK;
}

err delivery_add_channels(
        txn *t, const realm *r, const viewer *v, const delivery_address *to, int64_t severity)
{
    channel_find_row *c;
    size_t n;
    TRY(channel_find(
            t, &(channel_find_args){ .org = to->org, .has_org = true }, txn_arena(t), &c, &n));
    for (size_t i = 0; i < n; i++) {
        delivery_address at = *to;
        at.channel = c[i].kind;
        if (!str_eq(c[i].state, S("on"))) continue;
        if (str_eq(c[i].kind, S("sms")))
            TRY(add_telephones(t, r, v, at, severity));
        else
            TRY(delivery_add(t, r, v, &at, NULL));
    }
    return OK;
}

/* ---- leaving ---- */

/* It stands in the list of each contact; who is not mailed of it by a delivery has it with others.
 */
static err tell_contact(txn *t, const notice_handle *n, const org_contacts_row *p)
{
    lang l;
    leave_now away;
    arena *a = txn_arena(t);
    if (!lang_parse(p->lang, &l)) l = LANG_EN;
    TRY(leave_of(t, p->row, &away));
    const notify_item x = { .kind = NOTIFY_NOTICE,
        .urgent = n->now.severity >= SEVERITY_HIGH,
        .words = { .subject = texts_pick(a, n->now.subject, l), .text = n->now.number },
        .path = str_cat(a, S("/notices/"), id_text(a, n->id.id)),
        .by_delivery = true,
        .no_mail = away.deputy != 0 };
    return notify_person(t, NULL, p->row, &x);
}

static err tell_contacts(txn *t, const notice_handle *n)
{
    org_contacts_row *people;
    size_t count;
    TRY(org_contacts(t, &(org_contacts_args){ .org = n->now.org }, txn_arena(t), &people, &count));
    for (size_t i = 0; i < count; i++)
        if (str_eq(people[i].contact_role, S("focal")) || n->now.severity >= SEVERITY_HIGH)
            TRY(tell_contact(t, n, &people[i]));
    return OK;
}

err notice_leaves(txn *t, const viewer *v, int64_t notice)
{
    const notice_handle *n;
    const organisation_handle *o;
    TRY(notice_hold_row(t, v, notice, &n));
    if (!str_eq(n->now.state, S("held"))) return OK;
    notice_draft d = n->now;
    TRY(organisation_read_row(t, v, n->now.org, &o));
    d.state = S("sent");
    TRY(site_audience_strict(t, o->now.grp, &d.audience));
    TRY(tell_contacts(t, n));
    return notice_save(t, v, n, &d, LEDGER_notice_sent);
}

err delivery_move(txn *t, const viewer *v, const delivery_handle *h, str state, ledger_type entry)
{
    delivery_draft d = h->now;
    d.state = state;
    return delivery_save(t, v, h, &d, entry);
}

static err move_sent(txn *t, const viewer *v, const delivery_handle *h)
{
    delivery_draft d = h->now;
    d.sent = txn_now(t);
    if (!str_eq(d.state, S("bounced"))) d.last_error = (str){ 0 };
    /* A recipient, or what comes back, may have been quicker than the relay's answer. */
    bool further = str_eq(d.state, S("acknowledged")) || str_eq(d.state, S("bounced"));
    if (!further) d.state = S("sent");
    return delivery_save(t, v, h, &d, LEDGER_delivery_sent);
}

err delivery_send_portal(txn *t, const viewer *v, const delivery_handle *h)
{
    TRY(notice_leaves(t, v, h->parent));
    return move_sent(t, v, h);
}

/* ---- taking back ---- */

static bool not_yet_left(str state)
{
    return str_eq(state, S("held")) || str_eq(state, S("queued"));
}

err delivery_cancel(txn *t, const viewer *v, int64_t notice, bool people_only)
{
    delivery_of_notice_row *rows;
    const delivery_handle *h;
    size_t n;
    TRY(delivery_of_notice(
            t, &(delivery_of_notice_args){ .notice = notice }, txn_arena(t), &rows, &n));
    for (size_t i = 0; i < n; i++) {
        bool stays = str_eq(rows[i].channel, S("portal")) || channel_is_machine(rows[i].channel);
        if (!not_yet_left(rows[i].state) || (people_only && stays)) continue;
        TRY(delivery_hold_row(t, v, rows[i].row, &h));
        TRY(delivery_move(t, v, h, S("undone"), LEDGER_delivery_changed));
    }
    return OK;
}

/* ---- outcomes ---- */

str delivery_cut(str s, size_t n)
{
    if (s.n <= n) return s;
    while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--;
    return str_sub(s, 0, n);
}

static bool same_folded(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)a[i] | 0x20) != ((unsigned char)b[i] | 0x20)) return false;
    return true;
}

str delivery_unnamed(arena *a, str words, str address)
{
    buf b = buf_new(a, words.n + 16);
    if (!address.n) return words;
    for (size_t i = 0; i < words.n;) {
        bool named = words.n - i >= address.n && same_folded(words.p + i, address.p, address.n);
        if (named)
            buf_put(&b, S("(address)"));
        else
            buf_put(&b, str_sub(words, i, 1));
        i += named ? address.n : 1;
    }
    return buf_str(&b);
}

int64_t delivery_wait_us(int64_t attempts)
{
    static const int64_t minutes[] = { 1, 5, 15, 60 };
    size_t i = attempts < 1 ? 0 : (size_t)attempts - 1;
    if (i >= ARRAY_LEN(minutes)) i = ARRAY_LEN(minutes) - 1;
    return minutes[i] * 60 * US_PER_S;
}

static err record_failure(
        txn *t, const viewer *v, const delivery_handle *h, const delivery_outcome *o)
{
    delivery_draft d = h->now;
    d.last_error = delivery_cut(o->words, DELIVERY_WORDS_BYTES);
    if (o->uncounted && d.attempts > 0) d.attempts--;
    int64_t most = o->most ? o->most : DELIVERY_ATTEMPTS;
    int64_t wait_us = o->wait_us ? o->wait_us : delivery_wait_us(d.attempts);
    bool over = !o->uncounted && (o->permanent || d.attempts >= most);
    d.state = over ? S("failed") : S("queued");
    d.next_at = (instant){ txn_now(t).us + wait_us };
    return delivery_save(t, v, h, &d, over ? LEDGER_delivery_failed : LEDGER_NONE);
}

err delivery_record(txn *t, const viewer *v, int64_t row, const delivery_outcome *o)
{
    const delivery_handle *h;
    TRY(delivery_hold_row(t, v, row, &h));
    if (o->ok) {
        TRY(notice_leaves(t, v, h->parent));
        return move_sent(t, v, h);
    }
    /* Acknowledged or taken back meanwhile: what the relay said does not matter any more. */
    return str_eq(h->now.state, S("sending")) ? record_failure(t, v, h, o) : OK;
}

/* ---- again ---- */

err delivery_replay(txn *t, const viewer *v, const delivery_handle *h)
{
    delivery_draft d = h->now;
    bool lost = channel_is_machine(d.channel) && str_eq(d.state, S("sent"));
    if (!lost && !str_eq(d.state, S("failed"))) return ERR(E_CONFLICT, "error.channel.replay");
    d.state = S("queued");
    d.attempts = 0;
    d.next_at = txn_now(t);
    return delivery_save(t, v, h, &d, LEDGER_delivery_replayed);
}
