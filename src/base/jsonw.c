/* jsonw.c - JSON out: a writer that cannot produce invalid JSON; misuse stops the process.
 * Owns nothing: the text is the arena's. Any layer, the thread that holds the arena. */
#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

jsonw jsonw_new(arena *a, size_t cap)
{
    return (jsonw){ .b = buf_new(a, cap) };
}

/* Before any value: a comma where one is due; inside an object only after its key. */
static void begin_value(jsonw *w)
{
    if (w->depth == 0)
        ASSERT(w->b.n == 0);
    else if (w->in_object[w->depth])
        ASSERT(w->after_key);
    else if (w->need_comma[w->depth])
        buf_byte(&w->b, ',');
    w->need_comma[w->depth] = true;
    w->after_key = false;
}

static void open_level(jsonw *w, bool object)
{
    begin_value(w);
    ASSERT(w->depth + 1u < ARRAY_LEN(w->in_object));
    buf_byte(&w->b, object ? '{' : '[');
    w->depth++;
    w->in_object[w->depth] = object;
    w->need_comma[w->depth] = false;
}

static void close_level(jsonw *w, bool object)
{
    ASSERT(w->depth > 0 && w->in_object[w->depth] == object && !w->after_key);
    buf_byte(&w->b, object ? '}' : ']');
    w->depth--;
}

void jw_obj(jsonw *w)
{
    open_level(w, true);
}
void jw_end_obj(jsonw *w)
{
    close_level(w, true);
}
void jw_arr(jsonw *w)
{
    open_level(w, false);
}
void jw_end_arr(jsonw *w)
{
    close_level(w, false);
}

static void put_escape(buf *b, unsigned char c)
{
    switch (c) {
    case '"':
        buf_put(b, S("\\\""));
        break;
    case '\\':
        buf_put(b, S("\\\\"));
        break;
    case '\n':
        buf_put(b, S("\\n"));
        break;
    case '\r':
        buf_put(b, S("\\r"));
        break;
    case '\t':
        buf_put(b, S("\\t"));
        break;
    default:
        buf_fmt(b, "\\u%04x", c);
        break;
    }
}

/* How far s may be copied as it is. */
static size_t plain_run(str s, size_t i)
{
    size_t from = i;
    while (i < s.n) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 32 || c == '"' || c == '\\') break;
        size_t len = c < 0x80 ? 1 : utf8_len(s.p + i, s.n - i);
        if (len == 0) break;
        i += len;
    }
    return i - from;
}

static void put_quoted(buf *b, str s)
{
    buf_byte(b, '"');
    for (size_t i = 0; i < s.n;) {
        size_t run = plain_run(s, i);
        buf_put(b, str_sub(s, i, run));
        i += run;
        if (i == s.n) break;
        unsigned char c = (unsigned char)s.p[i++];
        if (c == 0 || c >= 0x80)
            buf_put(b, S("\xEF\xBF\xBD")); /* U+FFFD */
        else
            put_escape(b, c);
    }
    buf_byte(b, '"');
}

void jw_key(jsonw *w, str k)
{
    ASSERT(w->depth > 0 && w->in_object[w->depth] && !w->after_key);
    if (w->need_comma[w->depth]) buf_byte(&w->b, ',');
    put_quoted(&w->b, k);
    buf_byte(&w->b, ':');
    w->after_key = true;
}

void jw_str(jsonw *w, str s)
{
    begin_value(w);
    put_quoted(&w->b, s);
}

void jw_i64(jsonw *w, int64_t v)
{
    begin_value(w);
    buf_i64(&w->b, v);
}

/* The shortest of 15 to 17 digits that reads back as the same number. */
void jw_f64(jsonw *w, double v)
{
    char text[32];
    begin_value(w);
    if (!isfinite(v)) {
        buf_put(&w->b, S("null"));
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v) break;
    }
    buf_put(&w->b, str_of(text));
}

void jw_bool(jsonw *w, bool v)
{
    begin_value(w);
    buf_put(&w->b, v ? S("true") : S("false"));
}

void jw_null(jsonw *w)
{
    begin_value(w);
    buf_put(&w->b, S("null"));
}

void jw_id(jsonw *w, id128 id)
{
    char text[36];
    id_put(text, id);
    jw_str(w, (str){ text, sizeof text });
}

void jw_time(jsonw *w, instant t)
{
    if (t.us == 0)
        jw_null(w);
    else
        jw_str(w, instant_text(w->b.a, t));
}

void jw_raw(jsonw *w, str value)
{
    begin_value(w);
    buf_put(&w->b, value.n ? value : S("null"));
}

void jw_members(jsonw *w, str object)
{
    str inner = str_trim(object);
    ASSERT(w->depth && w->in_object[w->depth] && !w->after_key && inner.n >= 2 &&
            inner.p[0] == '{');
    inner = str_trim(str_sub(inner, 1, inner.n - 2));
    if (inner.n == 0) return;
    if (w->need_comma[w->depth]) buf_byte(&w->b, ',');
    buf_put(&w->b, inner);
    w->need_comma[w->depth] = true;
}

str jsonw_done(jsonw *w)
{
    ASSERT(w->depth == 0 && w->b.n > 0 && !w->after_key);
    return buf_str(&w->b);
}
