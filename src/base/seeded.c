/* seeded.c - which faults are on. Only in a build with the option `faults`. Any thread. */
#include "base/seeded.h"

_Atomic bool seeded_on[SEEDED_FAULTS];

int64_t seeded_clauses(void)
{
    int64_t bits = 0;
    for (int i = 0; i < SEEDED_CLAUSES; i++)
        if (seeded_on[i]) bits |= INT64_C(1) << i;
    return bits;
}
