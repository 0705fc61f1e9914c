/* notice_rules.c - by when an answer is expected, from the site's settings. Pure but for loading.
 */
#include "common/findings/findings.h"
#include "desk/watch/notice.h"

enum { DAY_FROM_MIN = 9 * 60, DAY_TO_MIN = 17 * 60 };

err notice_rules_load(const conf *c, notice_rules *ret)
{
    notice_rules r = { .hold_us = conf_int(c, "outbox.hold_s") * US_PER_S,
        .hours = { .weekend_bits = (uint8_t)conf_int(c, "site.weekend"),
                .from_min = DAY_FROM_MIN,
                .to_min = DAY_TO_MIN } };
    TRY(zone_find(conf_str(c, "site.time_zone"), &r.zone));
    *ret = r;
    return OK;
}

instant notice_due(const notice_rules *r, instant now, int64_t severity)
{
    int64_t hour_us = 3600 * US_PER_S, day_us = (DAY_TO_MIN - DAY_FROM_MIN) * 60 * US_PER_S;
    if (severity >= SEVERITY_CRITICAL) return (instant){ now.us + 24 * hour_us };
    if (severity == SEVERITY_HIGH) return (instant){ now.us + 72 * hour_us };
    instant due =
            work_add(now, (severity == SEVERITY_MEDIUM ? 7 : 30) * day_us, &r->hours, r->zone);
    /* An office that never opens (seven days of weekend) still gets a date. */
    return due.us < INT64_MAX ? due : (instant){ now.us + 30 * US_PER_DAY };
}
