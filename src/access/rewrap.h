/* rewrap.h - every key in a realm's store that the master key wraps, wherever it stands: the tables
 * say so themselves (gen/wrapped.h). Looked at when a program opens, wrapped anew when there is a
 * new master key. Owns nothing; the thread is the transaction's. Called by main. */
#pragma once
#include "base/base.h"

struct txn;
struct keys;
struct keyring;

/* How many were tried and open, or do not. */
typedef struct {
    size_t open, shut;
} rewrap_tried;
/* Tries the first and the last of each table, and adds to tried: when none opens, the master key
 * was put back, or is another folder's; one that does not is a row that was altered. E_BUSY. */
MUST_USE err rewrap_try(struct txn *t, struct keys *k, rewrap_tried *tried);
/* How many there are. */
MUST_USE err rewrap_count(struct txn *t, int64_t *ret);

/* How far it has come; {0} at first. */
typedef struct {
    size_t column;        /* of gen/wrapped.h */
    int64_t after;        /* its row */
    int64_t seen, before; /* looked at; of them under a master key of before */
} rewrap_at;
/* The next few hundred. In a writing transaction those under a key of before are wrapped anew; in
 * another one they are counted. *ret_more false: that was all. E_CONFIG (error.keys.renew_lost: the
 * table and the row) when one opens under no key that is here; at and the rows are then as before.
 */
MUST_USE err rewrap_slice(struct txn *t, const struct keyring *k, rewrap_at *at, bool *ret_more);
