/* paper.c - a letter's number, its states, and whether it is ours. See paper.h. */
#include "common/outbox/paper_in.h"
#include "base/time.h"
#include "gen/common/outbox/queries.h"
#include "gen/records/organisation.h"
#include "gen/store/queries.h"
#include "store/store.h"
#include <sodium.h>

enum { CODE = 10 };

err paper_options_load(const conf *c, paper_options *ret)
{
    paper_options o = { .prefix = conf_str(c, "letter.prefix"),
        .name = { conf_str(c, "site.name_en"), conf_str(c, "site.name_ur") },
        .contacts = { conf_str(c, "letter.contacts_en"), conf_str(c, "letter.contacts_ur") },
        .signer = { conf_str(c, "letter.signer_en"), conf_str(c, "letter.signer_ur") },
        .legal = { conf_str(c, "letter.legal_basis_en"), conf_str(c, "letter.legal_basis_ur") } };
    TRY(zone_find(conf_str(c, "site.time_zone"), &o.zone));
    *ret = o;
    return OK;
}

/* ---- a number ---- */

/* Read aloud, typed from paper: no letter that looks like a digit (Crockford's base 32). */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static str code_new(arena *a)
{
    uint8_t bytes[CODE];
    char *p = arena_alloc(a, CODE);
    randombytes_buf(bytes, sizeof bytes);
    for (size_t i = 0; i < CODE; i++)
        p[i] = alphabet[bytes[i] & 31];
    return (str){ p, CODE };
}

str paper_code_text(arena *a, str code)
{
    ASSERT(code.n == CODE);
    return str_fmt(a, "%.5s-%.5s", code.p, code.p + 5);
}

/* Counted in the transaction that writes it down: what is rolled back leaves no gap. */
static err number_next(txn *t, const paper_options *o, instant now, str *ret)
{
    arena *a = txn_arena(t);
    int year = civil_of(now, o->zone).year;
    counter_next_row *c;
    TRY(counter_next(t, &(counter_next_args){ .name = str_fmt(a, "letter-%d", year) }, a, &c));
    *ret = str_fmt(a, "%.*s-%d-%06lld", STR_ARG(o->prefix), year, (long long)c->value);
    return OK;
}

err paper_write(
        txn *t, const realm *r, const viewer *v, const paper_options *o, const delivery_handle *d)
{
    paper_head h = { .code = code_new(txn_arena(t)), .issued = txn_now(t) };
    str model;
    if (!lang_parse(d->now.lang, &h.first)) h.first = LANG_EN;
    TRY(number_next(t, o, h.issued, &h.number));
    TRY(paper_words(t, r, v, o, d, &h, &model));
    TRY(letter_add(t,
            &(letter_add_args){ .delivery = d->row,
                    .notice = d->parent,
                    .org = d->now.org,
                    .number = h.number,
                    .code = h.code,
                    .issued = h.issued,
                    .model = model },
            NULL));
    delivery_draft now = d->now;
    now.state = S("writing");
    now.next_at = h.issued;
    return delivery_save(t, v, d, &now, LEDGER_NONE);
}

/* ---- states ---- */

err paper_of_notice(txn *t, int64_t notice, id128 *ret_id, int64_t *ret_version)
{
    letter_standing_row *l;
    TRY(letter_standing(t, &(letter_standing_args){ .notice = notice }, txn_arena(t), &l));
    *ret_id = l->id;
    *ret_version = l->version;
    return OK;
}

static const struct {
    const char *state;
    ledger_type entry;
} steps[] = { { "made", LEDGER_letter_made }, { "printed", LEDGER_letter_printed },
    { "handed", LEDGER_letter_handed }, { "returned", LEDGER_letter_returned },
    { "withdrawn", LEDGER_letter_withdrawn } };

static int step_of(str state)
{
    for (int i = 0; i < (int)ARRAY_LEN(steps); i++)
        if (str_eq(state, str_of(steps[i].state))) return i;
    return -1;
}

/* Only forwards, but that one which came back may be handed over again. One that was acknowledged
 * stays so, whatever else becomes of its paper. */
static err may_move(const letter_facts_row *l, str from, int to)
{
    int was = str_eq(from, S("acknowledged")) ? 0 : step_of(from);
    if (!l->pdf || was < 0) return ERR(E_CONFLICT, "error.paper.not_made");
    bool again = str_eq(from, S("returned")) && str_eq(str_of(steps[to].state), S("handed"));
    if (l->withdrawn.us || (was > to && !again))
        return ERR1(E_CONFLICT, "error.paper.order", l->number);
    return OK;
}

/* Not before it was issued, not in the time to come. */
static err time_fits(const letter_facts_row *l, instant at, instant now)
{
    bool good = at.us >= l->issued.us - US_PER_DAY && at.us <= now.us + US_PER_S;
    return good ? OK : err_at_pointer(ERR(E_INVALID, "error.paper.when"), S("/at"));
}

static err write_down(txn *t, const viewer *by, const delivery_handle *d, int to, instant at)
{
    letter_step_args x = { .delivery = d->row, .state = str_of(steps[to].state), .at = at };
    x.has_person = by->person != 0;
    x.person = by->person;
    TRY(letter_step(t, &x, NULL));
    delivery_draft now = d->now;
    if (!str_eq(now.state, S("acknowledged")) || str_eq(x.state, S("withdrawn")))
        now.state = x.state;
    if (str_eq(x.state, S("handed"))) now.sent = at;
    return delivery_save(t, by, d, &now, steps[to].entry);
}

err paper_move(txn *t, const viewer *by, const delivery_handle *d, str state, instant at)
{
    letter_facts_row *l;
    int to = step_of(state);
    err e = letter_facts(t, &(letter_facts_args){ .delivery = d->row }, txn_arena(t), &l);
    if (err_code_of(e) == E_ABSENT) return ERR(E_CONFLICT, "error.paper.not_made");
    TRY(e);
    ASSERT(to > 0);
    if (str_eq(d->now.state, state)) return OK;
    TRY(may_move(l, d->now.state, to));
    TRY(time_fits(l, at, txn_now(t)));
    return write_down(t, by, d, to, at);
}

/* ---- is it ours? ---- */

/* As people type: small letters, dashes, spaces, O for 0, I and L for 1. *ret in a. */
static str code_typed(arena *a, str typed)
{
    char *p = arena_alloc(a, typed.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < typed.n; i++) {
        char c = typed.p[i];
        if (c >= 'a' && c <= 'z') c = (char)(c - 32);
        if (c == 'O') c = '0';
        if (c == 'I' || c == 'L') c = '1';
        if (c != '-' && c != ' ') p[n++] = c;
    }
    return (str){ p, n };
}

static str number_typed(arena *a, str typed)
{
    char *p = arena_alloc(a, typed.n + 1);
    str s = str_trim(typed);
    for (size_t i = 0; i < s.n; i++)
        p[i] = (char)(s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - 32 : s.p[i]);
    return (str){ p, s.n };
}

/* A number that is not there is compared as well, and takes as long. */
static err found(err e, str code, str typed)
{
    char right[CODE] = { 0 }, asked[CODE] = { 0 };
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    if (!failed(e) && code.n == CODE) memcpy(right, code.p, CODE);
    if (typed.n == CODE) memcpy(asked, typed.p, CODE);
    bool same = sodium_memcmp(right, asked, CODE) == 0;
    return same && !failed(e) && typed.n == CODE ? OK : ERR(E_ABSENT, "error.api.absent");
}

err paper_check(txn *t, str number, str code, paper_facts *ret)
{
    arena *a = txn_arena(t);
    const organisation_handle *o;
    letter_by_number_row *l = NULL;
    viewer sys;
    err e = letter_by_number(
            t, &(letter_by_number_args){ .number = number_typed(a, number) }, a, &l);
    TRY(found(e, failed(e) ? (str){ 0 } : l->code, code_typed(a, code)));
    TRY(viewer_system(t, &sys));
    TRY(organisation_read_row(t, &sys, l->org, &o));
    *ret = (paper_facts){ .number = l->number,
        .org = o->now.name,
        .issued = l->issued,
        .withdrawn = l->withdrawn,
        .is_withdrawn = l->withdrawn.us != 0 };
    return OK;
}
