/* feed_test.c - is a feed well? Each limit from both sides, and that what began ends further away.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk/watch/event/feed_judge.h"

static const feed_limits limits = { 3, 5, 20, 200, 50 };
enum {
    LATE = 1 << TROUBLE_LATE,
    SILENT = 1 << TROUBLE_SILENT,
    MORE = 1 << TROUBLE_MORE,
    REJECTS = 1 << TROUBLE_REJECTS
};

static feed_facts quiet_for(int64_t us)
{
    return (feed_facts){
        .now = { 100 * US_PER_DAY }, .since = { 100 * US_PER_DAY - us }, .expect_every_s = 3600
    };
}

static void silence(void **state)
{
    (void)state;
    const int64_t hour = 3600 * US_PER_S;
    const struct {
        int64_t us;
        uint32_t want;
    } rows[] = { { 0, 0 }, { hour, 0 }, { hour + 1, LATE }, { 3 * hour, LATE },
        { 3 * hour + 1, LATE | SILENT } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        feed_facts f = quiet_for(rows[i].us);
        assert_int_equal(feed_judge(&f, &limits, 0), rows[i].want);
    }
    assert_int_equal(feed_patience_us(600, 0), 1800 * US_PER_S);
    assert_int_equal(feed_patience_us(600, 60), 60 * US_PER_S);
    assert_int_equal(feed_patience_us(0, 0), 7 * US_PER_DAY);
}

static void more_than_usual(void **state)
{
    (void)state;
    feed_facts f = quiet_for(0);
    for (int d = FEED_USUAL_FROM; d < FEED_USUAL_FROM + 4; d++)
        f.days[d].rows = 100;
    f.days[0].rows = 1000;
    assert_int_equal(feed_usual(&f), 0); /* four days say nothing yet */
    assert_int_equal(feed_judge(&f, &limits, 0), 0);
    f.days[FEED_DAYS - 1].rows = 5000; /* one day that doubled does not make it usual */
    assert_int_equal(feed_usual(&f), 100);
    assert_int_equal(feed_judge(&f, &limits, 0), MORE);
    f.days[0].rows = 199;
    assert_int_equal(feed_judge(&f, &limits, 0), 0);
    assert_int_equal(feed_judge(&f, &limits, MORE), MORE);
    f.days[0].rows = 149;
    assert_int_equal(feed_judge(&f, &limits, MORE), 0);
    f.days[1].rows = 200; /* yesterday counts whole */
    assert_int_equal(feed_judge(&f, &limits, 0), MORE);
    for (int d = FEED_USUAL_FROM; d < FEED_DAYS; d++)
        f.days[d].rows = 49; /* too small to tell */
    assert_int_equal(feed_judge(&f, &limits, 0), 0);
}

static void rejects(void **state)
{
    (void)state;
    feed_facts f = quiet_for(0);
    f.days[1] = (feed_day){ 200, 19 };
    assert_int_equal(feed_judge(&f, &limits, 0), 0);
    f.days[0] = (feed_day){ 0, 1 };
    assert_int_equal(feed_judge(&f, &limits, 0), REJECTS);
    f.days[0].rows = 181; /* 20 of 401 */
    assert_int_equal(feed_judge(&f, &limits, 0), 0);
    assert_int_equal(feed_judge(&f, &limits, REJECTS), REJECTS);
    f.days[0].rows = 781; /* 20 of 1001 */
    assert_int_equal(feed_judge(&f, &limits, REJECTS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(silence),
        cmocka_unit_test(more_than_usual), cmocka_unit_test(rejects) };
    return cmocka_run_group_tests_name("watch feed", tests, NULL, NULL);
}
