/* scan.h - recomputes leaves from the stored bytes, on every core that there is: the slow half of
 * proving the ledger, of sealing a checkpoint, and of going over old entries in turn. Any thread
 * but the writer's. */
#pragma once
#include "ledger/tree.h"

struct store;

/* Entries after `from` (a multiple of 256) up to `to`: no gap, each leaf the hash of its own bytes,
 * each full tile of leaves the one that is stored. on_top is told the root of each full tile in
 * order (index: of the tile); tail gets the leaves of what is left. Both may be NULL. Errors:
 * E_INVALID with the number of the first entry that does not fit. */
typedef err (*scan_top_fn)(void *ctx, int64_t index, const uint8_t root[TREE_HASH]);
MUST_USE err scan_entries(struct store *s, int64_t from, int64_t to, scan_top_fn on_top, void *ctx,
        uint8_t (*tail)[TREE_HASH]);
