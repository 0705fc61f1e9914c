/* when.h - times as feeds write them. Pure; any thread. */
#pragma once
#include "base/base.h"

/* ISO 8601 and RFC 3339 with space or T, with or without zone (then UTC), a date alone, a trailing
 * "UTC" or "GMT", RFC 9110's three HTTP dates. False: not a time, or a day that does not exist. */
MUST_USE bool when_parse(str s, instant *ret);
/* "2026-11-24T11:24:25+00:00", as IntelMQ writes it; with microseconds when there are any. */
str when_idf(arena *a, instant t);
