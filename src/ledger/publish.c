/* publish.c - see publish.h. One thread a realm, which waits for the next fixed time of the realm's
 * clock; everything it knows is in the store, so that a restart goes on. */
#include "ledger/publish.h"
#include "ledger/proof.h"
#include "ledger/scan.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "store/store.h"
#include "gen/ledger/queries.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { SCRUB = 500000 / TREE_TILE * TREE_TILE, TOPS_PART = 4096, TICK_MS = 250, APART_S = 20 };

struct publisher {
    publish_options o;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
    int64_t round_us; /* monotonic: when the last round began */
};

/* ---- what was published ---- */

err published_last(struct txn *t, published *ret)
{
    ledger_checkpoint_last_row *c;
    ledger_cosignatures_row *lines;
    arena *a = txn_arena(t);
    note n;
    size_t n_lines;
    published p = { 0 };
    TRY(ledger_checkpoint_last(t, a, &c));
    TRY(note_parse(a, c->note, &n));
    TRY(checkpoint_parse(n.text, &p.head));
    TRY(ledger_cosignatures(
            t, &(ledger_cosignatures_args){ .size = c->size }, a, &lines, &n_lines));
    p.text = n.text;
    p.at = c->at;
    p.note = c->note;
    for (size_t i = 0; i < n_lines; i++)
        p.note = str_cat(a, p.note, lines[i].line);
    *ret = p;
    return OK;
}

/* Faults that halt: the row names one of them, and the text that goes with it. */
static const char *const halts[] = { TK("error.ledger.leaf"), TK("error.ledger.gap"),
    TK("error.ledger.tile"), TK("error.ledger.size"), TK("error.ledger.root"),
    TK("error.ledger.head"), TK("error.ledger.rolled_back"), TK("error.ledger.forked") };

err published_halt(struct txn *t, publish_halt *ret)
{
    ledger_halt_get_row *h;
    *ret = (publish_halt){ 0 };
    err e = ledger_halt_get(t, txn_arena(t), &h);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    *ret = (publish_halt){ .key = halts[0], .detail = h->detail, .at = h->at };
    for (size_t i = 0; i < ARRAY_LEN(halts); i++)
        if (str_eq(h->key, str_of(halts[i]))) ret->key = halts[i];
    return OK;
}

/* ---- halting ---- */

typedef struct {
    const fault *f;
} halting;

static err halt_apply(txn *t, void *ctx)
{
    const halting *h = ctx;
    return ledger_halt_set(t,
            &(ledger_halt_set_args){
                    .at = txn_now(t), .key = str_of(h->f->key), .detail = h->f->args[0] },
            NULL);
}

static err unhalt_apply(txn *t, void *ctx)
{
    (void)ctx;
    return ledger_halt_end(t, NULL);
}

/* What does not fit is kept, told loudly, and returned. Other faults (a busy store) pass. */
static err halt(const publish_options *o, err e)
{
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(halts); i++)
        known |= strcmp(e.f->key, halts[i]) == 0;
    if (!known) return e;
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    const fault *f = fault_copy(a, e.f);
    log_err("ledger.halt", e);
    log_line(LOG_ERROR, "ledger.halt",
            "why=\"nothing is signed until the whole ledger fits again; keep this copy\"");
    halting h = { f };
    TRY(store_write(o->store, halt_apply, &h));
    return ERR1(f->code, f->key, f->args[0]);
}

/* After a halt only a proof of everything goes on. */
static err after_halt(const publish_options *o)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    publish_halt h;
    ledger_proof p;
    TRY(txn_read(o->store, 0, &t));
    TRY(published_halt(t, &h));
    if (!h.key) return OK;
    if (strcmp(h.key, "error.ledger.rolled_back") && strcmp(h.key, "error.ledger.forked"))
        TRY(ledger_verify(o->store, NULL, NULL, &p));
    return OK;
}

/* ---- proving before signing ---- */

typedef struct {
    txn *t;
    tree tree;
    int64_t checked; /* size and root of the checkpoint before: what is signed now must go on from
                        it */
    uint8_t root[TREE_HASH];
} rebuilding;

static err wrong(txn *t, const char *key, int64_t number)
{
    return err_make(E_INVALID, key, str_fmt(txn_arena(t), "%lld", (long long)number), (str){ 0 },
            (str){ 0 });
}

static err top_holds(void *ctx, int64_t index, const uint8_t root[TREE_HASH])
{
    const rebuilding *r = ctx;
    ledger_tile_get_row *row;
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    err e = ledger_tile_get(
            r->t, &(ledger_tile_get_args){ .level = 1, .position = index }, a, &row);
    if (failed(e) || row->hash.n != TREE_HASH || memcmp(row->hash.p, root, TREE_HASH))
        return wrong(r->t, "error.ledger.tile", (index + 1) * TREE_TILE);
    return OK;
}

static err tile_holds(void *ctx, int level, int64_t position, const uint8_t hash[TREE_HASH])
{
    const rebuilding *r = ctx;
    ledger_tile_get_row *row;
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    err e = ledger_tile_get(
            r->t, &(ledger_tile_get_args){ .level = level, .position = position }, a, &row);
    if (failed(e) || row->hash.n != TREE_HASH || memcmp(row->hash.p, hash, TREE_HASH))
        return wrong(r->t, "error.ledger.tile", r->tree.size);
    return OK;
}

static err push_top(void *ctx, const ledger_tops_row *row)
{
    rebuilding *r = ctx;
    uint8_t root[TREE_HASH];
    if (row->position != r->tree.size / TREE_TILE || row->hash.n != TREE_HASH)
        return wrong(r->t, "error.ledger.tile", r->tree.size + 1);
    TRY(tree_push_node(&r->tree, 8, (const uint8_t *)row->hash.p, tile_holds, r));
    if (r->tree.size != r->checked) return OK;
    tree_root(&r->tree, root);
    return memcmp(root, r->root, TREE_HASH) ? wrong(r->t, "error.ledger.root", r->checked) : OK;
}

/* The whole tree above the leaves, again from the roots of its tiles. */
static err rebuild(rebuilding *r, int64_t size)
{
    while (r->tree.size < size) {
        int64_t before = r->tree.size, left = (size - before) / TREE_TILE;
        TRY(ledger_tops_each(r->t,
                &(ledger_tops_args){ .after = before / TREE_TILE - 1,
                        .limit = left < TOPS_PART ? left : TOPS_PART },
                push_top, r));
        if (r->tree.size == before) return wrong(r->t, "error.ledger.tile", before + 1);
    }
    return OK;
}

/* Old entries in turn: all of them when they are few, else half a million a time. */
static err scrub(const publish_options *o, rebuilding *r, int64_t size)
{
    static _Atomic int64_t turn;
    int64_t from = size <= SCRUB ? 0 : turn % size / TREE_TILE * TREE_TILE;
    int64_t to = from + SCRUB < size ? from + SCRUB : size;
    TRY(scan_entries(o->store, from, to, top_holds, r, NULL));
    turn = to == size ? 0 : to;
    return OK;
}

static err prove(const publish_options *o, const published *last, int64_t size, log_head *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    TRY(txn_read(o->store, 0, &t));
    rebuilding r = { .t = t, .checked = last->head.size };
    memcpy(r.root, last->head.root, TREE_HASH);
    TRY(scan_entries(o->store, last->head.size, size, top_holds, &r, NULL));
    TRY(scrub(o, &r, last->head.size));
    TRY(rebuild(&r, size));
    *ret = (log_head){ .size = size };
    tree_root(&r.tree, ret->root);
    return OK;
}

/* ---- what outlives a restored store ---- */

/* A store put back from a copy may hold another past than the one that was signed. */
static err goes_on(const publish_options *o, const log_head *now)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    CLEANUP(txn_end_p) txn *t = NULL;
    char text[4096];
    note n;
    log_head last;
    uint8_t root[TREE_HASH];
    FILE *f = o->last_path ? fopen(o->last_path, "re") : NULL;
    if (!f) return OK;
    size_t got = fread(text, 1, sizeof text, f);
    fclose(f);
    TRY(note_parse(a, (str){ text, got }, &n));
    TRY(checkpoint_parse(n.text, &last));
    TRY(txn_read(o->store, 0, &t));
    if (last.size > now->size) return wrong(t, "error.ledger.rolled_back", last.size);
    TRY(proof_root(t, last.size, root));
    return memcmp(root, last.root, TREE_HASH) ? wrong(t, "error.ledger.forked", last.size) : OK;
}

static err remember(const publish_options *o, str text)
{
    char part[512];
    if (!o->last_path) return OK;
    snprintf(part, sizeof part, "%s.part", o->last_path);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return err_errno("error.ledger.key_write", str_of(part));
    bool bad = write(fd, text.p, text.n) != (ssize_t)text.n || fsync(fd);
    close(fd);
    if (bad || rename(part, o->last_path)) return err_errno("error.ledger.key_write", str_of(part));
    return OK;
}

/* ---- signing ---- */

typedef struct {
    ledger *l;
    int64_t size;
} padding;

static err pad_apply(txn *t, void *ctx)
{
    padding *p = ctx;
    return ledger_pad(t, p->l, &p->size);
}

typedef struct {
    const log_head *head;
    str note;
} keeping;

static err keep_apply(txn *t, void *ctx)
{
    const keeping *k = ctx;
    TRY(ledger_halt_end(t, NULL));
    return ledger_checkpoint_add(t,
            &(ledger_checkpoint_add_args){ .size = k->head->size,
                    .root = { (const char *)k->head->root, TREE_HASH },
                    .at = txn_now(t),
                    .note = k->note },
            NULL);
}

static err sign(const publish_options *o, arena *a, const log_head *h, str *ret)
{
    uint8_t sig[SIGN_BYTES];
    note_key k = note_key_make(h->origin, NOTE_ED25519, signer_public(o->key));
    str text = checkpoint_text(a, h);
    TRY(signer_sign(o->key, text, sig));
    *ret = str_fmt(a, "%.*s\n%.*s", STR_ARG(text), STR_ARG(note_line(a, &k, 0, sig)));
    return OK;
}

/* Pads, proves, signs, keeps. last->head.size is where the checkpoint before stands, 0 when none.
 */
static err publish_more(const publish_options *o, arena *a, const published *last)
{
    padding p = { .l = o->ledger };
    keeping k;
    log_head h;
    TRY(store_write(o->store, pad_apply, &p));
    TRY(prove(o, last, p.size, &h));
    h.origin = last->head.size ? last->head.origin : o->origin;
    TRY(goes_on(o, &h));
    k.head = &h;
    TRY(sign(o, a, &h, &k.note));
    TRY(remember(o, k.note));
    TRY(store_write(o->store, keep_apply, &k));
    log_line(LOG_INFO, "ledger.checkpoint", "size=%lld", (long long)h.size);
    return OK;
}

static err read_last(const publish_options *o, arena *a, published *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    *ret = (published){ 0 };
    TRY(txn_read(o->store, 0, &t));
    err e = published_last(t, ret);
    if (err_code_of(e) == E_ABSENT) {
        tree none = { 0 };
        tree_root(&none, ret->head.root);
        return OK;
    }
    TRY(e);
    ret->head.origin = str_copy(a, ret->head.origin);
    ret->note = str_copy(a, ret->note);
    ret->text = str_copy(a, ret->text);
    return OK;
}

/* Nothing new: what stands is gone over all the same. */
static err look_again(const publish_options *o, const published *last)
{
    log_head h;
    TRY(prove(o, last, last->head.size, &h));
    TRY(goes_on(o, &h));
    return store_write(o->store, unhalt_apply, NULL);
}

static err ask_witnesses(const publish_options *o)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    published now;
    TRY(read_last(o, a, &now));
    witness_question q = { .store = o->store,
        .courier = o->courier,
        .note = now.note,
        .text = now.text,
        .head = now.head,
        .now = clock_now(o->clock) };
    for (size_t i = 0; o->courier && now.head.size && i < o->n_witnesses; i++) {
        err e = witness_ask(&q, &o->witnesses[i]);
        if (failed(e)) log_err("ledger.witness", e);
    }
    return OK;
}

static err round_of(const publish_options *o, arena *a)
{
    published last;
    TRY(after_halt(o));
    TRY(read_last(o, a, &last));
    if (ledger_head_now(o->ledger).size > last.head.size) return publish_more(o, a, &last);
    return last.head.size ? look_again(o, &last) : OK;
}

err publish_now(const publish_options *o)
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    err e = round_of(o, a);
    if (failed(e)) return halt(o, e);
    return ask_witnesses(o);
}

/* ---- the thread ---- */

static int64_t next_time(const publish_options *o)
{
    int64_t every = o->every_s * US_PER_S;
    return (clock_now(o->clock).us / every + 1) * every;
}

/* A realm's clock may jump from one fixed time to the next within moments: rounds keep a distance
 * of real time too. */
static bool too_soon(const publisher *p)
{
    int64_t least_s = p->o.every_s < APART_S ? p->o.every_s : APART_S;
    return p->round_us && monotonic_us() - p->round_us < least_s * US_PER_S / 2;
}

/* false: told to stop. Looks often, because a realm's clock may be set. */
static bool wait_until(publisher *p, int64_t due)
{
    pthread_mutex_lock(&p->lock);
    while (!p->stop && (clock_now(p->o.clock).us < due || too_soon(p))) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += TICK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        (void)pthread_cond_clockwait(&p->wake, &p->lock, CLOCK_MONOTONIC, &until);
        if (due - clock_now(p->o.clock).us > p->o.every_s * US_PER_S) due = next_time(&p->o);
    }
    bool go = !p->stop;
    pthread_mutex_unlock(&p->lock);
    return go;
}

static void *publisher_main(void *ctx)
{
    publisher *p = ctx;
    while (wait_until(p, next_time(&p->o))) {
        p->round_us = monotonic_us();
        err e = publish_now(&p->o);
        if (failed(e)) log_err("ledger.publish", e);
    }
    return NULL;
}

err publisher_start(const publish_options *o, publisher **ret)
{
    publisher *p = calloc(1, sizeof *p);
    ASSERT(p && o->every_s > 0 && o->key);
    p->o = *o;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    if (pthread_create(&p->thread, NULL, publisher_main, p)) {
        free(p);
        return err_errno("error.store.thread", S("publisher"));
    }
    *ret = p;
    return OK;
}

void publisher_stop(publisher *p)
{
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
