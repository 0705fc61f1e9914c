/* advice.h - what to say about a kind of finding, and the one thing to do about it: rows of
 * data/advice.json, words in the catalogue. Constant; any thread. */
#pragma once
#include "base/text.h"

typedef struct advice {
    const char *name;
    const char *class_key; /* what a mail may say of a notice that is not for everyone */
    const char *what_key;  /* one sentence without a full stop: what was found */
    const char *fix_key;   /* one or two sentences: what to do */
    const char *const *words, *const *types; /* each ended by NULL */
} advice;
extern const advice advice_rows[];
extern const size_t advice_rows_n;

/* The row for a classification; never NULL. */
const advice *advice_for(str type, str identifier);
