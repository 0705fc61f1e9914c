/* time.h - clocks and civil time. Any layer; a clock may be read on any thread, and set by hand on
 * one thread while others read. Zones come from the system's zone data through ICU-free code that
 * reads /usr/share/zoneinfo. */
#pragma once
#include "base/base.h"

/* A clock is the system's plus an offset, or frozen at a value: a realm that is not live has one of
 * its own (design: realm), and every test injects one. */
struct clock {
    _Atomic int64_t offset_us; /* added to the system's time */
    _Atomic int64_t frozen_us; /* when not 0: this, whatever the system says */
};
extern const clock_src clock_system;
void clock_set_offset(clock_src *c, int64_t offset_us);
void clock_freeze(clock_src *c, instant t); /* {0} thaws */

int64_t monotonic_us(void); /* for durations and deadlines of this process */

/* A calendar date and clock time in some zone. month 1-12, day 1-31, weekday 0 = Monday. */
typedef struct {
    int year, month, day, hour, minute, second, us, weekday;
    int offset_s; /* east of UTC */
} civil;
typedef struct zone zone; /* opaque; loaded once, never freed */
/* Finds an IANA zone ("Asia/Karachi", "UTC", or a fixed "+05:00"). Errors: E_CONFIG. */
MUST_USE err zone_find(str name, const zone **ret);
civil civil_of(instant t, const zone *z);
/* offset_s and weekday of c are ignored; fields beyond their range roll over (month 13, day 0). Of
 * a time that comes twice the first is meant, one that the clocks skip falls behind the gap. */
instant civil_instant(const civil *c, const zone *z);

/* Working time: which weekdays are off (bit 0 = Monday), from and to in minutes of the day. */
typedef struct {
    uint8_t weekend_bits;
    int from_min, to_min;
    const int32_t *holidays; /* days since 1970-01-01 in local time, ascending */
    size_t n_holidays;
} work_hours;
/* The instant at which `working_us` of working time have passed since t: the end of a working day
 * rather than the next morning; INSTANT_MAX when the office never opens long enough. */
instant work_add(instant t, int64_t working_us, const work_hours *w, const zone *z);
bool work_is_open(instant t, const work_hours *w, const zone *z);
