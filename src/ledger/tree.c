/* tree.c - the RFC 6962 Merkle tree: leaf and node hashes, a frontier that grows by one leaf, the
 * check of an inclusion path. Pure; any thread. */
#include "ledger/tree.h"
#include <sodium.h>

void tree_leaf_hash(str bytes, uint8_t ret[TREE_HASH])
{
    crypto_hash_sha256_state s;
    const uint8_t prefix = 0;
    crypto_hash_sha256_init(&s);
    crypto_hash_sha256_update(&s, &prefix, 1);
    crypto_hash_sha256_update(&s, (const uint8_t *)bytes.p, bytes.n);
    crypto_hash_sha256_final(&s, ret);
}

void tree_node_hash(const uint8_t l[TREE_HASH], const uint8_t r[TREE_HASH], uint8_t ret[TREE_HASH])
{
    uint8_t in[1 + 2 * TREE_HASH];
    in[0] = 1;
    memcpy(in + 1, l, TREE_HASH);
    memcpy(in + 1 + TREE_HASH, r, TREE_HASH);
    crypto_hash_sha256(ret, in, sizeof in);
}

err tree_push(tree *t, const uint8_t leaf[TREE_HASH], tree_tile_fn on_tile, void *ctx)
{
    uint8_t node[TREE_HASH];
    int64_t position = t->size;
    int h = 0;
    memcpy(node, leaf, TREE_HASH);
    while (position & 1) {
        tree_node_hash(t->hash[h], node, node);
        position >>= 1;
        h++;
        if (h % 8 == 0 && on_tile) TRY(on_tile(ctx, h / 8, position, node));
    }
    ASSERT(h < TREE_LEVELS);
    memcpy(t->hash[h], node, TREE_HASH);
    t->size++;
    return OK;
}

void tree_root(const tree *t, uint8_t ret[TREE_HASH])
{
    bool have = false;
    if (t->size == 0) crypto_hash_sha256(ret, NULL, 0);
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

bool tree_path_holds(int64_t index, int64_t size, const uint8_t leaf[TREE_HASH], str path,
        const uint8_t root[TREE_HASH])
{
    uint8_t node[TREE_HASH];
    int64_t fn = index, sn = size - 1;
    if (index < 0 || index >= size || path.n % TREE_HASH) return false;
    memcpy(node, leaf, TREE_HASH);
    for (size_t i = 0; i < path.n; i += TREE_HASH) {
        const uint8_t *p = (const uint8_t *)path.p + i;
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
