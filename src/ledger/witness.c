/* witness.c - see witness.h: the lists in the configuration, and cosigning for other logs. What is
 * cosigned is decided and kept in one writing transaction, and signed only when that is durable. */
#include "ledger/witness.h"
#include "base/log.h"
#include "store/store.h"
#include "gen/ledger/queries.h"

/* ---- lists ---- */

static err at_setting(err e, const char *setting)
{
    return err_at_pointer(
            err_make(E_CONFIG, e.f->key, e.f->args[0], (str){ 0 }, (str){ 0 }), str_of(setting));
}

static bool next_word(str *rest, str *word)
{
    while (str_split(rest, ' ', word))
        if (word->n) return true;
    return false;
}

static err parse(arena *a, str text, const char *setting, bool urls, witness_peer *ret, size_t *n)
{
    str rest = str_copy(a, text), word;
    *n = 0;
    while (next_word(&rest, &word)) {
        witness_peer p = { 0 };
        err e = note_key_parse(word, &p.key);
        if (failed(e)) return at_setting(e, setting);
        bool fits = p.key.type == (urls ? NOTE_COSIGNATURE : NOTE_ED25519) && *n < WITNESS_MAX;
        if (urls)
            fits = fits && next_word(&rest, &p.url) &&
                   (str_starts(p.url, S("https://")) || str_starts(p.url, S("http://")));
        if (!fits) return at_setting(ERR1(E_CONFIG, "error.ledger.peers", word), setting);
        while (str_ends(p.url, S("/")))
            p.url.n--;
        ret[(*n)++] = p;
    }
    return OK;
}

err witness_peers_parse(arena *a, str text, const char *setting, witness_peer *ret, size_t *n)
{
    return parse(a, text, setting, true, ret, n);
}

err witness_logs_parse(arena *a, str text, const char *setting, witness_peer *ret, size_t *n)
{
    return parse(a, text, setting, false, ret, n);
}

/* ---- cosigning ---- */

typedef struct {
    submission sub;
    note note;
    log_head head;
    int64_t known; /* size that we had cosigned */
    bool conflict, fork;
} adding;

/* What form alone can refuse. */
static err read_body(const witness_site *w, arena *a, str body, adding *ret)
{
    const witness_peer *log = NULL;
    TRY(submission_parse(a, body, &ret->sub));
    if (failed(note_parse(a, ret->sub.note, &ret->note)) ||
            failed(checkpoint_parse(ret->note.text, &ret->head)))
        return ERR(E_USAGE, "error.ledger.submission");
    for (size_t i = 0; i < w->n_logs; i++)
        if (str_eq(w->logs[i].key.name, ret->head.origin)) log = &w->logs[i];
    if (!log) return ERR(E_ABSENT, "error.ledger.log_unknown");
    if (note_check(&ret->note, &log->key, NULL, NULL) != NOTE_GOOD)
        return ERR(E_DENIED, "error.ledger.log_signature");
    if (ret->sub.old > ret->head.size) return ERR(E_USAGE, "error.ledger.submission");
    return OK;
}

static err known_head(txn *t, str origin, log_head *ret)
{
    ledger_witnessed_get_row *r;
    tree none = { 0 };
    *ret = (log_head){ .origin = origin };
    tree_root(&none, ret->root);
    err e = ledger_witnessed_get(
            t, &(ledger_witnessed_get_args){ .origin = origin }, txn_arena(t), &r);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    if (r->root.n != TREE_HASH) return ERR(E_BUG, "error.ledger.root");
    ret->size = r->size;
    memcpy(ret->root, r->root.p, TREE_HASH);
    return OK;
}

static err keep_apply(txn *t, void *ctx)
{
    adding *x = ctx;
    log_head known;
    const log_head *now = &x->head;
    TRY(known_head(t, now->origin, &known));
    x->known = known.size;
    bool same = known.size == now->size;
    x->fork = same && known.size && memcmp(known.root, now->root, TREE_HASH);
    x->conflict = x->sub.old != known.size || x->fork;
    if (x->conflict) return ERR(E_CONFLICT, "error.ledger.witness_old");
    if (!tree_grew(known.size, now->size, known.root, x->sub.path, now->root))
        return ERR(E_INVALID, "error.ledger.growth");
    return ledger_witnessed_set(t,
            &(ledger_witnessed_set_args){ .origin = now->origin,
                    .size = now->size,
                    .root = { (const char *)now->root, TREE_HASH },
                    .at = txn_now(t) },
            NULL);
}

static err cosign(const witness_site *w, arena *a, str text, instant now, str *ret)
{
    uint8_t sig[SIGN_BYTES];
    int64_t at = now.us / US_PER_S;
    note_key k = note_key_make(w->name, NOTE_COSIGNATURE, signer_public(w->key));
    TRY(signer_sign(w->key, note_message(a, NOTE_COSIGNATURE, text, at), sig));
    *ret = note_line(a, &k, at, sig);
    return OK;
}

/* A log whose signature is good and whose tree is another one: somebody must hear of it. */
static void tell_fork(const adding *x, err e)
{
    if (!x->fork && err_code_of(e) != E_INVALID) return;
    log_line(LOG_ERROR, "witness.fork", "log=\"%.*s\" known=%lld said=%lld",
            STR_ARG(x->head.origin), (long long)x->known, (long long)x->head.size);
}

err witness_add(
        const witness_site *w, arena *a, str body, instant now, str *ret_line, int64_t *ret_known)
{
    adding *x = NEW(a, adding);
    if (!w->n_logs || !w->key) return ERR(E_ABSENT, "error.ledger.log_unknown");
    TRY(read_body(w, a, body, x));
    err e = store_write(w->store, keep_apply, x);
    *ret_known = x->known;
    if (failed(e)) {
        tell_fork(x, e);
        return e;
    }
    return cosign(w, a, x->note.text, now, ret_line);
}
