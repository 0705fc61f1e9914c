/* work.c - working time: when the office is open, and when so much working time has passed.
 * Owns nothing; any layer, any thread. */
#include "base/time.h"

#include "base/civil.h"

enum { SEARCH_MAX_DAYS = 100000 }; /* who is never open in 270 years never opens */

static bool is_holiday(const work_hours *w, int64_t day)
{
    size_t lo = 0, hi = w->n_holidays;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (w->holidays[mid] < day)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < w->n_holidays && w->holidays[lo] == day;
}

static bool is_open_day(const work_hours *w, int64_t day)
{
    return !(w->weekend_bits >> weekday_of_days(day) & 1) && !is_holiday(w, day);
}

static int64_t local_day(instant t, const zone *z)
{
    civil c = civil_of(t, z);
    return days_of_civil(c.year, c.month, c.day);
}

/* The instant at which a local day reaches a minute; through civil time, for days have 23 and 25
 * hours too. */
static instant day_minute(int64_t day, int minute, const zone *z)
{
    civil c = { .minute = minute };
    civil_of_days(day, &c.year, &c.month, &c.day);
    return civil_instant(&c, z);
}

static void check_hours(const work_hours *w)
{
    ASSERT(w->from_min >= 0 && w->from_min <= w->to_min && w->to_min <= 1440);
    for (size_t i = 1; i < w->n_holidays; i++)
        ASSERT(w->holidays[i - 1] <= w->holidays[i]);
}

instant work_add(instant t, int64_t working_us, const work_hours *w, const zone *z)
{
    ASSERT(working_us >= 0);
    check_hours(w);
    if (working_us == 0) return t;
    int64_t first = local_day(t, z);
    for (int64_t day = first; day < first + SEARCH_MAX_DAYS; day++) {
        if (!is_open_day(w, day)) continue;
        int64_t from = day_minute(day, w->from_min, z).us, to = day_minute(day, w->to_min, z).us;
        if (from < t.us) from = t.us;
        if (from >= to) continue;
        if (working_us <= to - from) return (instant){ from + working_us };
        working_us -= to - from;
    }
    return INSTANT_MAX;
}

bool work_is_open(instant t, const work_hours *w, const zone *z)
{
    check_hours(w);
    int64_t day = local_day(t, z);
    if (!is_open_day(w, day)) return false;
    return day_minute(day, w->from_min, z).us <= t.us && t.us < day_minute(day, w->to_min, z).us;
}
