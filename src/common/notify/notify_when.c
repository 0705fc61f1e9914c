/* notify_when.c - when a person's mail goes. Pure: the moment and the zone are parameters. */
#include "common/notify/notify.h"

enum { HOUR_MIN = 60 };

static int minute_of(instant t, const zone *z)
{
    civil c = civil_of(t, z);
    return c.hour * HOUR_MIN + c.minute;
}

bool notify_is_quiet(const notify_prefs *p, const zone *z, instant now)
{
    int m = minute_of(now, z), from = p->quiet_from, until = p->quiet_until;
    if (from == until) return false;
    return from < until ? m >= from && m < until : m >= from || m < until;
}

/* The next time after t at which a clock in the zone shows this minute of the day. */
static instant next_minute(instant t, const zone *z, int minute)
{
    civil c = civil_of(t, z);
    c = (civil){ .year = c.year,
        .month = c.month,
        .day = c.day,
        .hour = minute / HOUR_MIN,
        .minute = minute % HOUR_MIN };
    instant at = civil_instant(&c, z);
    if (at.us > t.us) return at;
    c.day++;
    return civil_instant(&c, z);
}

static instant next_hour(instant t, const zone *z)
{
    civil c = civil_of(t, z);
    c.hour++;
    c.minute = c.second = c.us = 0;
    instant at = civil_instant(&c, z);
    /* An hour that comes twice: the clock shows it again, and the mail does not go back. */
    return at.us > t.us ? at : (instant){ t.us + HOUR_MIN * 60 * US_PER_S };
}

static instant planned(const notify_prefs *p, const zone *z, notify_way way, instant now)
{
    if (way == NOTIFY_HOURLY) return next_hour(now, z);
    if (way == NOTIFY_DAILY) return next_minute(now, z, p->daily_at);
    return now;
}

instant notify_mail_at(const notify_prefs *p, const zone *z, notify_kind kind, bool urgent,
        instant now, bool *ret_passed)
{
    notify_way way = kind == NOTIFY_EMERGENCY ? NOTIFY_AT_ONCE : p->ways[kind];
    bool passes = urgent || kind == NOTIFY_EMERGENCY;
    if (ret_passed) *ret_passed = passes && (way != NOTIFY_AT_ONCE || notify_is_quiet(p, z, now));
    if (passes) return now;
    if (way == NOTIFY_CONSOLE) return (instant){ 0 };
    instant at = planned(p, z, way, now);
    return notify_is_quiet(p, z, at) ? next_minute(at, z, p->quiet_until) : at;
}
