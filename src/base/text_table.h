/* text_table.h - the generated catalogue: rows in order of key (tools/gen/texts.py).
 * Included by text.c and the generated table only. */
#pragma once
#include "base/text.h"

typedef struct {
    const char *key;
    str words[LANGS];
} text_row;
extern const text_row text_rows[];
extern const size_t text_rows_n;
