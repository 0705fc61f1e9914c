/* stores.c - fresh stores for tests, on both engines. One thread. */
#include "support/stores.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pg_server *server;
static bool asked;
static int made;

bool stores_have_pg(void)
{
    if (!asked) server = pg_start();
    asked = true;
    return server != NULL;
}

void stores_over(void)
{
    pg_stop(server);
    server = NULL;
}

static void remove_files(const test_store *t)
{
    static const char *const ends[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        char path[320];
        snprintf(path, sizeof path, "%s%s", t->path, ends[i]);
        unlink(path);
    }
}

test_store *test_store_new(bool pg)
{
    test_store *t = calloc(1, sizeof *t);
    const char *tmp = getenv("MINAR_TMP");
    instant begin;
    ASSERT(t && instant_parse(S("2026-01-01T00:00:00Z"), &begin));
    t->pg = pg;
    clock_freeze(&t->clock, begin);
    snprintf(t->path, sizeof t->path, "%s/store-%d-%d.db", tmp ? tmp : "/tmp", (int)getpid(),
            ++made);
    snprintf(t->schema, sizeof t->schema, "t%d", made);
    remove_files(t);
    t->options = (store_options){ .clock = &t->clock, .schema = t->schema };
    if (pg)
        t->options.url = pg_url(server);
    else
        t->options.path = t->path;
    test_store_reopen(t);
    return t;
}

void test_store_reopen(test_store *t)
{
    if (t->s) store_close(t->s);
    t->s = NULL;
    err e = store_open(&t->options, &t->s);
    if (failed(e))
        fprintf(stderr, "store_open: %s %.*s %.*s\n", e.f->key, STR_ARG(e.f->args[0]),
                STR_ARG(e.f->args[1]));
    ASSERT(!failed(e));
}

void test_store_free(test_store *t)
{
    if (t->s) store_close(t->s);
    if (!t->pg) remove_files(t);
    free(t);
}
