/* counts.h - how many answers left and how long they took: figures for whoever runs the machine,
 * without a word of what was asked or by whom. Any layer from api upwards; any thread. */
#pragma once
#include "base/base.h"

enum { COUNT_CLASSES = 6, COUNT_BOUNDS = 9 };
extern const int64_t count_bounds_us[COUNT_BOUNDS];
typedef struct {
    int64_t answers[COUNT_CLASSES]; /* by the status' first digit; 0: none */
    int64_t within[COUNT_BOUNDS]; /* answers that took at most that bound and more than the last */
    int64_t all, took_us;
} count_figures;

void count_answer(int status, int64_t took_us);
count_figures count_now(void);
