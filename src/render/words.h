/* words.h - times, names of days and identifiers as people read them in their language: European
 * digits, month names, and what is always left to right kept so inside Urdu. Pure; any thread. */
#pragma once
#include "base/text.h"
#include "base/time.h"

/* "24 November 2026, 15:14" in the zone. */
str moment_text(arena *a, lang l, instant t, const zone *z);
/* "24 November 2026" in the zone. */
str day_text(arena *a, lang l, instant t, const zone *z);
/* An address, number or name that reads left to right, isolated (U+2066 ... U+2069) where the text
 * around it does not. */
str ltr_text(arena *a, lang l, str s);
/* Number as digits. */
str count_text(arena *a, int64_t n);
