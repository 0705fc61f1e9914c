/* time_test.c - clocks, instants as text, zones against the system's own, working time. */
#include "unit/unit.h"

#include <time.h>

#include "base/time.h"
#include "base/tzif.h"

static instant at(const char *text)
{
    instant t;
    if (!instant_parse(str_of(text), &t)) fail_msg("not an instant: %s", text);
    return t;
}

static const zone *zone_of(const char *name)
{
    const zone *z = NULL;
    assert_ok(zone_find(str_of(name), &z));
    return z;
}

static void clocks(void **state)
{
    clock_src c = { 0 };
    clock_set_offset(&c, 3600 * US_PER_S);
    int64_t ahead = clock_now(&c).us - clock_now(&clock_system).us;
    assert_true(ahead > 3599 * US_PER_S && ahead <= 3600 * US_PER_S);
    clock_freeze(&c, (instant){ 5 });
    assert_int_equal(clock_now(&c).us, 5);
    clock_freeze(&c, (instant){ 0 });
    assert_true(clock_now(&c).us > 1000);
    assert_true(monotonic_us() <= monotonic_us());
}

static void instants_round_trip(void **state)
{
    const char *same[] = { "2026-11-24T11:24:25Z", "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z", "2024-02-29T00:00:00.000001Z", "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z" };
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        assert_str(instant_text(*state, at(same[i])), same[i]);
    assert_str(instant_text(*state, at("2026-11-24T16:24:25+05:00")), "2026-11-24T11:24:25Z");
    assert_str(instant_text(*state, at("2026-11-24t11:24:25.5z")), "2026-11-24T11:24:25.500000Z");
    assert_str(instant_text(*state, at("2026-11-24 11:24:25")), "2026-11-24T11:24:25Z");
    assert_str(instant_text(*state, at("2016-12-31T23:59:60Z")), "2017-01-01T00:00:00Z");
    assert_str(instant_text(*state, at("2026-01-01T00:00:00.1234567899Z")),
            "2026-01-01T00:00:00.123456Z");
}

static void refuses_what_is_no_instant(void **state)
{
    const char *bad[] = { "", "2026", "2026-11-24", "2026-11-24T11:24Z", "2026-11-24T11:24:25",
        "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+5:00", "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00Zx", " 2026-01-01T00:00:00Z", "26-01-01T00:00:00Z" };
    instant t = { 7 };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (instant_parse(str_of(bad[i]), &t)) fail_msg("taken: %s", bad[i]);
    assert_int_equal(t.us, 7);
}

static void knows_karachi(void **state)
{
    civil c = civil_of(at("2026-11-24T20:30:00Z"), zone_of("Asia/Karachi"));
    assert_true(c.year == 2026 && c.month == 11 && c.day == 25 && c.hour == 1 && c.minute == 30);
    assert_true(c.weekday == 2 && c.offset_s == 5 * 3600);
    assert_int_equal(
            civil_of(at("2008-07-01T00:00:00Z"), zone_of("Asia/Karachi")).offset_s, 6 * 3600);
    assert_int_equal(civil_of(at("2026-01-01T00:00:00Z"), zone_of("-03:30")).offset_s, -12600);
}

static void refuses_unknown_zones(void **state)
{
    const char *bad[] = { "", "Nowhere/City", "../etc/passwd", "/etc/passwd", "Asia/../UTC", "Asia",
        "+25:00", "zone.tab", "Asia/Karachi/" };
    const zone *z;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        err e = zone_find(str_of(bad[i]), &z);
        if (err_code_of(e) != E_CONFIG) fail_msg("taken: %s", bad[i]);
    }
}

static void same_as_libc(const char *name, int64_t s)
{
    struct tm tm;
    time_t t = (time_t)s;
    localtime_r(&t, &tm);
    civil c = civil_of((instant){ s * US_PER_S }, zone_of(name));
    if (c.offset_s != tm.tm_gmtoff || c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 ||
            c.day != tm.tm_mday || c.hour != tm.tm_hour || c.minute != tm.tm_min ||
            c.second != tm.tm_sec || c.weekday != (tm.tm_wday + 6) % 7)
        fail_msg("%s at %lld: offset %d, libc %ld", name, (long long)s, c.offset_s, tm.tm_gmtoff);
    instant back = civil_instant(&c, zone_of(name));
    civil again = civil_of(back, zone_of(name));
    assert_true(again.hour == c.hour && again.day == c.day && back.us <= s * US_PER_S);
}

/* From 1900 to 2200, so that the file's changes and its rule are both passed, odd steps. */
static void agrees_with_libc(void **state)
{
    const char *names[] = { "Asia/Karachi", "Europe/Berlin", "America/New_York",
        "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "Africa/Casablanca",
        "Europe/Dublin", "UTC", "Antarctica/Troll" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        setenv("TZ", names[i], 1);
        tzset();
        for (int64_t s = -2200000000; s < 7258118400; s += 1234567)
            same_as_libc(names[i], s);
    }
}

static void gaps_and_folds(void **state)
{
    const zone *z = zone_of("Europe/Berlin");
    civil gap = { .year = 2026, .month = 3, .day = 29, .hour = 2, .minute = 30 };
    assert_int_equal(civil_instant(&gap, z).us, at("2026-03-29T01:30:00Z").us);
    civil fold = { .year = 2026, .month = 10, .day = 25, .hour = 2, .minute = 30 };
    assert_int_equal(civil_instant(&fold, z).us, at("2026-10-25T00:30:00Z").us);
    civil rolled = { .year = 2026, .month = 14, .day = 0, .us = 9 };
    assert_int_equal(
            civil_instant(&rolled, zone_of("UTC")).us, at("2027-01-31T00:00:00.000009Z").us);
}

static void reads_rules(void **state)
{
    tzif z = { 0 };
    assert_true(tzif_rule_parse(S("<+0530>-5:30"), &z) && z.standard.offset_s == 19800 &&
                !z.has_summer);
    assert_true(tzif_rule_parse(S("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"), &z) &&
                z.to_summer.time_s == -3600);
    assert_true(
            tzif_rule_parse(S("AAA0BBB,J60,300/167:59:59"), &z) && z.to_summer.form == TZ_JULIAN_1);
    const char *bad[] = { "", "AB0", "ABC", "ABC0D", "ABC0DEF", "ABC0DEF,M3.5.0",
        "ABC0DEF,M13.5.0,M1.1.1", "ABC0DEF,M3.6.0,M1.1.1", "ABC0DEF,J0,J1", "ABC0DEF,J366,J1",
        "ABC25", "<>0", "<ab0", "ABC0 ", "ABC0DEF,M3.5.7,M1.1.1" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (tzif_rule_parse(str_of(bad[i]), &z)) fail_msg("taken: %s", bad[i]);
}

static const int32_t holidays[] = { 20782 }; /* 2026-11-25 */
static const work_hours office = {
    .weekend_bits = 0x60, .from_min = 540, .to_min = 1020, .holidays = holidays, .n_holidays = 1
};

static void counts_working_time(void **state)
{
    const zone *z = zone_of("Asia/Karachi");
    const int64_t h = 3600 * US_PER_S;
    struct {
        const char *from;
        int64_t hours;
        const char *to;
    } row[] = {
        { "2026-11-24T10:00:00+05:00", 2, "2026-11-24T12:00:00+05:00" },
        { "2026-11-24T10:00:00+05:00", 7, "2026-11-24T17:00:00+05:00" },
        { "2026-11-24T16:00:00+05:00", 2, "2026-11-26T10:00:00+05:00" }, /* over the holiday */
        { "2026-11-27T16:00:00+05:00", 2, "2026-11-30T10:00:00+05:00" }, /* over the weekend */
        { "2026-11-28T03:00:00+05:00", 1, "2026-11-30T10:00:00+05:00" },
        { "2026-11-26T03:00:00+05:00", 16, "2026-11-27T17:00:00+05:00" },
        { "2026-11-26T03:00:00+05:00", 0, "2026-11-26T03:00:00+05:00" },
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++)
        assert_str(instant_text(*state, work_add(at(row[i].from), row[i].hours * h, &office, z)),
                str_z(*state, instant_text(*state, at(row[i].to))));
}

static void knows_when_it_is_open(void **state)
{
    const zone *z = zone_of("Asia/Karachi");
    assert_false(work_is_open(at("2026-11-24T08:59:59+05:00"), &office, z));
    assert_true(work_is_open(at("2026-11-24T09:00:00+05:00"), &office, z));
    assert_false(work_is_open(at("2026-11-24T17:00:00+05:00"), &office, z));
    assert_false(work_is_open(at("2026-11-25T12:00:00+05:00"), &office, z));
    assert_false(work_is_open(at("2026-11-28T12:00:00+05:00"), &office, z));
    work_hours never = office, always = { .to_min = 1440 };
    never.weekend_bits = 0x7f;
    assert_int_equal(work_add(at("2026-11-24T12:00:00Z"), 1, &never, z).us, INSTANT_MAX.us);
    instant t = at("2026-03-28T12:00:00Z"); /* through a day of 23 hours */
    assert_int_equal(
            work_add(t, US_PER_DAY, &always, zone_of("Europe/Berlin")).us, t.us + US_PER_DAY);
    assert_true(work_is_open(t, &always, z));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(clocks),
        UNIT(instants_round_trip),
        UNIT(refuses_what_is_no_instant),
        UNIT(knows_karachi),
        UNIT(refuses_unknown_zones),
        UNIT(agrees_with_libc),
        UNIT(gaps_and_folds),
        UNIT(reads_rules),
        UNIT(counts_working_time),
        UNIT(knows_when_it_is_open),
    };
    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
