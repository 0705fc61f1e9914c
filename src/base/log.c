/* log.c - the program's log: one line a fact on stderr, logfmt, UTC.
 * Owns the level and the process name, set at start; a line is one write(2), so that lines of
 * several threads and processes do not mix. Any layer, any thread. */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/time.h"

enum { LINE_BYTES = 2048 };

static _Atomic int level = LOG_INFO;
static char process[24] = "minar";

void log_set_level(log_level l)
{
    atomic_store(&level, (int)l);
}

void log_set_process(const char *name)
{
    snprintf(process, sizeof process, "%s", name);
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

static size_t put_head(char *out, size_t cap, log_level l, const char *what)
{
    int year, month, day;
    instant t = clock_now(&clock_system);
    int64_t days = floor_div(t.us, US_PER_DAY), ms = (t.us - days * US_PER_DAY) / US_PER_MS;
    civil_of_days(days, &year, &month, &day);
    int n = snprintf(out, cap, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ level=%s process=%s what=%s ",
            year, month, day, (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60),
            (int)(ms % 1000), level_name(l), process, what);
    return n < 0 ? 0 : (size_t)n < cap ? (size_t)n : cap - 1;
}

/* Control characters would let a value forge a line or steer a terminal: they become \xNN. */
static size_t put_escaped(char *out, size_t cap, const char *in)
{
    size_t n = 0;
    for (; *in; in++) {
        unsigned char c = (unsigned char)*in;
        bool control = c < 32 || c == 127;
        if (n + (control ? 4 : 1) > cap) break;
        if (!control) {
            out[n++] = *in;
            continue;
        }
        out[n++] = '\\';
        out[n++] = 'x';
        out[n++] = "0123456789abcdef"[c >> 4];
        out[n++] = "0123456789abcdef"[c & 15];
    }
    return n;
}

void log_line(log_level l, const char *what, const char *fmt, ...)
{
    if ((int)l > atomic_load_explicit(&level, memory_order_relaxed)) return;
    char text[LINE_BYTES], line[LINE_BYTES];
    va_list ap;
    va_start(ap, fmt);
    int wanted = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (wanted < 0) text[0] = 0;
    size_t n = put_head(line, sizeof line - 1, l, what);
    n += put_escaped(line + n, sizeof line - 1 - n, text);
    line[n++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, n);
    (void)ignored; /* nobody left to tell */
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
