/* log_pairs.h - the pairs of one log line: keys out of its literal, values out of its arguments,
 * and how they are written. Included by log.c and its test alone. Owns nothing; no allocation. */
#pragma once
#include "base/base.h"
#include <stdarg.h>

enum { LOG_PAIRS = 24, LOG_VALUE_BYTES = 512, LOG_TEXT_BYTES = 4096 };
typedef struct {
    str key, value;
    bool number; /* written without quotes in JSON */
    bool quoted; /* the literal had quotes */
} log_pair;
typedef struct {
    log_pair pairs[LOG_PAIRS];
    size_t n, used;
    char text[LOG_TEXT_BYTES]; /* the values */
} log_pairs;

void log_pairs_take(log_pairs *p, const char *fmt, va_list ap);
void log_pairs_add(log_pairs *p, str key, str value);

/* A line being written; what has no room whole is left out, and the line says so at its end. */
typedef struct {
    char *p;
    size_t n, cap;
    bool cut;
} log_out;
void log_out_text(log_out *o, str s); /* as it is */
void log_out_logfmt(log_out *o, const log_pairs *p);
void log_out_json(log_out *o, const log_pairs *p); /* members, without braces */
