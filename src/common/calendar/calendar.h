/* calendar.h - when offices are open: the site's weekend (settings), nine to five, and the holidays
 * that the national desk keeps: of the whole country, of one sector, of one province. Owns table
 * holiday. Called by desks; the thread is the transaction's. */
#pragma once
#include "base/conf.h"
#include "base/time.h"
#include "store/query.h"

enum { OFFICE_FROM_MIN = 9 * 60, OFFICE_TO_MIN = 17 * 60 };

typedef struct {
    const zone *zone;
    work_hours hours;
} calendar;
/* Without holidays; constant, any thread. E_CONFIG. */
MUST_USE err calendar_load(const conf *c, calendar *ret);

/* Whose office: empty where it is not known, and then only what holds for everybody counts. */
typedef struct {
    str sector, province;
} calendar_whom;
/* base with the holidays that such an office has on `from` and later; they live in a. */
MUST_USE err calendar_of(txn *t, const calendar *base, const calendar_whom *whom, instant from,
        arena *a, calendar *ret);

/* The end of the n-th working day after the day of t, which does not count itself (as in Regulation
 * (EEC, Euratom) 1182/71, article 3). E_INVALID where the office never opens. */
MUST_USE err calendar_days_after(const calendar *c, instant t, int n, instant *ret);

/* "2026-08-14" and back, as days since 1970-01-01. E_INVALID (error.calendar.day). */
MUST_USE err calendar_day_parse(str text, int64_t *ret);
str calendar_day_text(arena *a, int64_t day);
int64_t calendar_day_of(const calendar *c, instant t);
bool calendar_is_weekend(const calendar *c, int64_t day);
