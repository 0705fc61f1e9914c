/* proof.h - tiles and proofs out of a store: O(log n) reads, one for each tile touched. A tile is
 * 256 hashes of one level (C2SP tlog-tiles): level 0 leaves, level L roots of 256^L leaves. Any
 * thread, in a read transaction. */
#pragma once
#include "base/base.h"
#include "ledger/tree.h"

struct txn;

/* The first `width` hashes (1 to 256) of a tile into ret. Errors: E_INVALID (error.ledger.tile)
 * when they are not all there. */
MUST_USE err tile_read(
        struct txn *t, int level, int64_t index, int width, uint8_t (*ret)[TREE_HASH]);
/* How many hashes of that tile a tree of `size` leaves has: 0 to 256. */
int tile_width(int64_t size, int level, int64_t index);

/* Each in a tree of `size` leaves that the store has. Paths are hashes end to end, in a. Errors:
 * E_ABSENT (error.ledger.gap) outside the tree, E_INVALID. */
MUST_USE err proof_root(struct txn *t, int64_t size, uint8_t ret[TREE_HASH]);
MUST_USE err proof_inclusion(struct txn *t, arena *a, int64_t index, int64_t size, str *ret_path);
MUST_USE err proof_growth(struct txn *t, arena *a, int64_t from, int64_t size, str *ret_path);
