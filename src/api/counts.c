/* counts.c - see counts.h. Owns the process's counters; each is exact, together they are of about
 * the same moment. */
#include "api/counts.h"

#include <stdatomic.h>

const int64_t count_bounds_us[COUNT_BOUNDS] = { 1000, 5000, 10000, 50000, 100000, 200000, 500000,
    1000000, 5000000 };
static _Atomic int64_t answers[COUNT_CLASSES], within[COUNT_BOUNDS], all, sum_us;

static void more(_Atomic int64_t *n, int64_t by)
{
    atomic_fetch_add_explicit(n, by, memory_order_relaxed);
}

void count_answer(int status, int64_t took_us)
{
    int digit = status / 100;
    more(&answers[digit > 0 && digit < COUNT_CLASSES ? digit : 0], 1);
    for (size_t i = 0; i < COUNT_BOUNDS; i++) {
        if (took_us > count_bounds_us[i]) continue;
        more(&within[i], 1);
        break;
    }
    more(&all, 1);
    more(&sum_us, took_us);
}

count_figures count_now(void)
{
    count_figures f = { .all = atomic_load(&all), .took_us = atomic_load(&sum_us) };
    for (size_t i = 0; i < COUNT_CLASSES; i++)
        f.answers[i] = atomic_load(&answers[i]);
    for (size_t i = 0; i < COUNT_BOUNDS; i++)
        f.within[i] = atomic_load(&within[i]);
    return f;
}
