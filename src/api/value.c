/* value.c - checks one value by its table row: length, range, words, format.
 * Owns nothing; any thread. Called by decode.c and query.c. */
#include "api/value.h"
#include <stdio.h>

err value_wrong(const char *key, str pointer, str a1, str a2)
{
    return err_at_pointer(err_make(E_INVALID, key, a1, a2, (str){ 0 }), pointer);
}

static size_t characters(str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] & 0xc0) != 0x80) n++;
    return n;
}

static err wrong_number(const char *key, str pointer, int64_t limit)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%lld", (long long)limit);
    return value_wrong(key, pointer, (str){ text, (size_t)n }, (str){ 0 });
}

/* One @ with something before it and a dotted name without spaces after it: the mail server decides
 * the rest. */
static bool looks_like_mail(str s)
{
    ptrdiff_t at = str_find_byte(s, '@');
    if (at < 1) return false;
    str host = str_sub(s, (size_t)at + 1, s.n);
    if (host.n < 3 || str_find_byte(host, '@') >= 0 || str_find_byte(host, '.') < 1) return false;
    if (host.p[host.n - 1] == '.' || str_find(host, S("..")) >= 0) return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || strchr("<>()[]\\,;:\"", s.p[i])) return false;
    return true;
}

static bool among(const schema_field *f, str text)
{
    for (size_t i = 0; i < f->n_words; i++)
        if (str_eq(f->words[i], text)) return true;
    return f->n_words == 0;
}

/* A name with a line break in it would end a header, a log line or a row somewhere. */
static bool has_control(str s, bool lines)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool breaks = c == '\t' || c == '\n' || c == '\r';
        if ((c < 0x20 && !(lines && breaks)) || c == 0x7f) return true;
    }
    return false;
}

static err check_text(const schema_field *f, str text, str pointer)
{
    if (has_control(text, f->lines))
        return value_wrong(f->lines ? "error.api.control" : "error.api.one_line", pointer,
                (str){ 0 }, (str){ 0 });
    if (!among(f, text)) return value_wrong("error.api.not_a_choice", pointer, text, f->words[0]);
    if (text.n < (size_t)f->min) return wrong_number("error.api.too_short", pointer, f->min);
    if (text.n > (size_t)f->max && characters(text) > (size_t)f->max)
        return wrong_number("error.api.too_long", pointer, f->max);
    return OK;
}

err value_text(const schema_field *f, str text, str pointer, void *at)
{
    switch (f->kind) {
    case VALUE_ID:
        if (!id_parse(text, at))
            return value_wrong("error.api.not_an_id", pointer, text, (str){ 0 });
        return OK;
    case VALUE_TIME:
        if (!instant_parse(text, at))
            return value_wrong("error.api.not_a_time", pointer, text, (str){ 0 });
        return OK;
    case VALUE_EMAIL:
        if (!looks_like_mail(text))
            return value_wrong("error.api.not_mail", pointer, text, (str){ 0 });
        break;
    default:
        break;
    }
    TRY(check_text(f, text, pointer));
    *(str *)at = text;
    return OK;
}

err value_i64(const schema_field *f, int64_t v, str pointer, int64_t *at)
{
    if (v < f->min) return wrong_number("error.api.too_small", pointer, f->min);
    if (v > f->max) return wrong_number("error.api.too_big", pointer, f->max);
    *at = v;
    return OK;
}

static err written_bool(str text, str pointer, bool *at)
{
    bool yes = str_eq(text, S("true")) || str_eq(text, S("1"));
    if (!yes && !str_eq(text, S("false")) && !str_eq(text, S("0")))
        return value_wrong("error.api.not_truth", pointer, text, (str){ 0 });
    *at = yes;
    return OK;
}

err value_written(const schema_field *f, str text, str pointer, void *at)
{
    int64_t i;
    switch (f->kind) {
    case VALUE_BOOL:
        return written_bool(text, pointer, at);
    case VALUE_I64:
        if (!str_to_i64(text, &i))
            return value_wrong("error.api.not_whole", pointer, text, (str){ 0 });
        return value_i64(f, i, pointer, at);
    case VALUE_F64:
        if (!str_to_f64(text, at))
            return value_wrong("error.api.not_number", pointer, text, (str){ 0 });
        return OK;
    case VALUE_TEXTS:
    case VALUE_JSON:
    case VALUE_OBJECT:
        return value_wrong("error.api.not_in_query", pointer, (str){ 0 }, (str){ 0 });
    default:
        return value_text(f, text, pointer, at);
    }
}
