/* duck.c - DuckDB's calls with our errors. Owns nothing; a connection is used by one thread at a
 * time. */
#include "events/duck.h"
#include "base/log.h"
#include "base/time.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SQL_MAX 16384

void duck_result_free(duckdb_result *r)
{
    if (r->internal != NULL) duckdb_destroy_result(r);
    r->internal = NULL;
}

static bool says(const char *words, const char *part)
{
    return strstr(words, part) != NULL;
}

err duck_fault(const char *words)
{
    if (words == NULL) words = "no reason given";
    if (says(words, "INTERRUPT")) return ERR(E_TIMEOUT, "error.history.timeout");
    if (says(words, "Out of Memory")) return ERR(E_FULL, "error.history.memory");
    if (says(words, "Could not set lock")) return ERR(E_BUSY, "error.history.locked");
    size_t n = strcspn(words, "\n"); /* what follows repeats the statement */
    str first = { words, n < 300 ? n : 300 };
    log_line(LOG_ERROR, "history.engine", "said=\"%.*s\"", STR_ARG(first));
    ASSERT(!says(words, "FATAL") && !says(words, "has been invalidated"));
    return ERR1(E_IO, "error.history.engine", first);
}

err duck_run(duckdb_connection c, const char *sql)
{
    CLEANUP(duck_result_free) duckdb_result r = { 0 };
    if (duckdb_query(c, sql, &r) == DuckDBSuccess) return OK;
    return duck_fault(duckdb_result_error(&r));
}

err duck_runf(duckdb_connection c, const char *fmt, ...)
{
    char sql[SQL_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(sql, sizeof sql, fmt, ap);
    va_end(ap);
    ASSERT(n > 0 && (size_t)n < sizeof sql);
    return duck_run(c, sql);
}

static int64_t first_number(duckdb_result *r)
{
    int64_t v = 0;
    duckdb_data_chunk chunk = duckdb_fetch_chunk(*r);
    if (chunk != NULL && duckdb_data_chunk_get_size(chunk) > 0) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, 0);
        const uint64_t *valid = duckdb_vector_get_validity(vector);
        if (valid == NULL || (valid[0] & 1)) v = *(const int64_t *)duckdb_vector_get_data(vector);
    }
    if (chunk != NULL) duckdb_destroy_data_chunk(&chunk);
    return v;
}

err duck_i64(duckdb_connection c, int64_t *ret, const char *fmt, ...)
{
    char sql[SQL_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(sql, sizeof sql, fmt, ap);
    va_end(ap);
    ASSERT(n > 0 && (size_t)n < sizeof sql);
    CLEANUP(duck_result_free) duckdb_result r = { 0 };
    if (duckdb_query(c, sql, &r) != DuckDBSuccess) return duck_fault(duckdb_result_error(&r));
    *ret = first_number(&r);
    return OK;
}

/* Lets the calling thread work on the query slice by slice, so that the deadline is looked at. */
static err pending_finish(
        duckdb_connection c, duckdb_pending_result p, int64_t deadline_us, duckdb_result *ret)
{
    duckdb_pending_state state = DUCKDB_PENDING_RESULT_NOT_READY;
    while (!duckdb_pending_execution_is_finished(state)) {
        if (deadline_us != 0 && monotonic_us() > deadline_us) {
            duckdb_interrupt(c);
            return ERR(E_TIMEOUT, "error.history.timeout");
        }
        state = duckdb_pending_execute_task(p);
        if (state == DUCKDB_PENDING_ERROR) return duck_fault(duckdb_pending_error(p));
    }
    if (duckdb_execute_pending(p, ret) == DuckDBSuccess) return OK;
    return duck_fault(duckdb_result_error(ret));
}

static err statement_run(duckdb_connection c, duckdb_prepared_statement st, const str *params,
        int n, int64_t deadline_us, duckdb_result *ret)
{
    for (int i = 0; i < n; i++)
        if (duckdb_bind_varchar_length(st, (idx_t)i + 1, params[i].n ? params[i].p : "",
                    params[i].n) != DuckDBSuccess)
            return ERR(E_INVALID, "error.history.text");
    duckdb_pending_result pending = NULL;
    err e = OK;
    if (duckdb_pending_prepared(st, &pending) != DuckDBSuccess)
        e = duck_fault(pending ? duckdb_pending_error(pending) : NULL);
    else
        e = pending_finish(c, pending, deadline_us, ret);
    duckdb_destroy_pending(&pending);
    return e;
}

err duck_ask(duckdb_connection c, const char *sql, const str *params, int n, int64_t deadline_us,
        duckdb_result *ret)
{
    duckdb_prepared_statement st = NULL;
    err e = OK;
    if (duckdb_prepare(c, sql, &st) != DuckDBSuccess)
        e = duck_fault(st ? duckdb_prepare_error(st) : NULL);
    else
        e = statement_run(c, st, params, n, deadline_us, ret);
    duckdb_destroy_prepare(&st);
    return e;
}

duckdb_type duck_type(event_type t)
{
    static const duckdb_type types[] = {
        [EVENT_I64] = DUCKDB_TYPE_BIGINT,
        [EVENT_U64] = DUCKDB_TYPE_UBIGINT,
        [EVENT_U32] = DUCKDB_TYPE_UINTEGER,
        [EVENT_U16] = DUCKDB_TYPE_USMALLINT,
        [EVENT_U8] = DUCKDB_TYPE_UTINYINT,
        [EVENT_TEXT] = DUCKDB_TYPE_VARCHAR,
        [EVENT_BLOB] = DUCKDB_TYPE_BLOB,
    };
    ASSERT((size_t)t < ARRAY_LEN(types));
    return types[t];
}

static str string_copy(arena *a, const duckdb_string_t *v)
{
    size_t n = v->value.inlined.length;
    if (n <= sizeof v->value.inlined.inlined)
        return str_copy(a, (str){ v->value.inlined.inlined, n });
    return str_copy(a, (str){ v->value.pointer.ptr, n });
}

static void cell_copy(arena *a, event_type t, const void *data, size_t i, void *to)
{
    static const uint8_t size[] = {
        [EVENT_I64] = 8, [EVENT_U64] = 8, [EVENT_U32] = 4, [EVENT_U16] = 2, [EVENT_U8] = 1
    };
    if (t == EVENT_TEXT || t == EVENT_BLOB) {
        str s = string_copy(a, (const duckdb_string_t *)data + i);
        memcpy(to, &s, sizeof s);
    } else {
        memcpy(to, (const char *)data + i * size[t], size[t]);
    }
}

/* One column of a chunk into rows; what is NULL stays zero. */
static void column_copy(arena *a, duckdb_data_chunk chunk, size_t column, const query_cell *cell,
        char *rows, size_t row_size)
{
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column);
    const void *data = duckdb_vector_get_data(vector);
    const uint64_t *valid = duckdb_vector_get_validity(vector);
    size_t n = duckdb_data_chunk_get_size(chunk);
    for (size_t i = 0; i < n; i++) {
        if (valid != NULL && !(valid[i / 64] >> (i % 64) & 1)) continue;
        cell_copy(a, cell->type, data, i, rows + i * row_size + cell->at);
    }
}

static char *rows_grow(
        arena *a, char *rows, size_t *cap, size_t used, size_t more, size_t row_size)
{
    if (used + more <= *cap) return rows;
    *cap = used + more > 2 * *cap ? used + more : 2 * *cap;
    char *p = arena_alloc_array(a, *cap, row_size);
    if (used > 0) memcpy(p, rows, used * row_size);
    return p;
}

err duck_rows(duckdb_result *r, arena *a, const query_shape *shape, void **rows, size_t *n)
{
    ASSERT(duckdb_column_count(r) == shape->n);
    for (size_t c = 0; c < shape->n; c++)
        ASSERT(duckdb_column_type(r, c) == duck_type(shape->cells[c].type));
    char *all = NULL;
    size_t used = 0, cap = 0;
    for (;;) {
        duckdb_data_chunk chunk = duckdb_fetch_chunk(*r);
        if (chunk == NULL) break;
        size_t more = duckdb_data_chunk_get_size(chunk);
        all = rows_grow(a, all, &cap, used, more, shape->row_size);
        for (size_t c = 0; c < shape->n && more > 0; c++)
            column_copy(
                    a, chunk, c, &shape->cells[c], all + used * shape->row_size, shape->row_size);
        used += more;
        duckdb_destroy_data_chunk(&chunk);
    }
    *rows = all;
    *n = used;
    return OK;
}
