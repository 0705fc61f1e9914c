/* proof.c - see proof.h. Owns nothing but the tiles it has read for one proof, which live in the
 * transaction's arena. */
#include "ledger/proof.h"
#include "store/store.h"
#include "gen/ledger/queries.h"

typedef struct tile tile;
struct tile {
    int level;
    int64_t index;
    tile *next;
    uint8_t hash[TREE_TILE][TREE_HASH];
};

typedef struct {
    txn *t;
    int64_t size;
    tile *tiles;
} prover;

/* ---- tiles ---- */

static err wrong_tile(txn *t, int level, int64_t index)
{
    int64_t entry = (index << (8 * (level + 1))) + 1;
    return ERR1(E_INVALID, "error.ledger.tile", str_fmt(txn_arena(t), "%lld", (long long)entry));
}

int tile_width(int64_t size, int level, int64_t index)
{
    if (level < 0 || level > 7 || index < 0) return 0;
    int64_t n = (size >> (8 * level)) - index * TREE_TILE;
    if (index > (size >> (8 * level)) / TREE_TILE || n < 0) return 0;
    return n > TREE_TILE ? TREE_TILE : (int)n;
}

typedef struct {
    uint8_t *to;
    int n, width;
} filling;

static err take_hash(filling *f, str hash)
{
    if (hash.n == TREE_HASH && f->n < f->width)
        memcpy(f->to + (ptrdiff_t)f->n * TREE_HASH, hash.p, TREE_HASH);
    f->n += hash.n == TREE_HASH;
    return OK;
}

static err take_leaf(void *ctx, const ledger_leaf_range_row *r)
{
    return take_hash(ctx, r->leaf);
}

static err take_root(void *ctx, const ledger_tile_range_row *r)
{
    return take_hash(ctx, r->hash);
}

/* A full tile of leaves is one row; the rightmost one is made of its entries. */
static err read_leaves(txn *t, int64_t index, filling *f)
{
    ledger_leaves_get_row *row;
    err e = ledger_leaves_get(
            t, &(ledger_leaves_get_args){ .position = index }, txn_arena(t), &row);
    if (err_code_of(e) == E_ABSENT)
        return ledger_leaf_range_each(t,
                &(ledger_leaf_range_args){ .after = index * TREE_TILE, .limit = f->width },
                take_leaf, f);
    TRY(e);
    if (row->hashes.n != (size_t)TREE_TILE * TREE_HASH) return OK;
    memcpy(f->to, row->hashes.p, (size_t)f->width * TREE_HASH);
    f->n = f->width;
    return OK;
}

err tile_read(struct txn *t, int level, int64_t index, int width, uint8_t (*ret)[TREE_HASH])
{
    filling f = { .to = ret[0], .width = width };
    ASSERT(width > 0 && width <= TREE_TILE && level >= 0 && level < 8);
    if (level == 0)
        TRY(read_leaves(t, index, &f));
    else
        TRY(ledger_tile_range_each(t,
                &(ledger_tile_range_args){
                        .level = level, .from = index * TREE_TILE, .limit = width },
                take_root, &f));
    return f.n == width ? OK : wrong_tile(t, level, index);
}

static err tile_of(prover *p, int level, int64_t index, const tile **ret)
{
    for (tile *x = p->tiles; x; x = x->next)
        if (x->level == level && x->index == index) {
            *ret = x;
            return OK;
        }
    int width = tile_width(p->size, level, index);
    tile *x = NEW(txn_arena(p->t), tile);
    x->level = level;
    x->index = index;
    if (!width) return wrong_tile(p->t, level, index);
    TRY(tile_read(p->t, level, index, width, x->hash));
    x->next = p->tiles;
    p->tiles = x;
    *ret = x;
    return OK;
}

/* ---- nodes ---- */

/* The root of the complete subtree of 2^height leaves at `position` of its height: at most 128
 * hashes of one tile, folded. */
static err node_hash(prover *p, int height, int64_t position, uint8_t ret[TREE_HASH])
{
    const tile *x = NULL;
    uint8_t part[TREE_TILE / 2][TREE_HASH];
    int level = height / 8, wide = 1 << (height % 8);
    int64_t first = position * wide;
    TRY(tile_of(p, level, first / TREE_TILE, &x));
    memcpy(part, x->hash[first % TREE_TILE], (size_t)wide * TREE_HASH);
    tree_fold(part, (size_t)wide, ret);
    return OK;
}

/* The largest power of two below n, as its exponent. n > 1. */
static int split_height(int64_t n)
{
    return 63 - __builtin_clzll((uint64_t)(n - 1));
}

/* The root over leaves [from, from + n): complete subtrees from the left. */
static err range_root(prover *p, int64_t from, int64_t n, uint8_t ret[TREE_HASH])
{
    uint8_t l[TREE_HASH], r[TREE_HASH];
    if ((n & (n - 1)) == 0) return node_hash(p, __builtin_ctzll((uint64_t)n), from / n, ret);
    int h = split_height(n);
    TRY(node_hash(p, h, from >> h, l));
    TRY(range_root(p, from + (INT64_C(1) << h), n - (INT64_C(1) << h), r));
    tree_node_hash(l, r, ret);
    return OK;
}

static prover begin(txn *t, int64_t size)
{
    return (prover){ .t = t, .size = size };
}

static err outside(txn *t, int64_t n)
{
    return ERR1(E_ABSENT, "error.ledger.gap", str_fmt(txn_arena(t), "%lld", (long long)n));
}

err proof_root(struct txn *t, int64_t size, uint8_t ret[TREE_HASH])
{
    prover p = begin(t, size);
    tree none = { 0 };
    if (size < 0) return outside(t, size);
    if (size == 0) {
        tree_root(&none, ret);
        return OK;
    }
    return range_root(&p, 0, size, ret);
}

/* ---- paths ---- */

static void put(buf *out, const uint8_t h[TREE_HASH])
{
    buf_put(out, (str){ (const char *)h, TREE_HASH });
}

/* RFC 6962 2.1.1: the path of leaf m within [from, from + n), deepest first. */
static err path_of(prover *p, buf *out, int64_t m, int64_t from, int64_t n)
{
    uint8_t h[TREE_HASH];
    if (n == 1) return OK;
    int64_t k = INT64_C(1) << split_height(n);
    if (m < k) {
        TRY(path_of(p, out, m, from, k));
        TRY(range_root(p, from + k, n - k, h));
    } else {
        TRY(path_of(p, out, m - k, from + k, n - k));
        TRY(range_root(p, from, k, h));
    }
    put(out, h);
    return OK;
}

err proof_inclusion(struct txn *t, arena *a, int64_t index, int64_t size, str *ret_path)
{
    buf out = buf_new(a, 1024);
    prover p = begin(t, size);
    if (index < 0 || index >= size) return outside(t, index + 1);
    TRY(path_of(&p, &out, index, 0, size));
    *ret_path = buf_str(&out);
    return OK;
}

/* RFC 6962 2.1.2: SUBPROOF(m, D[from:from+n], known). */
static err growth_of(prover *p, buf *out, int64_t m, int64_t from, int64_t n, bool known)
{
    uint8_t h[TREE_HASH];
    if (m == n) {
        if (known) return OK;
        TRY(range_root(p, from, n, h));
        put(out, h);
        return OK;
    }
    int64_t k = INT64_C(1) << split_height(n);
    if (m <= k) {
        TRY(growth_of(p, out, m, from, k, known));
        TRY(range_root(p, from + k, n - k, h));
    } else {
        TRY(growth_of(p, out, m - k, from + k, n - k, false));
        TRY(range_root(p, from, k, h));
    }
    put(out, h);
    return OK;
}

err proof_growth(struct txn *t, arena *a, int64_t from, int64_t size, str *ret_path)
{
    buf out = buf_new(a, 1024);
    prover p = begin(t, size);
    if (from < 0 || from > size) return outside(t, from);
    if (from && from < size) TRY(growth_of(&p, &out, from, 0, size, true));
    *ret_path = buf_str(&out);
    return OK;
}
