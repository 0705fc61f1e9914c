/* log.h - the program's log: one line a fact on stderr, logfmt, UTC. Any layer, any thread; never
 * blocks on a reader for longer than a write(2). No secrets, no personal text. */
#pragma once
#include "base/base.h"

typedef enum { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG } log_level;
void log_set_level(log_level l);
void log_set_process(const char *name); /* "server", "courier"; shown in every line */
/* what: a short constant name ("feed.import"); then printf-style logfmt pairs. Control characters
 * in the result are escaped. */
void log_line(log_level l, const char *what, const char *fmt, ...) PRINTF_LIKE(3, 4);
void log_err(const char *what, err e); /* a fault with its code, key and place */
#define log_info(what, ...) log_line(LOG_INFO, (what), __VA_ARGS__)
#define log_warn(what, ...) log_line(LOG_WARN, (what), __VA_ARGS__)
