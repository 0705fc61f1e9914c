/* migrate.h - the steps of the record store's tables, embedded from data/migrations.
 * Owns table schema_migration. Called by store_open and store_look alone, on their thread. */
#pragma once
#include "store/conn.h"

typedef struct migration {
    int64_t number;
    const char *sql[2];      /* SQLite, PostgreSQL */
    const char *checksum[2]; /* SHA-256 of the text, hexadecimal */
} migration;
extern const migration migrations[];
extern const size_t migrations_n;

/* Brings the tables up to date. Errors: E_CONFIG (a step's checksum differs, or the store is newer
 * than the program), E_IO. */
MUST_USE err migrate_look(conn *c, const migration *steps, size_t n, int64_t *ret_done);
MUST_USE err migrate_run(conn *c, const migration *steps, size_t n, instant now);
