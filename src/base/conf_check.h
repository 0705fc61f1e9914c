/* conf_check.h - one configured value against its row of the schema.
 * Included by conf.c only. */
#pragma once
#include "base/conf.h"

/* Checks text v against row r; *num is the value of a number, truth or set of weekdays. a is for
 * words of the error. Errors: E_CONFIG without a place. */
MUST_USE err conf_check(arena *a, const conf_row *r, str v, int64_t *num);
