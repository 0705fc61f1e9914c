/* dialect.h - where SQLite and PostgreSQL differ: how a session and a transaction begin, what their
 * errors mean, how large a store is. Included by src/store, and above for the size. The thread is
 * the transaction's. */
#pragma once
#include "store/store.h"

const char *dialect_begin_write(bool pg);
/* The settings of a new connection, as a script. */
const char *dialect_session(bool pg, bool is_writer);
/* What an engine's refusal means for the caller. */
err dialect_sqlite_error(int extended_code, const char *message);
err dialect_pg_error(const char *sqlstate, const char *constraint, const char *message);
/* Bytes that the store takes. */
MUST_USE err dialect_size_bytes(txn *t, int64_t *ret);
