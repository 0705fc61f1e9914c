/* bounce.c - see bounce.h. */
#include "common/outbox/bounce.h"

#include "base/log.h"
#include "common/outbox/delivery.h"
#include "gen/common/outbox/queries.h"
#include "gen/records/person.h"
#include "store/store.h"

/* RFC 3463, sections 3.2 to 3.8; the code's first digit is left out. */
str bounce_reason(str status)
{
    static const struct {
        const char *ends, *reason;
    } rows[] = { { ".1.", "address" }, { ".2.1", "address" }, { ".2.2", "full" },
        { ".2.3", "size" }, { ".3.4", "size" }, { ".4.", "server" }, { ".7.", "policy" } };
    ptrdiff_t blank = str_find_byte(status, ' ');
    if (blank >= 0) status = str_sub(status, 0, (size_t)blank);
    str rest = str_sub(status, 1, status.n);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str ends = str_of(rows[i].ends);
        bool whole = ends.p[ends.n - 1] != '.';
        if (whole ? str_eq(rest, ends) : str_starts(rest, ends)) return str_of(rows[i].reason);
    }
    return S("other");
}

typedef struct {
    bool failed;   /* it will not be tried again by who reports */
    bool for_good; /* and another mail to that address fares no better */
} verdict;

static verdict judge(const open_report *r)
{
    bool failed = str_eq(r->action, S("failed"));
    return (verdict){ failed, failed && str_starts(r->status, S("5")) };
}

static err without_address(txn *t, const viewer *sys, int64_t person, str *words)
{
    const person_handle *p;
    TRY(person_read_row(t, sys, person, &p));
    *words = delivery_unnamed(txn_arena(t), *words, p->now.mail);
    return OK;
}

static err mark_delivery(txn *t, int64_t row, const open_report *r, verdict v, int64_t *ret_person)
{
    const delivery_handle *h;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(delivery_hold_row(t, &sys, row, &h));
    *ret_person = h->now.has_person ? h->now.person : 0;
    bool on_its_way = str_eq(h->now.state, S("sent")) || str_eq(h->now.state, S("sending"));
    if (!v.failed || !on_its_way) return OK; /* who has acknowledged it has it */
    delivery_draft d = h->now;
    d.state = S("bounced");
    str words = str_fmt(txn_arena(t), "%.*s %.*s", STR_ARG(r->status), STR_ARG(r->words));
    if (*ret_person) TRY(without_address(t, &sys, *ret_person, &words));
    d.last_error = delivery_cut(words, DELIVERY_WORDS_BYTES);
    return delivery_save(t, &sys, h, &d, LEDGER_delivery_bounced);
}

static err mark_person(txn *t, int64_t person, const open_report *r, verdict v)
{
    return trouble_add(t,
            &(trouble_add_args){ .person = person,
                    .hard = v.for_good,
                    .soft = !v.for_good,
                    .status = str_sub(r->status, 0, 12),
                    .at = txn_now(t) },
            NULL);
}

err bounce_take(struct txn *t, const uint8_t key[VERP_KEY], str address, const open_report *report,
        bool *ret_counted)
{
    verp_kind kind;
    int64_t row, person;
    *ret_counted = false;
    bool bad = str_eq(report->action, S("failed")) || str_eq(report->action, S("delayed"));
    if (!bad || !verp_find(key, address, report->came_to, &kind, &row)) return OK;
    person = row;
    if (kind == VERP_DELIVERY) {
        err e = mark_delivery(t, row, report, judge(report), &person);
        if (err_code_of(e) == E_ABSENT) return OK; /* of another installation, or long gone */
        TRY(e);
    }
    if (person) TRY(mark_person(t, person, report, judge(report)));
    *ret_counted = true;
    return OK;
}

err mail_trouble_of(struct txn *t, int64_t person, mail_trouble *ret, bool *ret_any)
{
    trouble_read_row *r;
    err e = trouble_read(t, &(trouble_read_args){ .person = person }, txn_arena(t), &r);
    *ret_any = !failed(e);
    if (failed(e)) return err_code_of(e) == E_ABSENT ? OK : e;
    *ret = (mail_trouble){ .hard = r->hard + r->soft / BOUNCE_SOFT_MAX,
        .soft = r->soft,
        .status = r->status,
        .reason = bounce_reason(r->status),
        .first = r->first,
        .last = r->last };
    return OK;
}

err mail_trouble_forget(struct txn *t, int64_t person)
{
    return trouble_forget(t, &(trouble_forget_args){ .person = person }, NULL);
}
