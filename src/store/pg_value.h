/* pg_value.h - cells in PostgreSQL's binary formats: big-endian numbers, raw text and bytes.
 * Included by pg.c alone. Any thread. */
#pragma once
#include "store/store.h"

#include <libpq-fe.h>

typedef union {
    uint64_t u;
    char bytes[8];
} pg_scratch;

Oid pg_type(cell_type t);
/* The parameter's bytes (in scratch, in a, or borrowed from the cell) and their count; NULL for
 * CELL_NULL. */
const char *pg_put(const cell *v, arena *a, pg_scratch *scratch, int *ret_n);
/* One value of a result, borrowed from it. False when it is not of the wanted type. */
bool pg_take(const PGresult *r, int row, int column, cell_type want, cell *ret);
