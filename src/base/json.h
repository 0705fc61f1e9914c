/* json.h - JSON in (simdjson behind a C door, one small C++ file) and out. Any layer, any thread.
 * In: whole documents within limits; duplicate keys, U+0000, bad UTF-8, too deep or too large are
 * refused with their place. Raw bytes are kept, so numbers keep their spelling. */
#pragma once
#include "base/base.h"

typedef enum { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_type;
typedef struct json json;
struct json {
    json_type type;
    bool boolean;
    str raw;                  /* the value's own bytes in the input (without surrounding space) */
    str text;                 /* JSON_STRING: unescaped, valid UTF-8 */
    str key;                  /* this value's key when its parent is an object, unescaped */
    const json *first, *next; /* children in order; siblings */
    size_t count;             /* of children */
};

typedef struct {
    size_t max_bytes;   /* 0: 1 MiB */
    uint32_t max_depth; /* 0: 64 */
    size_t max_values;  /* 0: 100,000 */
} json_limits;

/* Parses one document; the tree and its text live in a, raw slices borrow `in` (which must live as
 * long). Errors: E_INVALID, E_TOO_LARGE with pointer, row and col. */
MUST_USE err json_parse(arena *a, str in, const json_limits *limits, const json **ret);

const json *json_get(const json *object, str key);   /* NULL when absent or not an object */
const json *json_at(const json *array, size_t i);    /* NULL when out of range */
bool json_is_null(const json *v);                    /* NULL pointer or JSON null */
MUST_USE bool json_i64(const json *v, int64_t *ret); /* integer in range, no fraction or exponent */
MUST_USE bool json_f64(const json *v, double *ret);
MUST_USE bool json_bool(const json *v, bool *ret);
str json_text(const json *v);                   /* string's text; empty for anything else */
str json_get_text(const json *object, str key); /* json_text(json_get(..)) */

/* ---- out: a writer that cannot produce invalid JSON (it asserts on misuse) ---- */
typedef struct {
    buf b;
    uint8_t depth;
    bool need_comma[64], in_object[64], after_key;
} jsonw;
jsonw jsonw_new(arena *a, size_t cap);
void jw_obj(jsonw *w);
void jw_end_obj(jsonw *w);
void jw_arr(jsonw *w);
void jw_end_arr(jsonw *w);
void jw_key(jsonw *w, str k);
void jw_str(jsonw *w, str s); /* bad UTF-8 is replaced by U+FFFD */
void jw_i64(jsonw *w, int64_t v);
void jw_f64(jsonw *w, double v); /* NaN and infinity become null */
void jw_bool(jsonw *w, bool v);
void jw_null(jsonw *w);
void jw_id(jsonw *w, id128 id);
void jw_time(jsonw *w, instant t); /* RFC 3339 string; {0} becomes null */
void jw_raw(jsonw *w, str value);  /* already valid JSON; empty becomes null */
/* key and value in one call */
#define jw_kstr(w, k, v) (jw_key((w), S(k)), jw_str((w), (v)))
#define jw_ki64(w, k, v) (jw_key((w), S(k)), jw_i64((w), (v)))
#define jw_kbool(w, k, v) (jw_key((w), S(k)), jw_bool((w), (v)))
#define jw_kid(w, k, v) (jw_key((w), S(k)), jw_id((w), (v)))
#define jw_ktime(w, k, v) (jw_key((w), S(k)), jw_time((w), (v)))
#define jw_kraw(w, k, v) (jw_key((w), S(k)), jw_raw((w), (v)))
/* The members of a JSON object's text join the object that is open. */
void jw_members(jsonw *w, str object);
str jsonw_done(jsonw *w); /* the finished text; asserts that it is balanced */
