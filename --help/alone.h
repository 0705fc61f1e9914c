/* alone.h - made from data/alone.json: words of the command line that are no call, and the completions
 * that all of it gives. Constant. */
#pragma once
#include "base/base.h"

typedef struct {
    const char *name, *key; /* key: of its words */
} alone_row;
extern const alone_row alone_rows[];
extern const size_t alone_rows_n;
typedef struct {
    const char *shell, *script;
} completion_row;
extern const completion_row completion_rows[3];
