/* tzif_rule.c - the rule at the end of a TZif file: POSIX TZ with RFC 8536's wider times.
 * Owns nothing; called by tzif.c and zone.c, any thread. */
#include "base/tzif.h"

static bool take(str *s, char c)
{
    if (s->n == 0 || s->p[0] != c) return false;
    *s = str_sub(*s, 1, s->n);
    return true;
}

static bool take_int(str *s, int max, int *ret)
{
    int v = 0;
    size_t i = 0;
    for (; i < s->n && i < 4 && s->p[i] >= '0' && s->p[i] <= '9'; i++)
        v = v * 10 + (s->p[i] - '0');
    if (i == 0 || v > max) return false;
    *s = str_sub(*s, i, s->n);
    *ret = v;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* A name of three letters or more, or anything between < and >. */
static bool take_name(str *s)
{
    size_t i = 0;
    if (take(s, '<')) {
        ptrdiff_t end = str_find_byte(*s, '>');
        if (end < 1) return false;
        *s = str_sub(*s, (size_t)end + 1, s->n);
        return true;
    }
    while (i < s->n && is_letter(s->p[i]))
        i++;
    *s = str_sub(*s, i, s->n);
    return i >= 3;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool take_time(str *s, int max_hours, int32_t *ret)
{
    int h, m = 0, sec = 0;
    bool minus = take(s, '-');
    if (!minus) (void)take(s, '+');
    if (!take_int(s, max_hours, &h)) return false;
    if (take(s, ':')) {
        if (!take_int(s, 59, &m)) return false;
        if (take(s, ':') && !take_int(s, 59, &sec)) return false;
    }
    *ret = (h * 3600 + m * 60 + sec) * (minus ? -1 : 1);
    return true;
}

static bool take_month_week_day(str *s, tzif_change *c)
{
    if (!take_int(s, 12, &c->month) || c->month < 1 || !take(s, '.')) return false;
    if (!take_int(s, 5, &c->week) || c->week < 1 || !take(s, '.')) return false;
    return take_int(s, 6, &c->day);
}

static bool take_change(str *s, tzif_change *ret)
{
    tzif_change c = { .form = TZ_JULIAN_0, .time_s = 2 * 3600 };
    if (!take(s, ',')) return false;
    if (take(s, 'M')) {
        c.form = TZ_MONTH_WEEK_DAY;
        if (!take_month_week_day(s, &c)) return false;
    } else {
        if (take(s, 'J')) c.form = TZ_JULIAN_1;
        if (!take_int(s, 365, &c.day) || (c.form == TZ_JULIAN_1 && c.day < 1)) return false;
    }
    if (take(s, '/') && !take_time(s, 167, &c.time_s)) return false;
    *ret = c;
    return true;
}

/* POSIX counts offsets westwards; here they are east of UTC. */
static bool take_offset(str *s, int32_t *ret)
{
    int32_t west;
    if (!take_time(s, 24, &west)) return false;
    *ret = -west;
    return true;
}

bool tzif_rule_parse(str s, tzif *ret)
{
    tzif z = *ret;
    if (!take_name(&s) || !take_offset(&s, &z.standard.offset_s)) return false;
    z.has_rule = true;
    z.standard.dst = false;
    z.has_summer = s.n > 0;
    if (z.has_summer) {
        z.summer = (tzif_type){ z.standard.offset_s + 3600, true };
        if (!take_name(&s)) return false;
        if (s.n && s.p[0] != ',' && !take_offset(&s, &z.summer.offset_s)) return false;
        if (!take_change(&s, &z.to_summer) || !take_change(&s, &z.to_standard)) return false;
    }
    if (s.n) return false;
    *ret = z;
    return true;
}
