/* calendar.c - see calendar.h. */
#include "common/calendar/calendar.h"

#include "base/civil.h"
#include "gen/common/calendar/queries.h"
#include <stdlib.h>

enum { HOLIDAYS_MAX = 4000, DAYS_MAX = 20000 };

err calendar_load(const conf *c, calendar *ret)
{
    *ret = (calendar){ .hours = { .weekend_bits = (uint8_t)conf_int(c, "site.weekend"),
                               .from_min = OFFICE_FROM_MIN,
                               .to_min = OFFICE_TO_MIN } };
    return zone_find(conf_str(c, "site.time_zone"), &ret->zone);
}

int64_t calendar_day_of(const calendar *c, instant t)
{
    civil d = civil_of(t, c->zone);
    return days_of_civil(d.year, d.month, d.day);
}

bool calendar_is_weekend(const calendar *c, int64_t day)
{
    return c->hours.weekend_bits >> weekday_of_days(day) & 1;
}

static int ascending(const void *x, const void *y)
{
    int32_t a = *(const int32_t *)x, b = *(const int32_t *)y;
    return (a > b) - (a < b);
}

err calendar_of(txn *t, const calendar *base, const calendar_whom *whom, instant from, arena *a,
        calendar *ret)
{
    holiday_from_row *rows;
    size_t n, days = 0, at = 0;
    int64_t first = calendar_day_of(base, from);
    holiday_from_args q = { .day = first,
        .sector = whom->sector.n ? whom->sector : S(""),
        .province = whom->province.n ? whom->province : S(""),
        .limit = HOLIDAYS_MAX };
    *ret = *base;
    TRY(holiday_from(t, &q, a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        days += (size_t)(rows[i].last - rows[i].day + 1);
    if (days > DAYS_MAX) return ERR(E_FULL, "error.calendar.many");
    int32_t *list = NEW_ARRAY(a, int32_t, days + 1);
    for (size_t i = 0; i < n; i++)
        for (int64_t d = rows[i].day; d <= rows[i].last; d++)
            list[at++] = (int32_t)d;
    qsort(list, at, sizeof *list, ascending);
    ret->hours.holidays = list;
    ret->hours.n_holidays = at;
    return OK;
}

err calendar_days_after(const calendar *c, instant t, int n, instant *ret)
{
    const int64_t day_us = (OFFICE_TO_MIN - OFFICE_FROM_MIN) * 60 * US_PER_S;
    int64_t day = calendar_day_of(c, t) + 1;
    civil morning = { .minute = 0 };
    civil_of_days(day, &morning.year, &morning.month, &morning.day);
    /* Office hours of n whole days from the next morning on: the end of the n-th. */
    *ret = work_add(civil_instant(&morning, c->zone), n * day_us, &c->hours, c->zone);
    return ret->us < INT64_MAX ? OK : ERR(E_INVALID, "error.calendar.never_open");
}

err calendar_day_parse(str text, int64_t *ret)
{
    civil c = { .year = 0 }, back = { .year = 0 };
    int *part[3] = { &c.year, &c.month, &c.day };
    if (text.n != 10 || text.p[4] != '-' || text.p[7] != '-')
        return ERR1(E_INVALID, "error.calendar.day", text);
    for (size_t i = 0, at = 0; i < text.n; i++) {
        if (i == 4 || i == 7) {
            at++;
            continue;
        }
        if (text.p[i] < '0' || text.p[i] > '9') return ERR1(E_INVALID, "error.calendar.day", text);
        *part[at] = *part[at] * 10 + (text.p[i] - '0');
    }
    *ret = days_of_civil(c.year, c.month, c.day);
    civil_of_days(*ret, &back.year, &back.month, &back.day);
    bool same = c.year >= 1970 && back.year == c.year && back.month == c.month && back.day == c.day;
    return same ? OK : ERR1(E_INVALID, "error.calendar.day", text);
}

str calendar_day_text(arena *a, int64_t day)
{
    int y, m, d;
    civil_of_days(day, &y, &m, &d);
    return str_fmt(a, "%04d-%02d-%02d", y, m, d);
}
