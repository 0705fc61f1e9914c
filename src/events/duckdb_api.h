/* duckdb_api.h - the part of DuckDB's C API that Minar calls, declared by us: the library comes
 * without a header. Source: DuckDB 1.5, C API. Included by src/events/duck.c and append.c only.
 * A database may be used on any thread, a connection on one at a time. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef uint64_t idx_t;
typedef enum { DuckDBSuccess = 0, DuckDBError = 1 } duckdb_state;

/* Handles: pointers to structures of the library's own. */
typedef struct _duckdb_database {
    void *internal;
} * duckdb_database;
typedef struct _duckdb_connection {
    void *internal;
} * duckdb_connection;
typedef struct _duckdb_config {
    void *internal;
} * duckdb_config;
typedef struct _duckdb_prepared_statement {
    void *internal;
} * duckdb_prepared_statement;
typedef struct _duckdb_pending_result {
    void *internal;
} * duckdb_pending_result;
typedef struct _duckdb_appender {
    void *internal;
} * duckdb_appender;
typedef struct _duckdb_data_chunk {
    void *internal;
} * duckdb_data_chunk;
typedef struct _duckdb_vector {
    void *internal;
} * duckdb_vector;
typedef struct _duckdb_logical_type {
    void *internal;
} * duckdb_logical_type;

typedef struct {
    idx_t unused_column_count, unused_row_count, unused_rows_changed;
    void *unused_columns;
    char *unused_error_message;
    void *internal;
} duckdb_result;

typedef enum {
    DUCKDB_TYPE_UTINYINT = 6,
    DUCKDB_TYPE_USMALLINT = 7,
    DUCKDB_TYPE_UINTEGER = 8,
    DUCKDB_TYPE_UBIGINT = 9,
    DUCKDB_TYPE_BIGINT = 5,
    DUCKDB_TYPE_VARCHAR = 17,
    DUCKDB_TYPE_BLOB = 18,
} duckdb_type;

typedef enum {
    DUCKDB_PENDING_RESULT_READY = 0,
    DUCKDB_PENDING_RESULT_NOT_READY = 1,
    DUCKDB_PENDING_ERROR = 2,
    DUCKDB_PENDING_NO_TASKS_AVAILABLE = 3,
} duckdb_pending_state;

/* A text or blob in a vector: up to 12 bytes inside, longer ones by pointer and a 4 byte prefix.
 */
typedef struct {
    union {
        struct {
            uint32_t length;
            char prefix[4];
            char *ptr;
        } pointer;
        struct {
            uint32_t length;
            char inlined[12];
        } inlined;
    } value;
} duckdb_string_t;

/* ---- database and connection ---- */
duckdb_state duckdb_create_config(duckdb_config *ret);
duckdb_state duckdb_set_config(duckdb_config config, const char *name, const char *value);
void duckdb_destroy_config(duckdb_config *config);
duckdb_state duckdb_open_ext(
        const char *path, duckdb_database *ret, duckdb_config config, char **error);
void duckdb_close(duckdb_database *database);
duckdb_state duckdb_connect(duckdb_database database, duckdb_connection *ret);
void duckdb_disconnect(duckdb_connection *connection);
void duckdb_interrupt(duckdb_connection connection);
void duckdb_free(void *p);
const char *duckdb_library_version(void);

/* ---- statements ---- */
duckdb_state duckdb_query(duckdb_connection connection, const char *sql, duckdb_result *ret);
duckdb_state duckdb_prepare(
        duckdb_connection connection, const char *sql, duckdb_prepared_statement *ret);
const char *duckdb_prepare_error(duckdb_prepared_statement statement);
duckdb_state duckdb_bind_varchar_length(
        duckdb_prepared_statement statement, idx_t parameter, const char *text, idx_t length);
void duckdb_destroy_prepare(duckdb_prepared_statement *statement);
duckdb_state duckdb_pending_prepared(
        duckdb_prepared_statement statement, duckdb_pending_result *ret);
duckdb_pending_state duckdb_pending_execute_task(duckdb_pending_result pending);
bool duckdb_pending_execution_is_finished(duckdb_pending_state state);
const char *duckdb_pending_error(duckdb_pending_result pending);
duckdb_state duckdb_execute_pending(duckdb_pending_result pending, duckdb_result *ret);
void duckdb_destroy_pending(duckdb_pending_result *pending);

/* ---- results ---- */
const char *duckdb_result_error(duckdb_result *result);
duckdb_data_chunk duckdb_fetch_chunk(duckdb_result result);
duckdb_type duckdb_column_type(duckdb_result *result, idx_t column);
idx_t duckdb_column_count(duckdb_result *result);
idx_t duckdb_rows_changed(duckdb_result *result);
void duckdb_destroy_result(duckdb_result *result);

/* ---- chunks of up to duckdb_vector_size() rows ---- */
idx_t duckdb_vector_size(void);
duckdb_logical_type duckdb_create_logical_type(duckdb_type type);
void duckdb_destroy_logical_type(duckdb_logical_type *type);
duckdb_data_chunk duckdb_create_data_chunk(duckdb_logical_type *types, idx_t n);
void duckdb_destroy_data_chunk(duckdb_data_chunk *chunk);
void duckdb_data_chunk_reset(duckdb_data_chunk chunk);
duckdb_vector duckdb_data_chunk_get_vector(duckdb_data_chunk chunk, idx_t column);
idx_t duckdb_data_chunk_get_size(duckdb_data_chunk chunk);
void duckdb_data_chunk_set_size(duckdb_data_chunk chunk, idx_t rows);
void *duckdb_vector_get_data(duckdb_vector vector);
uint64_t *duckdb_vector_get_validity(duckdb_vector vector); /* NULL: every row is valid */

/* ---- appending ---- */
duckdb_state duckdb_appender_create_ext(duckdb_connection connection, const char *catalog,
        const char *schema, const char *table, duckdb_appender *ret);
duckdb_state duckdb_append_data_chunk(duckdb_appender appender, duckdb_data_chunk chunk);
duckdb_state duckdb_appender_flush(duckdb_appender appender);
duckdb_state duckdb_appender_clear(duckdb_appender appender); /* forgets what is not flushed */
const char *duckdb_appender_error(duckdb_appender appender);
duckdb_state duckdb_appender_destroy(duckdb_appender *appender); /* flushes first */
