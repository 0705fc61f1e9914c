/* log.c - what outsiders fetch without credentials: checkpoint, tiles, commitments (C2SP
 * tlog-tiles), our keys; and the witness that this site is for other ledgers (C2SP tlog-witness).
 * Nothing beyond the last published checkpoint is given. Runs in the pool. */
#include "api/api.h"
#include "api/app.h"
#include "gen/ledger/queries.h"
#include "gen/routes_handlers.h"
#include "ledger/entry.h"
#include "ledger/proof.h"
#include "ledger/publish.h"
#include "store/store.h"
#include <stdio.h>

static const char for_good[] = "public, max-age=31536000, immutable";

static err absent(err e)
{
    return err_code_of(e) == E_ABSENT ? ERR(E_ABSENT, "error.api.absent") : e;
}

err h_log_checkpoint(call *c)
{
    published p;
    TRY(absent(published_last(c->t, &p)));
    c->raw = str_copy(c->a, p.note);
    c->cache = "public, max-age=5";
    return OK;
}

err h_log_key(call *c)
{
    const app *x = c->app;
    published p;
    if (!x->log_key) return ERR(E_ABSENT, "error.api.absent");
    err e = published_last(c->t, &p);
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    str origin = failed(e) ? x->log_origin : p.head.origin;
    note_key log = note_key_make(origin, NOTE_ED25519, signer_public(x->log_key));
    note_key witness =
            note_key_make(x->witness_name, NOTE_COSIGNATURE, signer_public(x->witness_key));
    c->raw = str_fmt(c->a, "%.*s\n%.*s\n", STR_ARG(note_key_text(c->a, &log)),
            STR_ARG(note_key_text(c->a, &witness)));
    return OK;
}

/* ---- tiles ---- */

enum { BUNDLE = -1, LEVELS = 6, INDEX_DIGITS = 15 };
typedef struct {
    int level; /* BUNDLE: entries */
    int64_t index;
    int width;
} wanted;

static bool digits3(str s, int64_t *ret)
{
    return s.n == 3 && s.p[0] >= '0' && s.p[0] <= '9' && s.p[1] >= '0' && s.p[1] <= '9' &&
           s.p[2] >= '0' && s.p[2] <= '9' && str_to_i64(s, ret);
}

/* "x001/x234/067", and behind the last part perhaps ".p/W". One number has one spelling. */
static bool read_index(str rest, wanted *w)
{
    str part;
    int64_t three, width = TREE_TILE;
    w->index = 0;
    for (size_t seen = 0; str_split(&rest, '/', &part); seen += 3) {
        bool more = str_starts(part, S("x"));
        bool partial = str_ends(part, S(".p"));
        if (more) part = str_sub(part, 1, part.n);
        if (partial) part = str_sub(part, 0, part.n - 2);
        if ((more && partial) || seen == INDEX_DIGITS || !digits3(part, &three)) return false;
        if (more && !seen && three == 0) return false;
        w->index = w->index * 1000 + three;
        if (more) continue;
        if (partial && (!size_parse(rest, &width) || width < 1 || width >= TREE_TILE)) return false;
        w->width = (int)width;
        return partial || !rest.n;
    }
    return false;
}

static bool read_path(str path, wanted *w)
{
    str level;
    int64_t n;
    if (str_ends(path, S("/")) || !str_split(&path, '/', &level)) return false;
    w->level = BUNDLE;
    if (!str_eq(level, S("entries"))) {
        if (!size_parse(level, &n) || n >= LEVELS) return false;
        w->level = (int)n;
    }
    return read_index(path, w);
}

typedef struct {
    buf out;
    int n;
} bundling;

static err put_commitment(void *ctx, const ledger_proving_row *r)
{
    bundling *b = ctx;
    uint8_t commitment[ENTRY_COMMITMENT];
    if (!entry_commitment(r->body, r->salt, commitment))
        return ERR1(E_BUG, "error.ledger.leaf", S(""));
    buf_byte(&b->out, 0);
    buf_byte(&b->out, (char)ENTRY_COMMITMENT);
    buf_put(&b->out, (str){ (const char *)commitment, sizeof commitment });
    b->n++;
    return OK;
}

static err bundle(call *c, const wanted *w)
{
    bundling b = { .out = buf_new(c->a, (size_t)w->width * (ENTRY_COMMITMENT + 2)) };
    TRY(ledger_proving_each(c->t,
            &(ledger_proving_args){ .after = w->index * TREE_TILE, .limit = w->width },
            put_commitment, &b));
    c->raw = buf_str(&b.out);
    return b.n == w->width ? OK : ERR(E_ABSENT, "error.api.absent");
}

err h_log_tile(call *c)
{
    wanted w;
    published p;
    if (!read_path(c->path_id, &w)) return ERR(E_ABSENT, "error.api.absent");
    TRY(absent(published_last(c->t, &p)));
    if (w.width > tile_width(p.head.size, w.level == BUNDLE ? 0 : w.level, w.index))
        return ERR(E_ABSENT, "error.api.absent");
    c->cache = for_good;
    if (w.level == BUNDLE) return bundle(c, &w);
    uint8_t(*hashes)[TREE_HASH] = arena_alloc(c->a, (size_t)TREE_TILE * TREE_HASH);
    TRY(tile_read(c->t, w.level, w.index, w.width, hashes));
    c->raw = (str){ (const char *)hashes, (size_t)w.width * TREE_HASH };
    return OK;
}

/* ---- being a witness ---- */

static err read_spool(call *c, str *ret)
{
    *ret = (str){ 0 };
    if (!c->spool) return OK; /* nothing was sent */
    char *bytes = arena_alloc(c->a, (size_t)c->spool_bytes + 1);
    FILE *f = fopen(c->spool, "re");
    if (!f) return err_errno("error.import.open", S(""));
    size_t n = fread(bytes, 1, (size_t)c->spool_bytes, f);
    fclose(f);
    *ret = (str){ bytes, n };
    return OK;
}

err h_witness_add(call *c)
{
    const app *x = c->app;
    int64_t known = 0;
    str body;
    witness_site w = { .store = c->realm->store,
        .name = x->witness_name,
        .key = x->witness_key,
        .logs = x->witness_logs,
        .n_logs = x->n_witness_logs };
    call_release(c);
    TRY(read_spool(c, &body));
    err e = witness_add(&w, c->a, body, clock_now(&c->realm->clock), &c->raw, &known);
    if (err_code_of(e) != E_CONFLICT) return e;
    c->status = 409;
    c->type = S("text/x.tlog.size");
    c->raw = str_fmt(c->a, "%lld\n", (long long)known);
    return OK;
}
