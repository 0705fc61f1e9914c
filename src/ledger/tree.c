/* tree.c - the RFC 6962 Merkle tree: leaf and node hashes, a frontier that grows by one leaf or one
 * complete subtree, the checks of inclusion and of growth. Pure; any thread. */
#include "ledger/tree.h"
#include "ledger/hash.h"

void tree_leaf_hash(str bytes, uint8_t ret[TREE_HASH])
{
    static const char prefix = 0;
    hash_parts((str[]){ { &prefix, 1 }, bytes }, 2, ret);
}

void tree_node_hash(const uint8_t l[TREE_HASH], const uint8_t r[TREE_HASH], uint8_t ret[TREE_HASH])
{
    char in[1 + 2 * TREE_HASH];
    in[0] = 1;
    memcpy(in + 1, l, TREE_HASH);
    memcpy(in + 1 + TREE_HASH, r, TREE_HASH);
    hash_parts(&(str){ in, sizeof in }, 1, ret);
}

err tree_push_node(
        tree *t, int height, const uint8_t from[TREE_HASH], tree_tile_fn on_tile, void *ctx)
{
    uint8_t node[TREE_HASH];
    int64_t position = t->size >> height;
    int h = height;
    ASSERT(height < TREE_LEVELS && position << height == t->size);
    memcpy(node, from, TREE_HASH);
    while (position & 1) {
        tree_node_hash(t->hash[h], node, node);
        position >>= 1;
        h++;
        if (h % 8 == 0 && on_tile) TRY(on_tile(ctx, h / 8, position, node));
    }
    ASSERT(h < TREE_LEVELS);
    memcpy(t->hash[h], node, TREE_HASH);
    t->size += INT64_C(1) << height;
    return OK;
}

err tree_push(tree *t, const uint8_t leaf[TREE_HASH], tree_tile_fn on_tile, void *ctx)
{
    return tree_push_node(t, 0, leaf, on_tile, ctx);
}

void tree_fold(uint8_t (*hashes)[TREE_HASH], size_t n, uint8_t ret[TREE_HASH])
{
    ASSERT(n && !(n & (n - 1)));
    for (; n > 1; n /= 2)
        for (size_t i = 0; i < n / 2; i++)
            tree_node_hash(hashes[2 * i], hashes[2 * i + 1], hashes[i]);
    memcpy(ret, hashes[0], TREE_HASH);
}

void tree_root(const tree *t, uint8_t ret[TREE_HASH])
{
    bool have = false;
    if (t->size == 0) hash_parts(NULL, 0, ret);
    for (int h = 0; h < TREE_LEVELS; h++) {
        if (!((t->size >> h) & 1)) continue;
        if (have)
            tree_node_hash(t->hash[h], ret, ret);
        else
            memcpy(ret, t->hash[h], TREE_HASH);
        have = true;
    }
}

str tree_frontier(const tree *t, arena *a)
{
    buf b = buf_new(a, 1024);
    for (int h = 0; h < TREE_LEVELS; h++)
        if ((t->size >> h) & 1) buf_put(&b, (str){ (const char *)t->hash[h], TREE_HASH });
    return buf_str(&b);
}

bool tree_restore(tree *t, int64_t size, str frontier)
{
    if (size < 0 || frontier.n != (size_t)__builtin_popcountll((uint64_t)size) * TREE_HASH)
        return false;
    memset(t, 0, sizeof *t);
    t->size = size;
    for (int h = 0; h < TREE_LEVELS; h++) {
        if (!((size >> h) & 1)) continue;
        memcpy(t->hash[h], frontier.p, TREE_HASH);
        frontier = str_sub(frontier, TREE_HASH, frontier.n);
    }
    return true;
}

/* The hashes of a path, one after the other; NULL at its end. */
static const uint8_t *step(str *path)
{
    const uint8_t *p = (const uint8_t *)path->p;
    if (!path->n) return NULL;
    *path = str_sub(*path, TREE_HASH, path->n);
    return p;
}

static bool is_path(str path)
{
    return path.n % TREE_HASH == 0 && path.n <= (size_t)TREE_PATH_MAX * TREE_HASH;
}

bool tree_path_holds(int64_t index, int64_t size, const uint8_t leaf[TREE_HASH], str path,
        const uint8_t root[TREE_HASH])
{
    uint8_t node[TREE_HASH];
    const uint8_t *p;
    int64_t fn = index, sn = size - 1;
    if (index < 0 || index >= size || !is_path(path)) return false;
    memcpy(node, leaf, TREE_HASH);
    while ((p = step(&path))) {
        if (sn == 0) return false;
        if ((fn & 1) || fn == sn) {
            tree_node_hash(p, node, node);
            while (!(fn & 1) && fn) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            tree_node_hash(node, p, node);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && memcmp(node, root, TREE_HASH) == 0;
}

/* Both roots from one path: that of the earlier tree goes only through the nodes it has. */
static bool climb(int64_t fn, int64_t sn, str path, const uint8_t *first,
        const uint8_t from_root[TREE_HASH], const uint8_t to_root[TREE_HASH])
{
    uint8_t fr[TREE_HASH], sr[TREE_HASH];
    const uint8_t *p;
    memcpy(fr, first, TREE_HASH);
    memcpy(sr, first, TREE_HASH);
    while ((p = step(&path))) {
        if (sn == 0) return false;
        if ((fn & 1) || fn == sn) {
            tree_node_hash(p, fr, fr);
            tree_node_hash(p, sr, sr);
            while (!(fn & 1) && fn) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            tree_node_hash(sr, p, sr);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && !memcmp(fr, from_root, TREE_HASH) && !memcmp(sr, to_root, TREE_HASH);
}

bool tree_grew(int64_t from, int64_t to, const uint8_t from_root[TREE_HASH], str path,
        const uint8_t to_root[TREE_HASH])
{
    if (from < 0 || to < from || !is_path(path)) return false;
    if (from == to) return path.n == 0 && memcmp(from_root, to_root, TREE_HASH) == 0;
    if (from == 0) {
        uint8_t none[TREE_HASH];
        hash_parts(NULL, 0, none);
        return path.n == 0 && memcmp(from_root, none, TREE_HASH) == 0;
    }
    bool whole = !(from & (from - 1));
    const uint8_t *first = whole ? from_root : step(&path);
    int64_t fn = from - 1, sn = to - 1;
    if (!first) return false;
    while (fn & 1) {
        fn >>= 1;
        sn >>= 1;
    }
    return climb(fn, sn, path, first, from_root, to_root);
}
