/* copy_test.c - a copy of a history while it goes on: what was there at the moment and nothing of
 * after it; sealed months are the same files; a month that ends meanwhile is sealed later. */
#include "events/copy.h"
#include "fixture.h"

static err count_moment(void *ctx)
{
    ++*(int *)ctx;
    return OK;
}

static err refuse(void *ctx)
{
    return ERR(E_BUSY, "error.store.busy");
}

static char *copy_dir(arena *a)
{
    return dir_make(a);
}

static ino_t inode(arena *a, const char *dir, const char *name)
{
    struct stat st;
    assert_int_equal(stat(str_z(a, str_fmt(a, "%s/%s", dir, name)), &st), 0);
    return st.st_ino;
}

static void what_comes_after_the_moment_is_not_in_it(void **state)
{
    arena *a = *state;
    with w = start(a);
    char *to = copy_dir(a);
    int moments = 0;
    history_copy *c;
    input_position p;
    commit_simple(w.h, a, NOVEMBER, 100, &w.serial);
    commit_simple(w.h, a, NOVEMBER + 31 * US_PER_DAY, 5000, &w.serial);
    assert_ok(history_copy_begin(w.h, count_moment, &moments, &c));
    assert_int_equal(moments, 1);
    commit_simple(w.h, a, NOVEMBER + 32 * US_PER_DAY, 77, &w.serial);
    commit_simple(w.h, a, NOVEMBER + 70 * US_PER_DAY, 33, &w.serial); /* a month that begins */
    assert_ok(history_copy_put(c, to));
    assert_int_equal(history_copy_months(c), 2);
    assert_int_equal(history_copy_month(c, 0).n_rows, 100);
    assert_true(!history_copy_month(c, 0).open && history_copy_month(c, 1).open);
    assert_int_equal(history_copy_month(c, 1).n_rows, 5000);
    history_copy_end(c);
    assert_int_equal(inode(a, w.dir, "2026-11.duckdb"), inode(a, to, "2026-11.duckdb"));
    assert_int_equal(inode(a, w.dir, "key"), inode(a, to, "key"));

    history *h = open_it(to);
    assert_int_equal(count_all(h, a, NULL), 5100);
    assert_ok(history_position_read(h, a, S("in"), &p));
    assert_int_equal(p.place, 5100);
    history_close(h);

    assert_int_equal(count_all(w.h, a, NULL), 5210);
    commit_simple(w.h, a, NOVEMBER + 71 * US_PER_DAY, 1, &w.serial);
    history_stats st;
    assert_ok(history_stat(w.h, a, &st));
    assert_int_equal(st.n, 3); /* sealed now */
    again(&w);
    assert_int_equal(count_all(w.h, a, NULL), 5211);
    dir_remove(to);
    end(&w);
}

static void changed_owners_and_erased_rows_are_as_they_were(void **state)
{
    arena *a = *state;
    with w = start(a);
    char *to = copy_dir(a);
    int moments = 0;
    size_t n = 0;
    history_copy *c;
    int64_t b = commit_simple(w.h, a, NOVEMBER, 10, &w.serial);
    event_change change = { history_id(w.h, b, 3), 5, 2, 8 | LABEL_AMBER };
    id128 gone = history_id(w.h, b, 4);
    assert_ok(history_assign(w.h, &change, 1, (instant){ NOVEMBER }, &n));
    assert_ok(history_erase(w.h, &gone, 1, (instant){ NOVEMBER }, &n));
    assert_ok(history_copy_begin(w.h, count_moment, &moments, &c));
    assert_ok(history_copy_put(c, to));
    history_copy_end(c);
    history *h = open_it(to);
    sight five = { .org = 5 };
    event e;
    assert_ok(history_event(h, a, &five, change.id, &e));
    assert_int_equal(e.owner, 5);
    assert_fails(history_event(h, a, &five, gone, &e), E_ABSENT, "error.history.event");
    assert_int_equal(count_all(h, a, NULL), 8);
    history_close(h);
    dir_remove(to);
    end(&w);
}

static void one_that_fails_leaves_nothing(void **state)
{
    arena *a = *state;
    with w = start(a);
    int moments = 0;
    size_t n = 0;
    history_copy *c = NULL;
    commit_simple(w.h, a, NOVEMBER, 10, &w.serial);
    assert_fails(history_copy_begin(w.h, refuse, NULL, &c), E_BUSY, "error.store.busy");
    assert_null(c);
    assert_ok(history_copy_begin(w.h, count_moment, &moments, &c));
    err e = history_copy_put(c, "/nowhere/at/all");
    assert_true(failed(e));
    history_copy_end(c);
    commit_simple(w.h, a, NOVEMBER + 31 * US_PER_DAY, 10, &w.serial);
    id128 gone = history_id(w.h, 1, 1);
    assert_ok(history_erase(w.h, &gone, 1, (instant){ NOVEMBER }, &n));
    assert_ok(history_sweep(w.h));
    again(&w);
    assert_int_equal(count_all(w.h, a, NULL), 19);
    end(&w);
}

static void an_empty_history_is_copied_too(void **state)
{
    arena *a = *state;
    with w = start(a);
    char *to = copy_dir(a);
    int moments = 0;
    history_copy *c;
    assert_ok(history_copy_begin(w.h, count_moment, &moments, &c));
    assert_ok(history_copy_put(c, to));
    assert_int_equal(history_copy_months(c), 0);
    history_copy_end(c);
    history *h = open_it(to);
    assert_int_equal(count_all(h, a, NULL), 0);
    history_close(h);
    dir_remove(to);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(what_comes_after_the_moment_is_not_in_it),
        UNIT(changed_owners_and_erased_rows_are_as_they_were),
        UNIT(one_that_fails_leaves_nothing),
        UNIT(an_empty_history_is_copied_too),
    };
    return cmocka_run_group_tests_name("events copy", tests, NULL, NULL);
}
