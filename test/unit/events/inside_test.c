/* inside_test.c - what the engine must refuse, limits, and many threads at once. */
#include "fixture.h"

#include "events/history_in.h"

static void the_engine_reaches_nothing_else(void **state)
{
    arena *a = *state;
    with w = start(a);
    static const char *const bad[] = { "SELECT * FROM read_text('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/minar-should-not-be'", "ATTACH '/tmp/minar-should-not-be' AS x",
        "LOAD 'httpfs'", "INSTALL httpfs", "SET enable_external_access = true",
        "SET allowed_directories = ['/']", "SET memory_limit = '1TB'", "SET threads = 64" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (!failed(duck_run(w.h->keeper, bad[i]))) fail_msg("the engine did: %s", bad[i]);
    history *second = NULL;
    assert_fails(history_open("/nowhere/at/all", NULL, &second), E_IO, "error.history.disk");
    assert_null(second);
    end(&w);
}

/* ---- limits and threads ---- */
static void a_query_has_a_deadline(void **state)
{
    arena *a = *state;
    with w = start(a);
    for (int i = 0; i < 20; i++)
        commit_simple(w.h, a, NOVEMBER, 20000, &w.serial);
    w.h->query_us = 2000;
    history_facet_row *rows = NULL;
    size_t n = 0;
    assert_fails(history_facet(w.h, a, &sees_all, &(event_filter){ .words = S("s1") },
                         EV_IDENTIFIER, 9, &rows, &n),
            E_TIMEOUT, "error.history.timeout");
    w.h->query_us = 60 * US_PER_S;
    assert_ok(history_facet(
            w.h, a, &sees_all, &(event_filter){ .words = S("s1") }, EV_IDENTIFIER, 9, &rows, &n));
    assert_int_equal(n, 9);
    end(&w);
}

static void readers_are_counted(void **state)
{
    arena *a = *state;
    with w = start(a);
    reader *r[4] = { 0 }, *fifth = NULL;
    for (int i = 0; i < 4; i++)
        assert_ok(reader_take(w.h, &r[i]));
    w.h->query_us = 20000;
    assert_fails(reader_take(w.h, &fifth), E_BUSY, "error.history.busy");
    for (int i = 0; i < 4; i++)
        reader_give(&r[i]);
    assert_ok(reader_take(w.h, &fifth));
    reader_give(&fifth);
    end(&w);
}

static _Atomic bool stop_reading;

/* Whole batches of 100 rows only, and a page never shows more than is there. */
static void *read_for_ever(void *arg)
{
    history *h = arg;
    arena *a = arena_new((size_t)64 << 20);
    int64_t last = 0;
    while (!stop_reading) {
        history_total_row r;
        event_list l;
        ASSERT(!failed(history_count(h, a, &sees_all, NULL, &r)));
        ASSERT(r.n_rows % 100 == 0 && r.n_rows >= last);
        last = r.n_rows;
        ASSERT(!failed(history_search(h, a, &sees_all, NULL, NULL, 30, &l)));
        if (last > 0 && l.n != 30) fprintf(stderr, "%zu of 30, %lld rows\n", l.n, (long long)last);
        ASSERT(last == 0 || l.n == 30);
        arena_reset(a);
    }
    arena_free(a);
    return NULL;
}

static void reading_while_writing_rolling_and_sweeping(void **state)
{
    arena *a = *state;
    with w = start(a);
    pthread_t t[3];
    stop_reading = false;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&t[i], NULL, read_for_ever, w.h), 0);
    for (int i = 0; i < 60; i++) {
        int64_t b = commit_simple(w.h, a, NOVEMBER + i * 7 * US_PER_DAY, 100, &w.serial);
        event_change c = { history_id(w.h, b, 7), 4, 1, 0 };
        size_t changed = 0;
        if (i % 5 == 0) assert_ok(history_assign(w.h, &c, 1, (instant){ NOVEMBER }, &changed));
        if (i % 20 == 0) assert_ok(history_sweep(w.h));
    }
    stop_reading = true;
    for (int i = 0; i < 3; i++)
        pthread_join(t[i], NULL);
    assert_int_equal(count_all(w.h, a, NULL), 6000);
    assert_int_equal(count_all(w.h, a, &(event_filter){ .owner = 4 }), 12);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(the_engine_reaches_nothing_else),
        UNIT(a_query_has_a_deadline),
        UNIT(readers_are_counted),
        UNIT(reading_while_writing_rolling_and_sweeping),
    };
    return cmocka_run_group_tests_name("events inside", tests, NULL, NULL);
}
