/* log.c - the program's log: one line a fact on stderr, UTC, and beside it to a syslog.
 * Owns level, form, process name and the syslog's socket, set at start; a line is one write(2), so
 * that lines of several threads and processes do not mix. Any layer, any thread. */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/log_pairs.h"
#include "base/time.h"

/* syslog_bytes: what every receiver of RFC 5424 ought to take in one datagram. */
enum {
    LINE_BYTES = 4096,
    SYSLOG_BYTES = 2048,
    TIME_BYTES = 32,
    FACILITY_DAEMON = 3,
    ID_BYTES = 64
};

static _Atomic int level = LOG_INFO;
static log_form form = LOG_LOGFMT;
static char process[24] = "minar", host[256] = "-";
static int syslog_fd = -1;
static _Thread_local char request[ID_BYTES + 1];

void log_set_level(log_level l)
{
    atomic_store(&level, (int)l);
}

void log_set_form(log_form f)
{
    form = f;
}

void log_set_process(const char *name)
{
    snprintf(process, sizeof process, "%s", name);
}

void log_set_syslog(int fd, const char *name)
{
    snprintf(host, sizeof host, "%s", name && name[0] ? name : "-");
    syslog_fd = fd;
}

void log_set_request(str id)
{
    size_t n = id.n < ID_BYTES ? id.n : ID_BYTES;
    if (n) memcpy(request, id.p, n);
    request[n] = 0;
}

static const char *level_name(log_level l)
{
    switch (l) {
    case LOG_ERROR:
        return "error";
    case LOG_WARN:
        return "warn";
    case LOG_INFO:
        return "info";
    case LOG_DEBUG:
        return "debug";
    }
    return "unknown";
}

static str time_text(char out[TIME_BYTES])
{
    int year, month, day;
    instant t = clock_now(&clock_system);
    int64_t days = floor_div(t.us, US_PER_DAY), ms = (t.us - days * US_PER_DAY) / US_PER_MS;
    civil_of_days(days, &year, &month, &day);
    int n = snprintf(out, TIME_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month, day,
            (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
    return (str){ out, n < 0 ? 0 : n < TIME_BYTES ? (size_t)n : TIME_BYTES - 1 };
}

/* Lost when nobody is left to tell: a log must not stop what it tells of. */
static void leave(int fd, const char *p, size_t n)
{
    ssize_t ignored = write(fd, p, n);
    (void)ignored;
}

static void put_line(str at, const log_pairs *p)
{
    char line[LINE_BYTES];
    log_out o = { .p = line, .cap = sizeof line - 2 };
    bool is_json = form == LOG_JSON;
    log_out_text(&o, is_json ? S("{\"time\":\"") : S(""));
    log_out_text(&o, at);
    log_out_text(&o, is_json ? S("\",") : S(" "));
    if (is_json)
        log_out_json(&o, p);
    else
        log_out_logfmt(&o, p);
    if (is_json) line[o.n++] = '}';
    line[o.n++] = '\n';
    leave(STDERR_FILENO, line, o.n);
}

/* RFC 5424, 6: PRI VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG. The pairs
 * are the message: an own structured-data element would need a registered enterprise number. */
static void put_syslog(log_level l, str at, const char *what, const log_pairs *p)
{
    static const int severity[] = { 3, 4, 6, 7 };
    char line[SYSLOG_BYTES];
    int n = snprintf(line, 600, "<%d>1 %.*s %.255s minar %d %.32s - ",
            FACILITY_DAEMON * 8 + severity[l], STR_ARG(at), host, (int)getpid(), what);
    if (n < 0) return;
    log_out o = { .p = line, .n = (size_t)n, .cap = sizeof line };
    if (form == LOG_JSON) log_out_text(&o, S("{"));
    o.cap -= form == LOG_JSON;
    if (form == LOG_JSON)
        log_out_json(&o, p);
    else
        log_out_logfmt(&o, p);
    if (form == LOG_JSON) line[o.n++] = '}';
    leave(syslog_fd, line, o.n);
}

void log_line(log_level l, const char *what, const char *fmt, ...)
{
    if ((int)l > atomic_load_explicit(&level, memory_order_relaxed)) return;
    char at[TIME_BYTES];
    log_pairs p;
    p.n = p.used = 0;
    str now = time_text(at);
    log_pairs_add(&p, S("level"), str_of(level_name(l)));
    log_pairs_add(&p, S("process"), str_of(process));
    log_pairs_add(&p, S("what"), str_of(what));
    if (request[0]) log_pairs_add(&p, S("request"), str_of(request));
    va_list ap;
    va_start(ap, fmt);
    log_pairs_take(&p, fmt, ap);
    va_end(ap);
    put_line(now, &p);
    if (syslog_fd >= 0) put_syslog(l, now, what, &p);
}

void log_err(const char *what, err e)
{
    const fault *f = e.f;
    if (!f) return;
    log_line(LOG_ERROR, what,
            "code=%s key=%s file=\"%.*s\" pointer=\"%.*s\" row=%lld col=%lld "
            "a1=\"%.*s\" a2=\"%.*s\" a3=\"%.*s\"",
            err_code_name(f->code), f->key, STR_ARG(f->file), STR_ARG(f->pointer),
            (long long)f->row, (long long)f->col, STR_ARG(f->args[0]), STR_ARG(f->args[1]),
            STR_ARG(f->args[2]));
}
