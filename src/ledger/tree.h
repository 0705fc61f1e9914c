/* tree.h - the RFC 6962 Merkle tree as a frontier that leaves are pushed onto, and the checks of
 * its proofs. Pure; any thread. */
#pragma once
#include "base/base.h"

enum { TREE_HASH = 32, TREE_LEVELS = 63, TREE_TILE = 256, TREE_PATH_MAX = 2 * TREE_LEVELS };

/* The roots of the complete subtrees that make up a tree of `size` leaves: hash[h] is meaningful
 * where bit h of size is set. */
typedef struct {
    int64_t size;
    uint8_t hash[TREE_LEVELS][TREE_HASH];
} tree;

void tree_leaf_hash(str bytes, uint8_t ret[TREE_HASH]); /* RFC 6962 2.1: H(0 || bytes) */
void tree_node_hash(const uint8_t l[TREE_HASH], const uint8_t r[TREE_HASH], uint8_t ret[TREE_HASH]);

/* Called for each subtree of 256^level leaves that a push completes. */
typedef err (*tree_tile_fn)(void *ctx, int level, int64_t position, const uint8_t hash[TREE_HASH]);
MUST_USE err tree_push(tree *t, const uint8_t leaf[TREE_HASH], tree_tile_fn on_tile, void *ctx);
/* The same with the root of a complete subtree of 2^height leaves; the size is a multiple of that.
 */
MUST_USE err tree_push_node(
        tree *t, int height, const uint8_t node[TREE_HASH], tree_tile_fn on_tile, void *ctx);
void tree_root(const tree *t, uint8_t ret[TREE_HASH]); /* of the empty tree: H("") */
/* The root of n hashes that stand side by side, n a power of two; they are overwritten. */
void tree_fold(uint8_t (*hashes)[TREE_HASH], size_t n, uint8_t ret[TREE_HASH]);

/* Frontier as bytes for keeping: the meaningful hashes, lowest level first. */
str tree_frontier(const tree *t, arena *a);
MUST_USE bool tree_restore(tree *t, int64_t size, str frontier);

/* Checks an inclusion path (RFC 9162 2.1.3.2); path: hashes end to end. */
bool tree_path_holds(int64_t index, int64_t size, const uint8_t leaf[TREE_HASH], str path,
        const uint8_t root[TREE_HASH]);
/* Checks a consistency proof (RFC 9162 2.1.4.2). From the empty tree, and from a tree to itself,
 * the path is empty. */
bool tree_grew(int64_t from, int64_t to, const uint8_t from_root[TREE_HASH], str path,
        const uint8_t to_root[TREE_HASH]);
