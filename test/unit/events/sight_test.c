/* sight_test.c - the see clause and sight_sees are the same rule, on random rows and random
 * askers. */
#include "fixture.h"

enum { ROWS = 4000, ASKERS = 200 };
static int64_t audience[ROWS], owner[ROWS], author[ROWS];

static void rows_make(history *h, arena *a)
{
    for (int i = 0; i < ROWS; i++) {
        audience[i] = (int64_t)(rand() % 40) << 3 | rand() % 5;
        owner[i] = rand() % 6;
        author[i] = rand() % 4;
    }
    event_batch rows = { .n = ROWS, .audience = audience, .owner = owner, .author = author };
    history_txn *t = NULL;
    assert_ok(history_begin(h, (instant){ NOVEMBER }, &t));
    assert_ok(history_append(t, &(batch_head){ .feed = 1 }, &rows, NULL, 0, NULL));
    assert_ok(history_commit(t, NULL, 0));
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static sight asker_make(int64_t *list)
{
    sight s = { .audiences = list,
        .n_audiences = (size_t)(rand() % 3 ? rand() % 4 : rand() % 60),
        .org = rand() % 4,
        .provider = rand() % 4,
        .person = rand() % 4,
        .community = rand() % 2,
        .nothing = rand() % 20 == 0 };
    for (size_t i = 0; i < s.n_audiences; i++)
        list[i] = (int64_t)(rand() % 40) << 3 | rand() % 5;
    qsort(list, s.n_audiences, sizeof *list, by_number);
    return s;
}

static void clause_and_function_agree(void **state)
{
    arena *a = *state;
    char *dir = dir_make(a);
    history *h = open_it(dir);
    srand(11);
    rows_make(h, a);
    for (int k = 0; k < ASKERS; k++) {
        int64_t list[64], want = 0;
        sight s = asker_make(list);
        for (int i = 0; i < ROWS; i++)
            want += sight_sees(&s, audience[i], owner[i], author[i]);
        history_total_row got;
        assert_ok(history_count(h, a, &s, NULL, &got));
        assert_int_equal(got.n_rows, want);
    }
    history_close(h);
    dir_remove(dir);
}

static void every_row_of_a_page_is_seen(void **state)
{
    arena *a = *state;
    char *dir = dir_make(a);
    history *h = open_it(dir);
    srand(12);
    rows_make(h, a);
    for (int k = 0; k < 40; k++) {
        int64_t list[64];
        sight s = asker_make(list);
        event_list l;
        assert_ok(history_search(h, a, &s, NULL, NULL, 200, &l));
        for (size_t i = 0; i < l.n; i++)
            assert_true(sight_sees(&s, l.rows[i].audience, l.rows[i].owner, l.rows[i].author));
    }
    history_close(h);
    dir_remove(dir);
}

static void who_has_no_organisation_owns_nothing(void **state)
{
    sight s = { 0 };
    assert_false(sight_sees(&s, LABEL_AMBER, 0, 0));
    assert_false(sight_sees(&s, LABEL_RED, 0, 0));
    assert_true(sight_sees(&s, LABEL_CLEAR, 0, 0));
    s.nothing = true;
    assert_false(sight_sees(&s, LABEL_CLEAR, 0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(clause_and_function_agree),
        UNIT(every_row_of_a_page_is_seen), UNIT(who_has_no_organisation_owns_nothing) };
    return cmocka_run_group_tests_name("events sight", tests, NULL, NULL);
}
