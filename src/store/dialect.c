/* dialect.c - all that SQLite and PostgreSQL do differently but for the calls of their libraries
 * (sqlite.c, pg.c) and second texts in queries.sql. Owns nothing; any thread. */
#include "store/dialect.h"

#include "store/conn.h"

#include <sqlite3.h>
#include <stdio.h>

const char *dialect_begin_write(bool pg)
{
    return pg ? "BEGIN" : "BEGIN IMMEDIATE";
}

const char *dialect_session(bool pg, bool is_writer)
{
    if (pg)
        return is_writer ? "SET synchronous_commit = on; SET client_min_messages = warning;"
                           "SET default_transaction_isolation = 'read committed';"
                           "SET default_transaction_read_only = off;"
                           "SET lock_timeout = '10s'; SET statement_timeout = '60s';"
                           /* what is new in an index of words is read in whole by each search */
                           "SET gin_pending_list_limit = '64kB'"
                         : "SET client_min_messages = warning; SET statement_timeout = '60s';"
                           "SET default_transaction_isolation = 'repeatable read';"
                           "SET default_transaction_read_only = on";
    return is_writer ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
                       "PRAGMA foreign_keys = OFF;"
                       "PRAGMA cache_size = -65536; PRAGMA temp_store = FILE; PRAGMA "
                       "trusted_schema = OFF;"
                       "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 134217728"
                     : "PRAGMA foreign_keys = OFF; PRAGMA cache_size = -8192; PRAGMA temp_store = "
                       "MEMORY;"
                       "PRAGMA trusted_schema = OFF; PRAGMA mmap_size = 33554432; PRAGMA "
                       "query_only = ON";
}

/* "UNIQUE constraint failed: network.org, network.kind" as PostgreSQL would name its index. */
static str unique_name(char *text, size_t cap, const char *message)
{
    str rest = str_of(message), part;
    ptrdiff_t colon = str_find(rest, S(": "));
    if (colon < 0) return rest;
    rest = str_sub(rest, (size_t)colon + 2, rest.n);
    size_t n = 0;
    for (bool first = true; str_split(&rest, ',', &part); first = false) {
        part = str_trim(part);
        ptrdiff_t dot = str_find_byte(part, '.');
        str table = str_sub(part, 0, dot < 0 ? 0 : (size_t)dot);
        str column = str_sub(part, (size_t)(dot + 1), part.n);
        int w = first ? snprintf(text, cap, "%.*s_by_%.*s", STR_ARG(table), STR_ARG(column))
                      : snprintf(text + n, cap - n, "_%.*s", STR_ARG(column));
        if (w < 0 || (size_t)w >= cap - n) break;
        n += (size_t)w;
    }
    return (str){ text, n };
}

err dialect_sqlite_error(int extended_code, const char *message)
{
    char text[200];
    switch (extended_code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return ERR1(E_CONFLICT, "error.store.exists", unique_name(text, sizeof text, message));
    default:
        break;
    }
    switch (extended_code & 255) {
    case SQLITE_INTERRUPT:
        return ERR(E_BUSY, "error.store.budget");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR(E_BUSY, "error.store.busy");
    case SQLITE_FULL:
        return ERR(E_IO, "error.store.disk_full");
    case SQLITE_CONSTRAINT:
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
        return ERR1(E_BUG, "error.store.sql", str_of(message));
    default:
        return ERR1(E_IO, "error.store.io", str_of(message));
    }
}

err dialect_pg_error(const char *sqlstate, const char *constraint, const char *message)
{
    str code = str_of(sqlstate);
    if (str_eq(code, S("23505"))) return ERR1(E_CONFLICT, "error.store.exists", str_of(constraint));
    if (str_eq(code, S("57014"))) return ERR(E_BUSY, "error.store.budget");
    if (str_starts(code, S("40")) || str_eq(code, S("55P03")))
        return ERR(E_BUSY, "error.store.busy");
    if (str_eq(code, S("53100"))) return ERR(E_IO, "error.store.disk_full");
    if (!code.n || str_starts(code, S("08")) || str_starts(code, S("57P0")) ||
            str_eq(code, S("53300")))
        return ERR1(E_BUSY, "error.store.away", str_trim(str_of(message)));
    if (str_starts(code, S("53")) || str_starts(code, S("57")) || str_starts(code, S("58")))
        return ERR1(E_IO, "error.store.io", str_of(message));
    return ERR1(E_BUG, "error.store.sql", str_of(message));
}

static err take_i64(void *ctx, const cell *out)
{
    *(int64_t *)ctx = out[0].i;
    return OK;
}

static const cell_type one_i64[] = { CELL_I64 }, one_text[] = { CELL_TEXT };

err dialect_size_bytes(txn *t, int64_t *ret)
{
    static const char *const lite[] = {
        "SELECT p.page_count * s.page_size FROM pragma_page_count p, pragma_page_size s"
    };
    static const char *const pg[] = { "SELECT pg_database_size(current_database())" };
    static const stmt_def def = { "size_bytes", lite, pg, 0, 0, 1, one_text, one_i64, 0, false };
    return stmt_run(t, &def, 0, NULL, take_i64, ret, NULL);
}
