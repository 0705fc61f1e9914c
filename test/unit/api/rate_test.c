/* Buckets: the burst at once, then the rate; each name its own; memory is fixed. */
#include "unit.h"
#include "api/rate.h"

static const rate_row row = { "test", false, 60, 10 };

static void burst_then_rate(void **state)
{
    rates *r = rates_new();
    int64_t now = 1000000000;
    for (int i = 0; i < 10; i++)
        assert_int_equal(rate_take(r, &row, 0, S("ann"), now), 0);
    assert_int_equal(rate_take(r, &row, 0, S("ann"), now), 1);
    assert_int_equal(rate_take(r, &row, 0, S("bob"), now), 0);
    assert_int_equal(rate_take(r, &row, 1, S("ann"), now), 0);
    now += 1000000;
    assert_int_equal(rate_take(r, &row, 0, S("ann"), now), 0);
    assert_int_equal(rate_take(r, &row, 0, S("ann"), now), 1);
    now += 3600 * INT64_C(1000000);
    for (int i = 0; i < 10; i++)
        assert_int_equal(rate_take(r, &row, 0, S("ann"), now), 0);
    assert_int_equal(rate_take(r, &row, 0, S("ann"), now), 1);
    rates_free(r);
}

static void says_how_long(void **state)
{
    static const rate_row slow = { "slow", true, 2, 1 };
    rates *r = rates_new();
    assert_int_equal(rate_take(r, &slow, 0, S("x"), 5), 0);
    assert_int_equal(rate_take(r, &slow, 0, S("x"), 5), 30);
    assert_int_equal(rate_take(r, &slow, 0, S("x"), 5 + 29500000), 1);
    rates_free(r);
}

/* A crowd of names does not free the one that asks all the time. */
static void a_crowd_does_not_free_the_busy(void **state)
{
    rates *r = rates_new();
    int64_t now = 1000000000;
    int taken = 0;
    for (int i = 0; i < 500000; i++) {
        char name[16];
        int n = snprintf(name, sizeof name, "n%d", i);
        (void)!rate_take(r, &row, 0, (str){ name, (size_t)n }, now);
        if (i % 100 == 0) taken += rate_take(r, &row, 0, S("busy"), now) == 0;
    }
    assert_true(taken <= 12);
    rates_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(burst_then_rate), UNIT(says_how_long),
        UNIT(a_crowd_does_not_free_the_busy) };
    return cmocka_run_group_tests_name("api rate", tests, NULL, NULL);
}
