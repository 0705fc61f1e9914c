/* query.h - what the functions made from a queries.sql call: arguments bound, rows decoded.
 * Included by generated code alone. The thread is the transaction's. */
#pragma once
#include "store/field.h"

typedef struct query_def {
    const stmt_def *stmt;
    const field *in, *out;
    const uint8_t *optional; /* for each optional fragment the argument that switches it */
    uint8_t n_args;          /* declared ones; a viewer's parameters follow them */
    uint16_t row_size;
} query_def;

typedef err (*query_fn)(void *ctx, const void *row);

/* Binds the declared arguments; returns the mask of the optional fragments in use. */
uint32_t query_bind(const query_def *q, const void *args, cell *in);
/* All rows as an array in a; none gives n 0. */
MUST_USE err query_many(txn *t, const query_def *q, uint32_t mask, const cell *in, arena *a,
        void **rows, size_t *n);
/* Calls fn with each row; row is scratch of row_size bytes, its text borrows until fn returns. */
MUST_USE err query_each(txn *t, const query_def *q, uint32_t mask, const cell *in, void *row,
        query_fn fn, void *ctx);
/* The first row, in a. E_ABSENT when there is none. */
MUST_USE err query_one(
        txn *t, const query_def *q, uint32_t mask, const cell *in, arena *a, void **ret);
MUST_USE err query_exec(
        txn *t, const query_def *q, uint32_t mask, const cell *in, int64_t *ret_changed);
