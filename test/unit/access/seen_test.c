/* seen_test.c - noted reads on both engines: which are noted, the chain of a day, what the ledger
 * holds of it, and that a note changed, removed, added or moved is found. */
#include "unit/unit.h"

#include "access/seen/seen.h"
#include "gen/access/seen/queries.h"
#include "support/nation.h"

enum { DAY = 20000 };
static const instant now = { DAY * US_PER_DAY + 5 };
static const cell_type no_cells[1];

static seen_note a_note(int64_t person)
{
    return (seen_note){ person, 2, S("session"), SEEN_OUTSIDE,
        { RECORD_finding, 9, { { 1, 2, 3 } }, 1, 3, 8 + LABEL_STRICT, 0 } };
}

typedef struct {
    const nation *n;
    instant at;
    bool more;
    const char *const *sql;
} work;

static err add(txn *t, void *ctx)
{
    const work *w = ctx;
    for (int64_t i = 1; i <= 3; i++) {
        seen_note n = a_note(i);
        TRY(seen_add(t, &n, (instant){ w->at.us + i }));
    }
    return OK;
}

static err keep(txn *t, void *ctx)
{
    work *w = ctx;
    return seen_keep(t, &w->n->r, w->at, 30, &w->more);
}

static err alter(txn *t, void *ctx)
{
    const work *w = ctx;
    stmt_def def = { "alter", w->sql, w->sql, 0, 0, 0, no_cells, no_cells, 0, true };
    return stmt_run(t, &def, 0, NULL, NULL, NULL, NULL);
}

static err proof(nation *n, int64_t *ret)
{
    txn *t = nation_read(n);
    err e = seen_verify(t, ret);
    txn_end(t);
    return e;
}

static void does(nation *n, err (*fn)(txn *t, void *ctx), work *w)
{
    w->n = n;
    assert_ok(store_write(n->r.store, fn, w));
}

static void alters(nation *n, const char *sql)
{
    does(n, alter, &(work){ .sql = &sql });
}

/* A day of three notes, closed, and an open one. */
static nation *two_days(bool pg)
{
    nation *n = nation_new(pg, REALM_LIVE);
    does(n, add, &(work){ .at = now });
    does(n, add, &(work){ .at = { now.us + US_PER_DAY } });
    does(n, keep, &(work){ .at = { now.us + US_PER_DAY } });
    return n;
}

static void holds_until_old(bool pg)
{
    nation *n = two_days(pg);
    work w = { .at = { now.us + 100 * US_PER_DAY } };
    int64_t notes = 0;
    assert_ok(proof(n, &notes));
    assert_int_equal(notes, 6);
    for (int i = 0; i < 10 && (i == 0 || w.more); i++)
        does(n, keep, &w);
    assert_false(w.more);
    assert_ok(proof(n, &notes));
    assert_int_equal(notes, 0); /* removed in their time; their days still stand in the ledger */
    nation_free(n);
}

static void changed_is_found(bool pg)
{
    static const struct {
        const char *change, *key;
    } tries[] = {
        { "UPDATE read_note SET person = 7 WHERE row = 2", "error.seen.chain" },
        { "DELETE FROM read_note WHERE row = 3", "error.seen.chain" },
        { "DELETE FROM read_note WHERE row = 6", "error.seen.chain" },
        { "UPDATE read_note SET at = at + 1 WHERE row = 5", "error.seen.chain" },
        { "UPDATE read_note SET row = 60 WHERE row = 1", "error.seen.chain" },
        { "UPDATE read_day SET chain = salt WHERE day = 20000", "error.seen.entry" },
        { "UPDATE read_day SET state = 'open' WHERE day = 20000", "error.seen.days" },
        { "DELETE FROM read_day WHERE day = 20000", "error.seen.days" },
    };
    for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
        nation *n = two_days(pg);
        int64_t notes;
        alters(n, tries[i].change);
        assert_fails(proof(n, &notes), E_INVALID, tries[i].key);
        nation_free(n);
    }
}

static void which_are_noted(void **state)
{
    viewer v = { .person = 4, .org = 2, .sight = { .org = 2, .person = 4 } };
    seen_thing own = { RECORD_finding, 9, { { 0 } }, 1, 2, 8 + LABEL_AMBER, 0 }, other = own;
    (void)state;
    assert_int_equal(seen_asks(&v, &own), SEEN_NOT);
    own.audience = 8 + LABEL_STRICT;
    assert_int_equal(seen_asks(&v, &own), SEEN_LABEL);
    other.owner = 3;
    assert_int_equal(seen_asks(&v, &other), SEEN_GRANT); /* the label alone does not show it */
    other.audience = 8 + LABEL_CLEAR;
    assert_int_equal(seen_asks(&v, &other), SEEN_OUTSIDE);
    v.system = true;
    assert_int_equal(seen_asks(&v, &other), SEEN_NOT);
}

#define BOTH(fn)                                                                                   \
    static void fn##_sqlite(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        fn(false);                                                                                 \
    }                                                                                              \
    static void fn##_pg(void **state)                                                              \
    {                                                                                              \
        (void)state;                                                                               \
        if (!stores_have_pg()) skip();                                                             \
        fn(true);                                                                                  \
    }
#define RUN(fn) cmocka_unit_test(fn##_sqlite), cmocka_unit_test(fn##_pg)

BOTH(holds_until_old)
BOTH(changed_is_found)

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(which_are_noted), RUN(holds_until_old),
        RUN(changed_is_found) };
    int rc = cmocka_run_group_tests_name("access seen", tests, NULL, NULL);
    stores_over();
    return rc;
}
