/* rate.h - how often somebody may ask: a bucket per rate class and viewer or address. Memory is
 * fixed; when it is full the bucket used longest ago gives way. Any thread. Included by src/api and
 * tests. */
#pragma once
#include "api/route.h"

typedef struct rates rates;
rates *rates_new(void);
void rates_free(rates *r);
/* Takes one from the bucket of (row, who) at time now_us (monotonic). Returns 0, or after how many
 * seconds it may be asked again (at least 1). */
int64_t rate_take(rates *r, const rate_row *row, size_t index, str who, int64_t now_us);
