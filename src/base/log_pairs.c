/* log_pairs.c - see log_pairs.h. Any thread. */
#include "base/log_pairs.h"

#include <stdio.h>

enum { SPEC_BYTES = 16, NUMBER_BYTES = 32, CUT_BYTES = 16 };

/* ---- values ---- */

static void put_value(log_pairs *p, str s)
{
    size_t from = p->n ? (size_t)(p->pairs[p->n - 1].value.p - p->text) : 0;
    size_t room = LOG_VALUE_BYTES - (p->used - from), left = sizeof p->text - p->used;
    if (s.n > room) s.n = room;
    if (s.n > left) s.n = left;
    if (s.n) memcpy(p->text + p->used, s.p, s.n);
    p->used += s.n;
    p->pairs[p->n - 1].value.n += s.n;
}

static log_pair *open_pair(log_pairs *p, str key)
{
    if (p->n == LOG_PAIRS) return NULL;
    log_pair *x = &p->pairs[p->n++];
    *x = (log_pair){ .key = key, .value = { p->text + p->used, 0 } };
    return x;
}

void log_pairs_add(log_pairs *p, str key, str value)
{
    if (open_pair(p, key)) put_value(p, value);
}

/* In a struct, so that whoever takes an argument takes it for all. */
typedef struct {
    va_list ap;
} arguments;

/* One number by its conversion, a copy of which stands in spec. */
static str number_text(const char *spec, size_t n, arguments *a, char out[NUMBER_BYTES])
{
    char kind = spec[n - 1];
    bool ll = n > 3 && spec[n - 2] == 'l' && spec[n - 3] == 'l', z = n > 2 && spec[n - 2] == 'z';
    long long v = ll            ? va_arg(a->ap, long long)
                  : z           ? (long long)va_arg(a->ap, size_t)
                  : kind == 'd' ? va_arg(a->ap, int)
                                : (long long)va_arg(a->ap, unsigned);
    int w = snprintf(out, NUMBER_BYTES, kind == 'x' ? "%llx" : "%lld", v);
    return (str){ out, w > 0 ? (size_t)w : 0 };
}

/* "%.*s" and "%.36s" take so many bytes at most. */
static str text_arg(const char *spec, arguments *a)
{
    int64_t most = INT64_MAX;
    const char *dot = strchr(spec, '.');
    if (dot && dot[1] == '*')
        most = va_arg(a->ap, int);
    else if (dot)
        ASSERT(str_to_i64((str){ dot + 1, strlen(dot) - 2 }, &most));
    const char *z = va_arg(a->ap, const char *);
    size_t n = 0;
    while (z && (int64_t)n < most && n < LOG_VALUE_BYTES && z[n])
        n++;
    return (str){ z, n };
}

/* The conversion that fmt begins with; returns what follows it. */
static const char *put_conversion(log_pairs *p, const char *fmt, arguments *a, bool *ret_number)
{
    char spec[SPEC_BYTES], number[NUMBER_BYTES];
    size_t n = 0;
    do
        spec[n++] = *fmt++;
    while (*fmt && n < sizeof spec - 2 && !strchr("dusx", fmt[0]));
    spec[n++] = *fmt;
    spec[n] = 0;
    ASSERT(*fmt && strchr("dusx", *fmt));
    *ret_number = *fmt == 'd' || *fmt == 'u';
    put_value(p, *fmt == 's' ? text_arg(spec, a) : number_text(spec, n, a, number));
    return fmt + 1;
}

/* key=value up to the next space, or key="value" up to its quote; returns what follows it. */
static const char *take_pair(log_pairs *p, const char *fmt, arguments *a)
{
    const char *eq = strchr(fmt, '=');
    log_pair *x = eq ? open_pair(p, (str){ fmt, (size_t)(eq - fmt) }) : NULL;
    ASSERT(x);
    bool quoted = eq[1] == '"', number = false;
    int parts = 0;
    fmt = eq + 1 + quoted;
    while (*fmt && *fmt != (quoted ? '"' : ' ')) {
        if (*fmt == '%') {
            fmt = put_conversion(p, fmt, a, &number);
        } else {
            put_value(p, (str){ fmt++, 1 });
            number = false;
            parts++;
        }
    }
    x->number = number && !parts && !quoted;
    x->quoted = quoted;
    return fmt + (*fmt != 0);
}

void log_pairs_take(log_pairs *p, const char *fmt, va_list ap)
{
    arguments a;
    va_copy(a.ap, ap);
    while (*fmt) {
        while (*fmt == ' ')
            fmt++;
        if (*fmt) fmt = take_pair(p, fmt, &a);
    }
    va_end(a.ap);
}

/* ---- writing ---- */

void log_out_text(log_out *o, str s)
{
    if (s.n > o->cap - o->n) {
        o->cut = true;
        return;
    }
    if (s.n) memcpy(o->p + o->n, s.p, s.n);
    o->n += s.n;
}

static void put_hex(log_out *o, str mark, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    log_out_text(o, mark);
    log_out_text(o, (str){ (char[]){ digits[c >> 4], digits[c & 15] }, 2 });
}

/* What is no UTF-8 is one replacement character a byte, in both forms. */
static void put_escaped(log_out *o, str s, str control)
{
    for (size_t i = 0; i < s.n;) {
        unsigned char c = (unsigned char)s.p[i];
        size_t n = utf8_len(s.p + i, s.n - i);
        if (c < 32 || c == 127)
            put_hex(o, control, c);
        else if (c == '"' || c == '\\')
            log_out_text(o, (str[]){ S("\\\""), S("\\\\") }[c == '\\']);
        else
            log_out_text(o, n ? (str){ s.p + i, n } : S("\xef\xbf\xbd"));
        i += n ? n : 1;
    }
}

static bool wants_quotes(const log_pair *x)
{
    if (x->quoted || !x->value.n) return true;
    for (size_t i = 0; i < x->value.n; i++) {
        unsigned char c = (unsigned char)x->value.p[i];
        if (c <= 32 || c == 127 || c == '"' || c == '=' || c == '\\') return true;
    }
    return false;
}

static void put_logfmt(log_out *o, const log_pair *x)
{
    bool quotes = wants_quotes(x);
    log_out_text(o, x->key);
    log_out_text(o, quotes ? S("=\"") : S("="));
    put_escaped(o, x->value, S("\\x"));
    if (quotes) log_out_text(o, S("\""));
}

static void put_json(log_out *o, const log_pair *x)
{
    log_out_text(o, S("\""));
    log_out_text(o, x->key);
    log_out_text(o, x->number ? S("\":") : S("\":\""));
    put_escaped(o, x->value, S("\\u00"));
    if (!x->number) log_out_text(o, S("\""));
}

/* Pair by pair, each whole or not at all; room is kept to say that one was left out. */
static void put_all(log_out *o, const log_pairs *p, str between, str cut,
        void (*put)(log_out *, const log_pair *))
{
    log_out part = { .p = o->p, .n = o->n, .cap = o->cap - CUT_BYTES };
    bool lost = false;
    for (size_t i = 0; i < p->n; i++) {
        size_t from = part.n;
        if (i) log_out_text(&part, between);
        put(&part, &p->pairs[i]);
        if (!part.cut) continue;
        part.n = from;
        part.cut = false;
        lost = true;
    }
    o->n = part.n;
    if (lost) log_out_text(o, cut);
}

void log_out_logfmt(log_out *o, const log_pairs *p)
{
    put_all(o, p, S(" "), S(" cut=1"), put_logfmt);
}

void log_out_json(log_out *o, const log_pairs *p)
{
    put_all(o, p, S(","), S(",\"cut\":1"), put_json);
}
