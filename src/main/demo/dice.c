/* dice.c - see dice.h. SplitMix64 as its author published it (Vigna 2015). */
#include "main/demo/dice.h"
#include "base/base.h"

uint64_t dice_next(dice *d)
{
    uint64_t z = (d->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

dice dice_new(uint64_t seed, uint64_t kind, uint64_t index)
{
    dice d = { seed ^ (kind * UINT64_C(0xd1342543de82ef95)) ^
               (index * UINT64_C(0xaf251af3b0f025b5)) };
    dice_next(&d);
    return d;
}

int64_t dice_below(dice *d, int64_t n)
{
    ASSERT(n > 0);
    return (int64_t)(dice_next(d) % (uint64_t)n);
}

int64_t dice_life(dice *d, int64_t mean)
{
    int64_t days = 1;
    while (days < mean * 8 && dice_below(d, mean) != 0)
        days++;
    return days;
}
