/* verify.c - proves the ledger later: every leaf again from its stored bytes, the numbers without a
 * gap, the tree, the tiles, the head; and paths that show one entry is in the tree. Any thread. */
#include "ledger/ledger.h"
#include "ledger/tree.h"
#include "store/store.h"
#include "gen/ledger/queries.h"

enum { PART = 2000 };

typedef struct {
    txn *t;
    tree tree;
    void (*progress)(void *ctx, int64_t done, int64_t total);
    void *ctx;
    int64_t total;
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
    arena *a = txn_arena(p->t);
    err e = ledger_tile_get(
            p->t, &(ledger_tile_get_args){ .level = level, .position = position }, a, &r);
    if (failed(e) || r->hash.n != TREE_HASH || memcmp(r->hash.p, hash, TREE_HASH))
        return wrong("error.ledger.tile", p->tree.size + 1, a);
    return OK;
}

static err entry_holds(void *ctx, const ledger_range_row *r)
{
    proving *p = ctx;
    uint8_t leaf[TREE_HASH];
    if (r->number != p->tree.size + 1)
        return wrong("error.ledger.gap", p->tree.size + 1, txn_arena(p->t));
    tree_leaf_hash(r->body, leaf);
    if (r->leaf.n != TREE_HASH || memcmp(r->leaf.p, leaf, TREE_HASH))
        return wrong("error.ledger.leaf", r->number, txn_arena(p->t));
    return tree_push(&p->tree, leaf, tile_holds, p);
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
    proving p = { .t = t, .progress = progress, .ctx = ctx, .total = n->n - n->unsealed };
    int64_t before;
    do {
        before = p.tree.size;
        TRY(ledger_range_each(
                t, &(ledger_range_args){ .after = before, .limit = PART }, entry_holds, &p));
        if (progress) progress(ctx, p.tree.size, p.total);
    } while (p.tree.size > before);
    TRY(head_holds(&p, n->unsealed));
    ret->entries = p.tree.size;
    tree_root(&p.tree, ret->root);
    return OK;
}

/* ---- inclusion paths ---- */

static err leaf_part(void *ctx, const ledger_leaves_row *r)
{
    ASSERT(r->leaf.n == TREE_HASH);
    return tree_push(ctx, (const uint8_t *)r->leaf.p, NULL, NULL);
}

/* Root of leaves [from, from + n): a stored tile where one covers it, else made of its leaves or
 * halves. */
static err range_root(txn *t, int64_t from, int64_t n, uint8_t ret[TREE_HASH])
{
    for (int level = 1; level < 7; level++) {
        ledger_tile_get_row *r;
        if (n != INT64_C(1) << (8 * level) || from % n) continue;
        TRY(ledger_tile_get(t, &(ledger_tile_get_args){ .level = level, .position = from / n },
                txn_arena(t), &r));
        memcpy(ret, r->hash.p, TREE_HASH);
        return OK;
    }
    if (n <= 256) {
        tree part = { 0 };
        TRY(ledger_leaves_each(
                t, &(ledger_leaves_args){ .after = from, .limit = n }, leaf_part, &part));
        tree_root(&part, ret);
        return part.size == n ? OK : ERR(E_ABSENT, "error.ledger.gap");
    }
    uint8_t l[TREE_HASH], r[TREE_HASH];
    int64_t k = INT64_C(1) << (63 - __builtin_clzll((uint64_t)(n - 1)));
    TRY(range_root(t, from, k, l));
    TRY(range_root(t, from + k, n - k, r));
    tree_node_hash(l, r, ret);
    return OK;
}

/* RFC 6962 2.1.1: the path of leaf m within [from, from + n), deepest first. */
static err path_of(txn *t, buf *out, int64_t m, int64_t from, int64_t n)
{
    uint8_t h[TREE_HASH];
    if (n == 1) return OK;
    int64_t k = INT64_C(1) << (63 - __builtin_clzll((uint64_t)(n - 1)));
    if (m < k) {
        TRY(path_of(t, out, m, from, k));
        TRY(range_root(t, from + k, n - k, h));
    } else {
        TRY(path_of(t, out, m - k, from + k, n - k));
        TRY(range_root(t, from, k, h));
    }
    buf_put(out, (str){ (const char *)h, TREE_HASH });
    return OK;
}

err ledger_inclusion(struct txn *t, arena *a, int64_t number, int64_t size, str *ret_path)
{
    buf out = buf_new(a, 1024);
    if (number < 1 || number > size) return ERR(E_ABSENT, "error.ledger.gap");
    TRY(path_of(t, &out, number - 1, 0, size));
    *ret_path = buf_str(&out);
    return OK;
}
