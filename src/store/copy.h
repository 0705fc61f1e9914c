/* copy.h - a whole store as files, out of one snapshot, and a store made of such files again: for
 * backup and restore. SQLite gives a file of its own form (records.db), PostgreSQL one of rows for
 * each table. The keys of people and files, whose destruction erases, are in neither: they are
 * lines of their own (keys_put), so that a copy can be kept long and they cannot. Owns nothing; the
 * thread is the transaction's. Called by common/backup. */
#pragma once
#include "store/store.h"

/* What is told while it goes on; all may be NULL. table: the rows of each one that was copied. */
typedef struct {
    err (*table)(void *ctx, str name, int64_t rows);
    void *ctx;
    const _Atomic bool *stop;   /* true: ends with E_BUSY (error.store.copy_stopped) */
    _Atomic int64_t *bytes_out; /* bytes written so far */
} store_copy_watch;

/* Takes t's snapshot now, so that what comes after is not in it. *ret_step: how many steps of its
 * tables are done. */
MUST_USE err store_copy_pin(txn *t, int64_t *ret_step);
/* Writes the tables that t sees into folder dir, which is there and empty. E_IO, E_BUSY. */
MUST_USE err store_copy(txn *t, const char *dir, const store_copy_watch *w);
/* The keys: lines "TABLE ID HEX|- TIME|-", in a. */
MUST_USE err store_copy_keys(txn *t, arena *a, str *ret, int64_t *ret_rows);
/* Rows of each table but those of the keys, as t sees them. */
MUST_USE err store_copy_count(txn *t, const store_copy_watch *w);

/* Makes a store of what store_copy wrote and those keys; o->path or schema is not there yet.
 * E_CONFLICT (error.store.fill_there), E_INVALID (error.store.fill_form), E_CONFIG (its tables are
 * newer than this program), E_IO. On PostgreSQL nothing of it stays when it fails. */
MUST_USE err store_fill(const store_options *o, const char *dir, int64_t step, str keys);

/* ---- the two engines, for copy.c alone ---- */
MUST_USE err copy_out_sqlite(txn *t, const char *dir, const store_copy_watch *w);
MUST_USE err copy_out_pg(txn *t, const char *dir, const store_copy_watch *w);
MUST_USE err copy_count_sqlite(txn *t, const store_copy_watch *w);
MUST_USE err copy_count_pg(txn *t, const store_copy_watch *w);
typedef err (*key_line_fn)(void *ctx, str table, str id, str hex, str at);
MUST_USE err copy_key_lines(str keys, key_line_fn fn, void *ctx);
MUST_USE err fill_sqlite(const store_options *o, const char *dir, str keys);
MUST_USE err fill_pg(const store_options *o, const char *dir, int64_t step, str keys);
/* Is it one of the tables that hold keys? */
bool copy_is_keys(str table);
