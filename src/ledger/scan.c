/* scan.c - see scan.h. Chunks of 64 tiles are taken from a counter by up to four threads, each with
 * a snapshot of its own: entries below `to` do not change any more. The first fault by number wins.
 */
#include "ledger/scan.h"
#include "ledger/entry.h"
#include "store/store.h"
#include "gen/ledger/queries.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK_TILES = 64, CHUNK = CHUNK_TILES * TREE_TILE, SCANNERS = 4 };

typedef struct {
    store *s;
    int64_t from, to;
    uint8_t (*tops)[TREE_HASH]; /* one for each full tile */
    uint8_t tail[TREE_TILE][TREE_HASH];
    _Atomic int64_t next;
    pthread_mutex_t lock; /* the fault */
    arena *a;
    const fault *fault;
    int64_t fault_at;
} scan;

typedef struct {
    scan *s;
    txn *t;
    int64_t next; /* number expected, minus one */
    uint8_t leaves[TREE_TILE][TREE_HASH];
} scanner;

static err wrong(scanner *x, const char *key, int64_t number)
{
    arena *a = txn_arena(x->t);
    return err_at_row(
            err_make(E_INVALID, key, str_fmt(a, "%lld", (long long)number), (str){ 0 }, (str){ 0 }),
            S("ledger"), number, 0);
}

static err end_tile(scanner *x)
{
    ledger_leaves_get_row *row;
    int64_t index = (x->next - 1) / TREE_TILE;
    err e = ledger_leaves_get(
            x->t, &(ledger_leaves_get_args){ .position = index }, txn_arena(x->t), &row);
    if (err_code_of(e) == E_ABSENT) return wrong(x, "error.ledger.tile", x->next);
    TRY(e);
    if (row->hashes.n != sizeof x->leaves || memcmp(row->hashes.p, x->leaves, sizeof x->leaves))
        return wrong(x, "error.ledger.tile", x->next);
    tree_fold(x->leaves, TREE_TILE, x->s->tops[index - x->s->from / TREE_TILE]);
    return OK;
}

static err entry_holds(void *ctx, const ledger_proving_row *r)
{
    scanner *x = ctx;
    uint8_t commitment[ENTRY_COMMITMENT], *leaf = x->leaves[x->next % TREE_TILE];
    if (r->number != x->next + 1) return wrong(x, "error.ledger.gap", x->next + 1);
    x->next++;
    if (!entry_commitment(r->body, r->salt, commitment))
        return wrong(x, "error.ledger.leaf", r->number);
    tree_leaf_hash((str){ (const char *)commitment, sizeof commitment }, leaf);
    if (r->leaf.n != TREE_HASH || memcmp(r->leaf.p, leaf, TREE_HASH))
        return wrong(x, "error.ledger.leaf", r->number);
    return OK;
}

/* One tile's entries, or what is left of them at the end. */
static err scan_tile(scanner *x, int64_t from, int64_t to)
{
    x->next = from;
    TRY(ledger_proving_each(
            x->t, &(ledger_proving_args){ .after = from, .limit = to - from }, entry_holds, x));
    if (x->next != to) return wrong(x, "error.ledger.gap", x->next + 1);
    if (to - from == TREE_TILE) return end_tile(x);
    memcpy(x->s->tail, x->leaves, (size_t)(to - from) * TREE_HASH);
    return OK;
}

static err scan_chunk(scan *s, int64_t from, int64_t to, int64_t *at)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    scanner x = { .s = s };
    TRY(txn_read(s->s, 0, &t));
    x.t = t;
    for (*at = from; *at < to; *at += TREE_TILE)
        TRY(scan_tile(&x, *at, *at + TREE_TILE < to ? *at + TREE_TILE : to));
    return OK;
}

static void keep_fault(scan *s, err e, int64_t at)
{
    pthread_mutex_lock(&s->lock);
    if (!s->fault || at < s->fault_at) {
        s->fault = fault_copy(s->a, e.f);
        s->fault_at = at;
    }
    pthread_mutex_unlock(&s->lock);
}

static void *scan_main(void *ctx)
{
    scan *s = ctx;
    int64_t at = 0;
    for (int64_t from; (from = atomic_fetch_add(&s->next, CHUNK)) < s->to;) {
        int64_t to = from + CHUNK < s->to ? from + CHUNK : s->to;
        err e = scan_chunk(s, from, to, &at);
        if (failed(e)) {
            keep_fault(s, e, at);
            atomic_store(&s->next, s->to); /* chunks before this one are in hand already */
        }
    }
    return NULL;
}

static void run_scanners(scan *s)
{
    pthread_t id[SCANNERS];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int64_t chunks = (s->to - s->from + CHUNK - 1) / CHUNK;
    int want = cores < 1 ? 1 : cores > SCANNERS ? SCANNERS : (int)cores, n = 0;
    while (n + 1 < want && n + 1 < chunks && !pthread_create(&id[n], NULL, scan_main, s))
        n++;
    (void)scan_main(s);
    for (int i = 0; i < n; i++)
        pthread_join(id[i], NULL);
}

/* The fault in this thread's ring, so that the scan's memory can go. */
static err fault_here(const fault *f)
{
    err e = err_make(f->code, f->key, f->args[0], f->args[1], f->args[2]);
    return f->file.n || f->row ? err_at_row(e, f->file, f->row, f->col) : e;
}

static err tell_tops(const scan *s, scan_top_fn on_top, void *ctx)
{
    int64_t tiles = (s->to - s->from) / TREE_TILE;
    for (int64_t i = 0; on_top && i < tiles; i++)
        TRY(on_top(ctx, s->from / TREE_TILE + i, s->tops[i]));
    return OK;
}

err scan_entries(struct store *s, int64_t from, int64_t to, scan_top_fn on_top, void *ctx,
        uint8_t (*tail)[TREE_HASH])
{
    ASSERT(from % TREE_TILE == 0 && from <= to);
    scan *x = calloc(1, sizeof *x);
    ASSERT(x);
    *x = (scan){ .s = s, .from = from, .to = to, .next = from, .a = arena_new(1 << 20) };
    x->tops = calloc((size_t)((to - from) / TREE_TILE) + 1, TREE_HASH);
    ASSERT(x->tops);
    pthread_mutex_init(&x->lock, NULL);
    run_scanners(x);
    err e = x->fault ? fault_here(x->fault) : tell_tops(x, on_top, ctx);
    if (!failed(e) && tail) memcpy(tail, x->tail, (size_t)((to - from) % TREE_TILE) * TREE_HASH);
    pthread_mutex_destroy(&x->lock);
    arena_free(x->a);
    free(x->tops);
    free(x);
    return e;
}
