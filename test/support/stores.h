/* stores.h - fresh stores for tests: each test of a store runs on SQLite and on PostgreSQL. Tests
 * only. */
#pragma once
#include "base/time.h"
#include "store/store.h"
#include "support/pg.h"

typedef struct {
    bool pg;
    store *s;
    clock_src clock; /* frozen at 2026-01-01 */
    char path[300], schema[40];
    store_options options; /* to open it again */
} test_store;

/* Starts PostgreSQL once for the program; stores_over stops it and removes the files. */
bool stores_have_pg(void);
void stores_over(void);
/* A fresh, empty, migrated store. */
test_store *test_store_new(bool pg);
void test_store_reopen(test_store *t);
void test_store_free(test_store *t);
