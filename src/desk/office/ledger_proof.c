/* ledger_proof.c - routes for those who read the ledger here and want to show it elsewhere: what is
 * published, who cosigned it, proofs of an entry and of growth. Run in the pool. */
#include "access/model.h"
#include "access/record.h"
#include "api/api.h"
#include "api/app.h"
#include "gen/ledger/queries.h"
#include "gen/routes_handlers.h"
#include "ledger/entry.h"
#include "ledger/proof.h"
#include "ledger/publish.h"
#include "store/store.h"
#include <sodium.h>

static str hex(arena *a, const void *bytes, size_t n)
{
    char *out = arena_alloc(a, n * 2 + 1);
    sodium_bin2hex(out, n * 2 + 1, bytes, n);
    return (str){ out, n * 2 };
}

static str base64(arena *a, const uint8_t hash[TREE_HASH])
{
    return base64_text(a, (str){ (const char *)hash, TREE_HASH });
}

static void put_text(call *c, const char *key, str text)
{
    jw_key(&c->out, str_of(key));
    if (text.n)
        jw_str(&c->out, text);
    else
        jw_null(&c->out);
}

static void put_path(call *c, str path)
{
    jw_key(&c->out, S("path"));
    jw_arr(&c->out);
    for (size_t i = 0; i < path.n; i += TREE_HASH)
        jw_str(&c->out, base64(c->a, (const uint8_t *)path.p + i));
    jw_end_arr(&c->out);
}

/* The last checkpoint; all zero when nothing was published. */
static err last_of(call *c, published *ret)
{
    *ret = (published){ 0 };
    err e = published_last(c->t, ret);
    return err_code_of(e) == E_ABSENT ? OK : e;
}

/* ---- what is published ---- */

/* Nothing leaves a realm that is not live: no witness is asked about it. */
static size_t witnesses_of(const call *c)
{
    return c->realm->kind == REALM_LIVE ? c->app->n_witnesses : 0;
}

static err count_cosigned(call *c, int64_t size, int64_t *ret)
{
    ledger_cosignatures_row *rows;
    size_t n;
    TRY(ledger_cosignatures(c->t, &(ledger_cosignatures_args){ .size = size }, c->a, &rows, &n));
    *ret = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < witnesses_of(c); k++)
            *ret += str_eq(rows[i].witness, c->app->witnesses[k].key.name);
    return OK;
}

static const char *state_of(const call *c, const published *p, const publish_halt *h)
{
    if (!c->app->log_key) return "off";
    if (h->key) return "halted";
    return p->head.size ? "published" : "waiting";
}

static str halt_words(const call *c, const publish_halt *h)
{
    if (!h->key) return (str){ 0 };
    return text_fill(c->a, T(call_lang(c), h->key), h->detail, S(""), S(""));
}

static void put_head(call *c, const published *p)
{
    const app *x = c->app;
    int64_t every_s = conf_int(x->conf, "ledger.checkpoint_s"), every = every_s * US_PER_S;
    str origin = p->head.size ? p->head.origin : x->log_origin, key = { 0 };
    if (x->log_key) {
        note_key k = note_key_make(origin, NOTE_ED25519, signer_public(x->log_key));
        key = note_key_text(c->a, &k);
    }
    jw_kstr(&c->out, "origin", origin);
    put_text(c, "key", key);
    jw_ki64(&c->out, "every_s", every_s);
    jw_ki64(&c->out, "size", p->head.size);
    put_text(c, "root", p->head.size ? base64(c->a, p->head.root) : S(""));
    jw_ktime(&c->out, "at", p->at);
    int64_t now = clock_now(&c->realm->clock).us;
    jw_ktime(&c->out, "next", (instant){ x->log_key ? (now / every + 1) * every : 0 });
    put_text(c, "checkpoint", p->note);
}

err h_ledger_published(call *c)
{
    published p;
    publish_halt h;
    int64_t cosigned;
    TRY(last_of(c, &p));
    TRY(published_halt(c->t, &h));
    TRY(count_cosigned(c, p.head.size, &cosigned));
    jw_obj(&c->out);
    jw_kstr(&c->out, "state", str_of(state_of(c, &p, &h)));
    put_head(c, &p);
    put_text(c, "halted", halt_words(c, &h));
    jw_ki64(&c->out, "witnesses", (int64_t)witnesses_of(c));
    jw_ki64(&c->out, "cosigned", cosigned);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- witnesses ---- */

/* What is kept of a fault: its key and arguments, a line each. */
static str fault_words(const call *c, str kept)
{
    str key = { 0 }, one = { 0 }, two = { 0 };
    if (!kept.n) return (str){ 0 };
    (void)str_split(&kept, '\n', &key);
    (void)str_split(&kept, '\n', &one);
    (void)str_split(&kept, '\n', &two);
    return text_fill(c->a, T(call_lang(c), str_z(c->a, key)), one, two, S(""));
}

static err put_witness(call *c, const witness_peer *w, int64_t size)
{
    ledger_witness_get_row *r, none = { 0 };
    const char *state = "waiting";
    err e = ledger_witness_get(c->t, &(ledger_witness_get_args){ .name = w->key.name }, c->a, &r);
    if (err_code_of(e) == E_ABSENT)
        r = &none;
    else
        TRY(e);
    if (r->asked.us) state = r->error.n ? "failed" : r->size == size ? "cosigned" : "behind";
    jw_obj(&c->out);
    jw_kstr(&c->out, "name", w->key.name);
    jw_kstr(&c->out, "state", str_of(state));
    jw_ki64(&c->out, "size", r->size);
    jw_ktime(&c->out, "asked", r->asked);
    jw_ktime(&c->out, "answered", r->answered);
    put_text(c, "why", fault_words(c, r->error));
    jw_end_obj(&c->out);
    return OK;
}

err h_ledger_witnesses(call *c)
{
    published p;
    TRY(last_of(c, &p));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < witnesses_of(c); i++)
        TRY(put_witness(c, &c->app->witnesses[i], p.head.size));
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- proofs ---- */

static err not_published(void)
{
    return ERR(E_CONFLICT, "error.ledger.not_published");
}

/* C2SP tlog-proof: what opens the commitment goes with it as extra data. */
static str proof_text(call *c, const entry_opening *o, int64_t index, str path, const published *p)
{
    jsonw w = jsonw_new(c->a, 512);
    jw_obj(&w);
    jw_kstr(&w, "said", o->said);
    jw_kstr(&w, "salt", hex(c->a, o->salt.p, o->salt.n));
    jw_kstr(&w, "rest", hex(c->a, o->inner, sizeof o->inner));
    jw_end_obj(&w);
    buf b = buf_new(c->a, 4096);
    buf_fmt(&b, "c2sp.org/tlog-proof@v1\nextra %.*s\nindex %lld\n",
            STR_ARG(base64_text(c->a, jsonw_done(&w))), (long long)index);
    for (size_t i = 0; i < path.n; i += TREE_HASH)
        buf_fmt(&b, "%.*s\n", STR_ARG(base64(c->a, (const uint8_t *)path.p + i)));
    buf_byte(&b, '\n');
    buf_put(&b, p->note);
    return buf_str(&b);
}

/* An entry that the viewer does not see is not there. */
static err seen_entry(call *c, id128 id, ledger_entry_of_row **ret)
{
    err e = ledger_entry_of(c->t, &(ledger_entry_of_args){ .id = id }, c->a, ret);
    if (err_code_of(e) == E_ABSENT) return ERR(E_ABSENT, "error.api.absent");
    TRY(e);
    const ledger_entry_of_row *r = *ret;
    return model_sees(&c->viewer, r->audience, r->owner, r->author)
                   ? OK
                   : ERR(E_ABSENT, "error.api.absent");
}

err h_ledger_entry_proof(call *c)
{
    id128 id;
    ledger_entry_of_row *r;
    published p;
    entry_opening o;
    uint8_t commitment[ENTRY_COMMITMENT];
    str path;
    TRY(call_id(c, &id));
    TRY(seen_entry(c, id, &r));
    TRY(last_of(c, &p));
    if (!r->has_number || r->number > p.head.size) return not_published();
    if (!entry_open(c->a, r->body, r->salt, &o) || !entry_commitment(r->body, r->salt, commitment))
        return ERR1(E_BUG, "error.ledger.leaf", S(""));
    TRY(proof_inclusion(c->t, c->a, r->number - 1, p.head.size, &path));
    jw_obj(&c->out);
    jw_kid(&c->out, "id", id);
    jw_ki64(&c->out, "index", r->number - 1);
    jw_ki64(&c->out, "size", p.head.size);
    jw_kstr(&c->out, "said", o.said);
    jw_kstr(&c->out, "salt", hex(c->a, o.salt.p, o.salt.n));
    jw_kstr(&c->out, "rest", hex(c->a, o.inner, sizeof o.inner));
    jw_kstr(&c->out, "commitment", hex(c->a, commitment, sizeof commitment));
    jw_kstr(&c->out, "leaf", hex(c->a, r->leaf.p, r->leaf.n));
    put_path(c, path);
    jw_kstr(&c->out, "proof", proof_text(c, &o, r->number - 1, path, &p));
    jw_end_obj(&c->out);
    return OK;
}

err h_ledger_growth(call *c)
{
    const struct ledger_growth_query *q = c->query;
    published p;
    str path;
    TRY(last_of(c, &p));
    if (!p.head.size || q->from > p.head.size) return not_published();
    TRY(proof_growth(c->t, c->a, q->from, p.head.size, &path));
    jw_obj(&c->out);
    jw_ki64(&c->out, "from", q->from);
    jw_ki64(&c->out, "size", p.head.size);
    jw_kstr(&c->out, "root", base64(c->a, p.head.root));
    put_path(c, path);
    jw_end_obj(&c->out);
    return OK;
}
