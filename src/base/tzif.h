/* tzif.h - zone data: a TZif file (RFC 8536, version 2 and later; version 1 too) and its rule for
 * later dates. Included by zone.c, and by the fuzz target. Pure; any thread. */
#pragma once
#include "base/base.h"

typedef struct {
    int32_t offset_s; /* east of UTC */
    bool dst;
} tzif_type;

/* One change a year of a POSIX TZ rule: the Julian forms, or week and weekday of a month. */
typedef struct {
    enum { TZ_JULIAN_1, TZ_JULIAN_0, TZ_MONTH_WEEK_DAY } form;
    int month, week, day; /* day: of the year, or 0 = Sunday */
    int32_t time_s;       /* local time of the change, from -167 to 167 hours */
} tzif_change;

typedef struct {
    size_t n_changes;
    const int64_t *at_s; /* ascending, seconds since 1970 */
    const uint8_t *type; /* of the time from at_s on */
    size_t n_types;
    const tzif_type *types;
    bool has_rule; /* what holds after the last change; without it the last type stays */
    tzif_type standard, summer;
    bool has_summer;
    tzif_change to_summer, to_standard;
} tzif;

enum { TZIF_MAX_BYTES = 128 * 1024, TZIF_MAX_CHANGES = 4000 };

/* Reads a file's bytes; what it gives lives in a. False when they are damaged or carry leap
 * seconds. */
MUST_USE bool tzif_parse(arena *a, str bytes, tzif *ret);
/* The rule alone: "PKT-5", "CET-1CEST,M3.5.0,M10.5.0/3" (RFC 8536 section 3.3). */
MUST_USE bool tzif_rule_parse(str text, tzif *ret);
/* The type in force at an instant. */
tzif_type tzif_at(const tzif *z, int64_t utc_s);
