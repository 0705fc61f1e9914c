/* row_list.h - lists of numbers that viewers hold while they live: one for each key, computed from
 * the store, kept for as long as its epoch and, once a newer one has replaced it, for an hour. Owns
 * the cache of them, under one lock. Included by access/ alone; any thread. */
#pragma once
#include "base/base.h"

struct store;
struct txn;
typedef enum { ROWS_SEEN, ROWS_KEPT } row_list_what;
typedef struct {
    row_list_what what;
    int64_t org, provider, person;
    uint64_t epoch; /* within which it stays as it is */
} row_list_key;
typedef err row_list_fn(
        struct txn *t, const row_list_key *k, const int64_t **rows, size_t *n); /* in t's arena */

/* The list of a key; in a writing transaction computed anew, in its arena, since that may see its
 * own changes. */
MUST_USE err row_list_of(
        struct txn *t, const row_list_key *k, row_list_fn *fn, const int64_t **rows, size_t *n);
/* Forgets those of a store that closes. */
void row_list_forget(const struct store *s);
