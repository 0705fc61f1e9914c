/* dice.h - the demonstration's chance: a SplitMix64 stream per (seed, kind, index), so that nothing
 * depends on order. Pure; integers only. */
#pragma once
#include <stdint.h>

typedef struct {
    uint64_t state;
} dice;
dice dice_new(uint64_t seed, uint64_t kind, uint64_t index);
uint64_t dice_next(dice *d);
int64_t dice_below(dice *d, int64_t n);   /* 0 .. n-1; n > 0 */
/* About geometric with this mean, at least 1: how many days something lives. */
int64_t dice_life(dice *d, int64_t mean);
