/* civil.h - the proleptic Gregorian calendar in whole numbers, without any zone. For who counts in
 * days; a moment in a zone is base/time.h's. Any thread. */
#pragma once
#include "base/base.h"

int64_t floor_div(int64_t a, int64_t b);              /* rounds down, also below zero */
int64_t days_of_civil(int64_t year, int month, int day); /* days since 1970-01-01 */
void civil_of_days(int64_t days, int *year, int *month, int *day);
int weekday_of_days(int64_t days);                    /* 0 = Monday */
bool is_leap(int64_t year);
int days_in_month(int64_t year, int month);
