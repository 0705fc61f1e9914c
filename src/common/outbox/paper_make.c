/* paper_make.c - letters are printed and signed: outside of any transaction, by the outbox's
 * thread. What was made is kept once and for all; a crash before that makes it again. */
#include "common/outbox/delivery.h"
#include "common/outbox/paper_in.h"
#include "base/log.h"
#include "base/time.h"
#include "gen/common/outbox/queries.h"
#include "proc/keys.h"
#include "proc/printer.h"
#include "render/pdf_sign.h"
#include "store/store.h"
#include <sodium.h>

typedef struct {
    int64_t delivery;
    str number, model;
    instant issued;
    str pdf; /* empty: not made, and why says so */
    str why;
} making;

/* ---- what waits ---- */

static err next_of(const realm *r, arena *a, making *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    letter_waiting_row *l;
    TRY(txn_read(r->store, 0, &t));
    TRY(letter_waiting(t, &(letter_waiting_args){ .now = txn_now(t) }, txn_arena(t), &l));
    *ret = (making){ .delivery = l->delivery,
        .number = str_copy(a, l->number),
        .model = str_copy(a, l->model),
        .issued = l->issued };
    return OK;
}

/* ---- making ---- */

static err sign(const paper_options *o, arena *a, const making *m, str plain, str *ret)
{
    pdf_unsigned u;
    str cms;
    pdf_signing s = { .name = o->name[LANG_EN],
        .reason = text_fill(a, T(LANG_EN, "paper.reason"), m->number, (str){ 0 }, (str){ 0 }),
        .at = m->issued };
    TRY(pdf_sign_prepare(a, plain, &s, &u));
    TRY(keys_letter(o->keys, u.digest, a, &cms));
    pdf_sign_fill(&u, cms);
    *ret = u.pdf;
    return OK;
}

/* What an exercise puts on paper says so in large letters, and nobody signs it. */
static err make(const realm *r, const paper_options *o, arena *a, making *m)
{
    str plain;
    TRY(printer_print(o->printer, m->model, a, &plain));
    if (r->kind == REALM_LIVE) return sign(o, a, m, plain, &m->pdf);
    m->pdf = plain;
    return OK;
}

/* ---- keeping ---- */

static err keep_made(txn *t, const viewer *sys, const making *m, const delivery_handle *d)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const uint8_t *)m->pdf.p, m->pdf.n);
    TRY(letter_keep(t,
            &(letter_keep_args){ .delivery = m->delivery,
                    .pdf = m->pdf,
                    .hash = { (const char *)hash, sizeof hash } },
            NULL));
    delivery_draft now = d->now;
    now.last_error = (str){ 0 };
    now.attempts++;
    if (str_eq(now.state, S("writing"))) now.state = S("made");
    return delivery_save(t, sys, d, &now, LEDGER_letter_made);
}

/* Tried again and again: its number is given, so it must become a letter. */
static err keep_failed(txn *t, const viewer *sys, const making *m, const delivery_handle *d)
{
    delivery_draft now = d->now;
    now.attempts++;
    now.last_error = delivery_cut(m->why, DELIVERY_WORDS_BYTES);
    now.next_at = (instant){ txn_now(t).us + delivery_wait_us(now.attempts) };
    return delivery_save(t, sys, d, &now, LEDGER_NONE);
}

static err keep_apply(txn *t, void *ctx)
{
    making *m = ctx;
    const delivery_handle *d;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(delivery_hold_row(t, &sys, m->delivery, &d));
    return m->pdf.n ? keep_made(t, &sys, m, d) : keep_failed(t, &sys, m, d);
}

err paper_make_next(const realm *r, const paper_options *o, bool *ret_more)
{
    CLEANUP(arena_free_p) arena *a = arena_new(64 << 20);
    making m;
    *ret_more = false;
    if (!o->printer || !o->keys) return OK;
    err e = next_of(r, a, &m);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    e = make(r, o, a, &m);
    if (failed(e)) {
        m.pdf = (str){ 0 };
        m.why = fault_text(a, LANG_EN, e.f);
        log_err("paper.make", e);
    }
    TRY(store_write(r->store, keep_apply, &m));
    *ret_more = !failed(e);
    return OK;
}
