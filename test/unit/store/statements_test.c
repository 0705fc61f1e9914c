/* statements_test.c - every statement of the program prepares on both engines, with none, each and
 * all of its optional parts, and has the columns and types it declares. */
#include "unit/unit.h"

#include "support/stores.h"

static int check(txn *t, const stmt_def *s, uint32_t mask)
{
    err e = stmt_check(t, s, mask);
    if (!failed(e)) return 0;
    print_error("%s mask %x: %s %.*s %.*s\n", s->name, mask, e.f->key, STR_ARG(e.f->args[0]),
            STR_ARG(e.f->args[1]));
    return 1;
}

static int check_masks(store *st, const stmt_def *s)
{
    int bad = 0;
    uint32_t all = (1u << s->n_optional) - 1;
    for (int i = -1; i <= s->n_optional; i++) {
        txn *t; /* a refused statement ends PostgreSQL's transaction: each has its own */
        uint32_t mask = i < 0 ? 0 : i < s->n_optional ? 1u << i : all;
        assert_ok(txn_read(st, 0, &t));
        bad += check(t, s, mask);
        txn_end(t);
    }
    return bad;
}

static void all_prepare(bool pg)
{
    int bad = 0;
    test_store *t = test_store_new(pg);
    assert_true(all_statements_n > 100);
    for (size_t i = 0; i < all_statements_n; i++) {
        assert_int_equal(all_statements[i]->index, i);
        bad += check_masks(t->s, all_statements[i]);
    }
    test_store_free(t);
    assert_int_equal(bad, 0);
}

static void on_sqlite(void **state)
{
    (void)state;
    all_prepare(false);
}

static void on_postgresql(void **state)
{
    (void)state;
    if (!stores_have_pg()) skip();
    all_prepare(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(on_sqlite),
        cmocka_unit_test(on_postgresql) };
    int rc = cmocka_run_group_tests_name("store statements", tests, NULL, NULL);
    stores_over();
    return rc;
}
