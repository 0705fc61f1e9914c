/* change_test.c - months that roll and go, owners that change, rows that are erased. */
#include "fixture.h"

#include <stdio.h>

/* ---- months ---- */
static void months_roll_and_go(void **state)
{
    arena *a = *state;
    with w = start(a);
    commit_simple(w.h, a, NOVEMBER, 10, &w.serial);
    commit_simple(w.h, a, NOVEMBER + 31 * US_PER_DAY, 20, &w.serial);
    commit_simple(w.h, a, NOVEMBER, 5, &w.serial); /* a clock that went back */
    history_stats st;
    assert_ok(history_stat(w.h, a, &st));
    assert_true(st.n == 2 && st.n_rows == 35 && st.months[0].year_month == 202611);
    assert_true(!st.months[0].open && st.months[1].open && st.months[1].n_rows == 25);
    again(&w);
    input_position p;
    assert_ok(history_position_read(w.h, a, S("in"), &p));
    assert_int_equal(p.place, 35);
    assert_int_equal(count_all(w.h, a, &(event_filter){ .to = { NOVEMBER + US_PER_DAY } }), 10);
    size_t months = 0;
    assert_ok(history_forget(w.h, (instant){ NOVEMBER + 2 * US_PER_DAY }, &months));
    assert_int_equal(months, 1);
    assert_ok(history_forget(w.h, (instant){ INT64_MAX }, &months)); /* the open month stays */
    assert_int_equal(months, 0);
    again(&w);
    assert_int_equal(count_all(w.h, a, NULL), 25);
    assert_ok(history_position_read(w.h, a, S("in"), &p));
    assert_int_equal(p.place, 35);
    end(&w);
}

/* ---- changes ---- */
static void an_overlay_changes_who_sees(void **state)
{
    arena *a = *state;
    with w = start(a);
    int64_t b = commit_simple(w.h, a, NOVEMBER, 10, &w.serial);
    commit_simple(w.h, a, NOVEMBER + 31 * US_PER_DAY, 10, &w.serial);
    event_change c[3] = { { history_id(w.h, b, 3), 5, 2, 8 | LABEL_AMBER },
        { history_id(w.h, b, 99), 5, 2, 8 }, { { { 9 } }, 5, 2, 8 } };
    size_t changed = 0;
    assert_ok(history_assign(w.h, c, 3, (instant){ NOVEMBER }, &changed));
    assert_int_equal(changed, 1);
    again(&w);
    assert_int_equal(count_all(w.h, a, NULL), 19);
    sight five = { .org = 5 }, nobody = { .nothing = true };
    event_list l;
    assert_ok(history_search(w.h, a, &five, &(event_filter){ .owner = 5 }, NULL, 10, &l));
    assert_true(l.n == 1 && l.rows[0].owner == 5 && l.rows[0].owner_why == 2);
    assert_str(l.rows[0].identifier, "s2");
    event e;
    assert_fails(history_event(w.h, a, &sees_all, c[0].id, &e), E_ABSENT, "error.history.event");
    assert_ok(history_event(w.h, a, &five, c[0].id, &e));
    assert_fails(history_event(w.h, a, &nobody, c[0].id, &e), E_ABSENT, "error.history.event");
    c[0].audience = 0;
    assert_ok(history_assign(w.h, c, 1, (instant){ NOVEMBER }, &changed));
    assert_int_equal(changed, 1);
    assert_int_equal(count_all(w.h, a, NULL), 20);
    end(&w);
}

static bool file_has(const char *dir, const char *name, const char *word)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    static char all[16 << 20];
    size_t n = fread(all, 1, sizeof all, f);
    fclose(f);
    return memmem(all, n, word, strlen(word)) != NULL;
}

static void erased_is_gone_from_disk(void **state)
{
    arena *a = *state;
    with w = start(a);
    str raws[] = { S("a secret of someone QQXXYYZZ"), S("kept"), S("kept too") };
    int64_t batch[2];
    for (int k = 0; k < 2; k++) {
        history_txn *t = NULL;
        assert_ok(history_begin(w.h, (instant){ NOVEMBER + k * 31 * US_PER_DAY }, &t));
        assert_ok(history_append(
                t, &(batch_head){ 0 }, &(event_batch){ .n = 3, .raw = raws }, NULL, 0, &batch[k]));
        assert_ok(history_commit(t, NULL, 0));
    }
    assert_true(file_has(w.dir, "2026-11.duckdb", "QQXXYYZZ"));
    id128 ids[] = { history_id(w.h, batch[0], 1), history_id(w.h, batch[1], 1) };
    event_change late = { history_id(w.h, batch[0], 2), 8, 1, 0 };
    size_t changed;
    assert_ok(history_assign(w.h, &late, 1, (instant){ NOVEMBER }, &changed));
    assert_ok(history_erase(w.h, ids, 2, (instant){ NOVEMBER }, &changed));
    assert_int_equal(changed, 2);
    assert_int_equal(count_all(w.h, a, NULL), 4);
    event_change revive = { ids[0], 8, 1, 0 };
    assert_ok(history_assign(w.h, &revive, 1, (instant){ NOVEMBER }, &changed));
    assert_int_equal(changed, 0);
    assert_ok(history_sweep(w.h));
    assert_false(file_has(w.dir, "2026-11.duckdb", "QQXXYYZZ"));
    assert_false(file_has(w.dir, "2026-12.duckdb", "QQXXYYZZ"));
    commit_simple(w.h, a, NOVEMBER + 31 * US_PER_DAY, 2, &w.serial);
    again(&w);
    assert_int_equal(count_all(w.h, a, NULL), 6);
    assert_int_equal(count_all(w.h, a, &(event_filter){ .owner = 8 }), 1);
    event e;
    assert_fails(history_event(w.h, a, &sees_all, ids[0], &e), E_ABSENT, "error.history.event");
    assert_ok(history_event(w.h, a, &sees_all, late.id, &e));
    assert_str(e.raw, "kept");
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(months_roll_and_go),
        UNIT(an_overlay_changes_who_sees),
        UNIT(erased_is_gone_from_disk),
    };
    return cmocka_run_group_tests_name("events change", tests, NULL, NULL);
}
