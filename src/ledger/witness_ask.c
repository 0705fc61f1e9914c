/* witness_ask.c - asks an outside witness to cosign a checkpoint of ours: through the courier, from
 * the size that it knows, once more when it names another one. Keeps the answer. */
#include "base/log.h"
#include "ledger/proof.h"
#include "ledger/witness.h"
#include "proc/courier.h"
#include "store/store.h"
#include "gen/ledger/queries.h"

enum { DEADLINE_MS = 10000, ANSWER_MAX = 16384 };

typedef struct {
    const witness_question *q;
    const witness_peer *w;
    arena *a;
    int64_t known; /* size that it has cosigned, as far as we know */
    instant answered;
    str line;
    err e;
} asking;

static err load(asking *x)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    ledger_witness_get_row *r;
    TRY(txn_read(x->q->store, 0, &t));
    err e = ledger_witness_get(
            t, &(ledger_witness_get_args){ .name = x->w->key.name }, txn_arena(t), &r);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    x->known = r->size <= x->q->head.size ? r->size : 0;
    x->answered = r->answered;
    return OK;
}

static err body_of(asking *x, str *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    submission s = { .old = x->known, .note = x->q->note };
    TRY(txn_read(x->q->store, 0, &t));
    TRY(proof_growth(t, x->a, x->known, x->q->head.size, &s.path));
    *ret = submission_text(x->a, &s);
    return OK;
}

/* A cosignature of this very text by this very key, and no other line. */
static err take_lines(asking *x, str lines)
{
    note answer;
    TRY(note_lines_parse(x->a, lines, &answer));
    answer.text = x->q->text;
    if (note_check(&answer, &x->w->key, NULL, &x->line) != NOTE_GOOD)
        return ERR1(E_PEER, "error.ledger.witness_bad", x->w->key.name);
    return OK;
}

/* It begins elsewhere: from a size that we have we can go on. */
static err take_size(asking *x, str body)
{
    int64_t size;
    str line = str_trim(body);
    if (!size_parse(line, &size)) return ERR1(E_PEER, "error.ledger.witness_bad", x->w->key.name);
    if (size > x->q->head.size)
        return ERR2(E_PEER, "error.ledger.witness_ahead", x->w->key.name, line);
    if (size == x->known) return ERR1(E_PEER, "error.ledger.witness_fork", x->w->key.name);
    x->known = size;
    return OK;
}

static err ask_once(asking *x, bool *again)
{
    str body;
    fetch_result r = { 0 };
    buf answer = buf_new(x->a, 1024);
    TRY(body_of(x, &body));
    fetch_job job = { .endpoint = ENDPOINT_CONFIGURED,
        .url = str_cat(x->a, x->w->url, S("/add-checkpoint")),
        .method = FETCH_POST,
        .body = body,
        .content_type = S("text/plain; charset=utf-8"),
        .max_bytes = ANSWER_MAX,
        .deadline_ms = DEADLINE_MS };
    err e = courier_fetch_wait(x->q->courier, &job, x->a, &answer, &r);
    *again = r.status == 409;
    if (*again) return take_size(x, buf_str(&answer));
    TRY(e);
    return take_lines(x, buf_str(&answer));
}

static err keep_apply(txn *t, void *ctx)
{
    const asking *x = ctx;
    str name = x->w->key.name;
    const fault *f = x->e.f;
    str error = f ? str_fmt(txn_arena(t), "%s\n%.*s\n%.*s", f->key, STR_ARG(f->args[0]),
                            STR_ARG(f->args[1]))
                  : S("");
    TRY(ledger_witness_set(t,
            &(ledger_witness_set_args){ .name = name,
                    .size = x->known,
                    .asked = x->q->now,
                    .answered = x->answered,
                    .error = error },
            NULL));
    if (f) return OK;
    return ledger_cosignature_set(t,
            &(ledger_cosignature_set_args){
                    .size = x->q->head.size, .witness = name, .at = x->q->now, .line = x->line },
            NULL);
}

err witness_ask(const witness_question *q, const witness_peer *w)
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    asking x = { .q = q, .w = w, .a = a };
    bool again = false;
    TRY(load(&x));
    err e = ask_once(&x, &again);
    if (!failed(e) && again) {
        e = ask_once(&x, &again);
        if (!failed(e) && again) e = ERR1(E_PEER, "error.ledger.witness_bad", w->key.name);
    }
    if (failed(e)) {
        x.e = (err){ fault_copy(a, e.f) };
    } else {
        x.known = q->head.size;
        x.answered = q->now;
    }
    TRY(store_write(q->store, keep_apply, &x));
    return failed(e) ? err_make(x.e.f->code, x.e.f->key, x.e.f->args[0], x.e.f->args[1], (str){ 0 })
                     : OK;
}
