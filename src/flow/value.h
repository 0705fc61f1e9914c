/* value.h - the checks and the normal form of each key's type (IntelMQ Data Format), and setting a
 * key in a batch's row. Used by plan.c, jsonl.c, enrich.c on the thread that owns the batch. */
#pragma once
#include "flow/event.h"

typedef enum {
    VALUE_NONE,
    VALUE_TEXT,
    VALUE_INT,
    VALUE_NUMBER,
    VALUE_BOOL,
    VALUE_WRONG
} value_kind;
/* TEXT, NUMBER (a JSON number's spelling): text. INT: i, and text when it is at hand. BOOL: i. */
typedef struct {
    str text;
    int64_t i;
    uint8_t kind;
} flow_value;

typedef enum { SET_OK, SET_IGNORED, SET_INVALID } set_result;

/* Sets key in row after its type's checks. Empty, "-" and "N/A" are ignored. name is written when
 * the key has no column. Nothing changes when the result is not SET_OK. */
set_result flow_set(
        flow_batch *b, size_t row, flow_key key, const flow_name *name, const flow_value *v);
/* A value under a name without type (extra.*). */
void flow_set_extra(flow_batch *b, const flow_name *name, const flow_value *v);

flow_key flow_key_find(str name);    /* FLOW_NO_KEY when it is not one */
uint8_t flow_class_find(str name);   /* old names too; 0 when it is not one */
flow_key flow_key_guess(str column); /* by data/columns.json */

/* Whole number as Python's int() reads it: blanks around, sign, single _ between digits. *big: it
 * has more than 18 digits; then *ret is not set, and *text is its plain spelling. */
MUST_USE bool value_int(arena *a, str s, int64_t *ret, str *text, bool *big);
/* A JSON number's spelling for what Python's float() reads; infinities and NaN are not numbers
 * here. */
MUST_USE bool value_float(arena *a, str s, str *text);
/* IntelMQ's IPAddress: one address, also as /32 or /128 and with a zone; not 0.0.0.0. */
MUST_USE bool value_ip(str s, addr *ret);
