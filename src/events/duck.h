/* duck.h - DuckDB's calls with our errors: run, ask, decode. Included by src/events only.
 * A connection is used by one thread at a time. */
#pragma once
#include "events/duckdb_api.h"
#include "events/query.h"

void duck_result_free(duckdb_result *r); /* for CLEANUP() */

/* Runs statements that answer nothing of interest. */
MUST_USE err duck_run(duckdb_connection c, const char *sql);
MUST_USE err duck_runf(duckdb_connection c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The first number of the first row; 0 when there is no row or it is NULL. The column is BIGINT.
 */
MUST_USE err duck_i64(duckdb_connection c, int64_t *ret, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Prepares, binds texts, runs until deadline_us (monotonic; 0 none) passes, which interrupts it.
 */
MUST_USE err duck_ask(duckdb_connection c, const char *sql, const str *params, int n,
        int64_t deadline_us, duckdb_result *ret);
/* Copies all rows of a result into a. */
MUST_USE err duck_rows(
        duckdb_result *r, arena *a, const query_shape *shape, void **rows, size_t *n);
/* The engine's words as a fault; a fatal one stops the process: what is on disk is the truth. */
err duck_fault(const char *words);
/* A text as the engine keeps it: up to 12 bytes inside, of longer ones 4 inside; they borrow s.
 * Inline, as every text of every event passes here. */
static inline duckdb_string_t duck_string(str s)
{
    duckdb_string_t v = { .value.inlined = { .length = (uint32_t)s.n } };
    if (s.n == 0) return v;
    if (s.n <= sizeof v.value.inlined.inlined) {
        memcpy(v.value.inlined.inlined, s.p, s.n);
        return v;
    }
    memcpy(v.value.pointer.prefix, s.p, sizeof v.value.pointer.prefix);
    v.value.pointer.ptr = (char *)(uintptr_t)s.p;
    return v;
}
duckdb_type duck_type(event_type t);
