/* notice_rules.c - by when an answer is expected, from the site's settings. Pure but for loading.
 */
#include "common/findings/findings.h"
#include "desk/watch/notice.h"

err notice_rules_load(const conf *c, notice_rules *ret)
{
    *ret = (notice_rules){ .hold_us = conf_int(c, "outbox.hold_s") * US_PER_S };
    return calendar_load(c, &ret->cal);
}

instant notice_due(const calendar *c, instant now, int64_t severity)
{
    int64_t hour_us = 3600 * US_PER_S, day_us = (OFFICE_TO_MIN - OFFICE_FROM_MIN) * 60 * US_PER_S;
    if (severity >= SEVERITY_CRITICAL) return (instant){ now.us + 24 * hour_us };
    if (severity == SEVERITY_HIGH) return (instant){ now.us + 72 * hour_us };
    instant due =
            work_add(now, (severity == SEVERITY_MEDIUM ? 7 : 30) * day_us, &c->hours, c->zone);
    /* An office that never opens (seven days of weekend) still gets a date. */
    return due.us < INT64_MAX ? due : (instant){ now.us + 30 * US_PER_DAY };
}
