/* log.h - the program's log: one line a fact on stderr, logfmt or JSON, UTC; where it is configured
 * also to a syslog as RFC 5424 says. Any layer, any thread; never blocks on a reader for longer
 * than a write(2). No secrets, no personal text. */
#pragma once
#include "base/base.h"

typedef enum { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG } log_level;
typedef enum { LOG_LOGFMT, LOG_JSON } log_form;
/* Set before the first thread. */
void log_set_level(log_level l);
void log_set_form(log_form f);
void log_set_process(const char *name); /* "server", "courier"; shown in every line */
/* Every line also as one RFC 5424 message to fd, a connected datagram socket, kept from here on;
 * host: this machine's name. What a full or absent reader does not take is lost there and stands on
 * stderr all the same. */
void log_set_syslog(int fd, const char *host);
/* The request that this thread works on from now on, shown in every line of it; empty: none. */
void log_set_request(str id);
/* what: a short constant name ("feed.import"); then printf-style logfmt pairs: key=%d, key=%s or
 * key=\"%.*s\", and of conversions d u x lld zu s alone. Keys come from fmt, which is a literal;
 * values are escaped, so that none looks like a pair, a line or a command to a terminal. */
void log_line(log_level l, const char *what, const char *fmt, ...) PRINTF_LIKE(3, 4);
void log_err(const char *what, err e); /* a fault with its code, key and place */
#define log_info(what, ...) log_line(LOG_INFO, (what), __VA_ARGS__)
#define log_warn(what, ...) log_line(LOG_WARN, (what), __VA_ARGS__)
