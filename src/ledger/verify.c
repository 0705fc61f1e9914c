/* verify.c - proves the ledger later: every leaf again from its stored bytes, the numbers without a
 * gap, the tree, the tiles, the head. Any thread but the writer's. */
#include "ledger/ledger.h"
#include "ledger/scan.h"
#include "store/store.h"
#include "gen/ledger/queries.h"

enum { PART = 256 * TREE_TILE };

typedef struct {
    txn *t;
    tree tree;
} proving;

static err wrong(const char *key, int64_t number, arena *a)
{
    return err_at_row(
            ERR1(E_INVALID, key, str_fmt(a, "%lld", (long long)number)), S("ledger"), number, 0);
}

static err tile_holds(void *ctx, int level, int64_t position, const uint8_t hash[TREE_HASH])
{
    proving *p = ctx;
    ledger_tile_get_row *r;
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    err e = ledger_tile_get(
            p->t, &(ledger_tile_get_args){ .level = level, .position = position }, a, &r);
    if (failed(e) || r->hash.n != TREE_HASH || memcmp(r->hash.p, hash, TREE_HASH))
        return wrong("error.ledger.tile", p->tree.size + 1, txn_arena(p->t));
    return OK;
}

/* A full tile of leaves: its root is a row too, and a leaf of the tree above. */
static err top_holds(void *ctx, int64_t index, const uint8_t root[TREE_HASH])
{
    proving *p = ctx;
    TRY(tile_holds(p, 1, index, root));
    return tree_push_node(&p->tree, 8, root, tile_holds, p);
}

static err part_holds(store *s, proving *p, int64_t from, int64_t to)
{
    uint8_t tail[TREE_TILE][TREE_HASH];
    TRY(scan_entries(s, from, to, top_holds, p, tail));
    for (int64_t i = 0; i < (to - from) % TREE_TILE; i++)
        TRY(tree_push(&p->tree, tail[i], tile_holds, p));
    return OK;
}

static err head_holds(proving *p, int64_t unsealed)
{
    ledger_head_get_row *h;
    uint8_t root[TREE_HASH];
    arena *a = txn_arena(p->t);
    err e = ledger_head_get(p->t, a, &h);
    if (err_code_of(e) == E_ABSENT && p->tree.size == 0) return OK;
    TRY(e);
    tree_root(&p->tree, root);
    if (h->size != p->tree.size || unsealed) return wrong("error.ledger.size", p->tree.size, a);
    if (h->root.n != TREE_HASH || memcmp(h->root.p, root, TREE_HASH))
        return wrong("error.ledger.root", p->tree.size, a);
    return OK;
}

err ledger_verify(struct store *s, void (*progress)(void *ctx, int64_t done, int64_t total),
        void *ctx, ledger_proof *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    TRY(txn_read(s, 0, &t));
    ledger_count_row *n;
    TRY(ledger_count(t, txn_arena(t), &n));
    int64_t total = n->n - n->unsealed;
    proving p = { .t = t };
    for (int64_t from = 0; from < total; from = p.tree.size) {
        int64_t to = from + PART < total ? from + PART : total;
        TRY(part_holds(s, &p, from, to));
        if (progress) progress(ctx, to, total);
    }
    TRY(head_holds(&p, n->unsealed));
    ret->entries = p.tree.size;
    tree_root(&p.tree, ret->root);
    return OK;
}
