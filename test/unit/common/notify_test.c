/* notify_test.c - when mail goes: kinds, quiet hours over midnight, hours that the clocks skip or
 * show twice, what passes. By hand-made moments; the machine's clock is never asked. */
#include "unit/unit.h"

#include "common/notify/notify.h"

static const zone *zone_named(const char *name)
{
    const zone *z;
    assert_ok(zone_find(str_of(name), &z));
    return z;
}

static instant at(const zone *z, int month, int day, int hour, int minute)
{
    civil c = { .year = 2030, .month = month, .day = day, .hour = hour, .minute = minute };
    return civil_instant(&c, z);
}

static notify_prefs night(notify_way way)
{
    notify_prefs p = { .quiet_from = 22 * 60, .quiet_until = 7 * 60, .daily_at = 8 * 60 };
    for (int k = 0; k < NOTIFY_KINDS; k++)
        p.ways[k] = way;
    return p;
}

static void test_at_once_waits_for_the_end_of_the_night(void **state)
{
    (void)state;
    const zone *z = zone_named("Asia/Karachi");
    notify_prefs p = night(NOTIFY_AT_ONCE);
    instant day = at(z, 3, 4, 12, 0), late = at(z, 3, 4, 22, 0), early = at(z, 3, 5, 6, 59);
    instant wakes = at(z, 3, 5, 7, 0);
    bool passed;
    assert_int_equal(notify_mail_at(&p, z, NOTIFY_TASK, false, day, &passed).us, day.us);
    assert_false(passed);
    assert_int_equal(notify_mail_at(&p, z, NOTIFY_TASK, false, late, NULL).us, wakes.us);
    assert_int_equal(notify_mail_at(&p, z, NOTIFY_TASK, false, early, NULL).us, wakes.us);
    assert_int_equal(notify_mail_at(&p, z, NOTIFY_TASK, false, wakes, NULL).us, wakes.us);
    assert_true(notify_is_quiet(&p, z, late) && notify_is_quiet(&p, z, early));
    assert_false(notify_is_quiet(&p, z, wakes));
}

static void test_what_is_urgent_passes_and_says_so(void **state)
{
    (void)state;
    const zone *z = zone_named("Asia/Karachi");
    notify_prefs p = night(NOTIFY_CONSOLE);
    instant late = at(z, 3, 4, 23, 30), day = at(z, 3, 4, 12, 0);
    bool passed;
    assert_int_equal(notify_mail_at(&p, z, NOTIFY_NOTICE, false, day, &passed).us, 0);
    assert_int_equal(notify_mail_at(&p, z, NOTIFY_NOTICE, true, late, &passed).us, late.us);
    assert_true(passed);
    /* An emergency is told at once whatever stands among the choices. */
    assert_int_equal(notify_mail_at(&p, z, NOTIFY_EMERGENCY, false, late, &passed).us, late.us);
    assert_true(passed);
    assert_int_equal(notify_mail_at(&p, z, NOTIFY_EMERGENCY, false, day, &passed).us, day.us);
    assert_false(passed); /* it would not have waited at noon */
}

static void test_digests_have_their_times(void **state)
{
    (void)state;
    const zone *z = zone_named("Asia/Karachi");
    notify_prefs h = night(NOTIFY_HOURLY), d = night(NOTIFY_DAILY);
    assert_int_equal(notify_mail_at(&h, z, NOTIFY_TASK, false, at(z, 3, 4, 12, 10), NULL).us,
            at(z, 3, 4, 13, 0).us);
    assert_int_equal(notify_mail_at(&h, z, NOTIFY_TASK, false, at(z, 3, 4, 13, 0), NULL).us,
            at(z, 3, 4, 14, 0).us);
    assert_int_equal(notify_mail_at(&h, z, NOTIFY_TASK, false, at(z, 3, 4, 21, 30), NULL).us,
            at(z, 3, 5, 7, 0).us);
    assert_int_equal(notify_mail_at(&d, z, NOTIFY_TASK, false, at(z, 3, 4, 7, 59), NULL).us,
            at(z, 3, 4, 8, 0).us);
    assert_int_equal(notify_mail_at(&d, z, NOTIFY_TASK, false, at(z, 3, 4, 8, 0), NULL).us,
            at(z, 3, 5, 8, 0).us);
    d.daily_at = 23 * 60; /* within the quiet hours */
    assert_int_equal(notify_mail_at(&d, z, NOTIFY_TASK, false, at(z, 3, 4, 9, 0), NULL).us,
            at(z, 3, 5, 7, 0).us);
}

/* Never in the past, whatever the clocks on the wall do: two days around each change, by minutes.
 */
static void test_clocks_that_are_put_forward_and_back(void **state)
{
    (void)state;
    const zone *z = zone_named("Europe/Berlin"); /* 31 March and 27 October 2030 */
    const struct {
        int month, day;
    } changes[] = { { 3, 30 }, { 10, 26 } };
    for (int w = 0; w < NOTIFY_WAYS; w++) {
        notify_prefs p = night((notify_way)w);
        p.quiet_from = 60, p.quiet_until = 2 * 60 + 30; /* its end is skipped, or comes twice */
        for (size_t c = 0; c < ARRAY_LEN(changes); c++) {
            instant t = at(z, changes[c].month, changes[c].day, 0, 0);
            for (int m = 0; m < 3 * DAY_MIN; m += 7) {
                instant now = { t.us + m * 60 * US_PER_S };
                instant when = notify_mail_at(&p, z, NOTIFY_TASK, false, now, NULL);
                if (w == NOTIFY_CONSOLE) {
                    assert_int_equal(when.us, 0);
                    continue;
                }
                assert_true(when.us >= now.us && when.us <= now.us + 2 * US_PER_DAY);
                if (w != NOTIFY_AT_ONCE) assert_true(when.us > now.us);
            }
        }
    }
}

static void test_no_quiet_hours(void **state)
{
    (void)state;
    const zone *z = zone_named("UTC");
    notify_prefs p = { .daily_at = 0 };
    for (int h = 0; h < 24; h++)
        assert_false(notify_is_quiet(&p, z, at(z, 1, 1, h, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_once_waits_for_the_end_of_the_night),
        cmocka_unit_test(test_what_is_urgent_passes_and_says_so),
        cmocka_unit_test(test_digests_have_their_times),
        cmocka_unit_test(test_clocks_that_are_put_forward_and_back),
        cmocka_unit_test(test_no_quiet_hours),
    };
    return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
