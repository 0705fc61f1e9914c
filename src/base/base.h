/* base.h - what every file may use: text slices, arenas, errors, time and ids.
 * Owns nothing; any layer may include it; everything here is safe on any thread, an arena belongs
 * to one thread at a time. */
#pragma once
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST_USE __attribute__((warn_unused_result))
#define NONNULL __attribute__((nonnull))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Assertions stay on in every build: a broken invariant stops the process (see err.c). */
#define ASSERT(c) ((c) ? (void)0 : assert_failed(#c, __FILE__, __LINE__))
_Noreturn void assert_failed(const char *what, const char *file, int line);

/* ---- text: a slice, by value, not NUL-terminated, never owned by the slice ---- */
typedef struct {
    const char *p;
    size_t n;
} str;
#define S(lit) ((str){ "" lit, sizeof(lit) - 1 })
#define STR_ARG(s) (int)(s).n, (s).p /* for "%.*s" */

str str_of(const char *z); /* a C string's slice; NULL gives the empty one */
bool str_eq(str a, str b);
bool str_eq_nocase(str a, str b); /* ASCII letters only */
int str_cmp(str a, str b);        /* bytewise, shorter first */
bool str_starts(str s, str prefix);
bool str_ends(str s, str suffix);
str str_trim(str s);                       /* spaces, tabs, CR, LF at both ends */
str str_sub(str s, size_t from, size_t n); /* clamped to s */
ptrdiff_t str_find(str s, str needle);     /* byte offset or -1 */
ptrdiff_t str_find_byte(str s, char c);
size_t str_count_byte(str s, char c);
bool str_only(str s, const char *bytes); /* of these alone, and not empty */
/* Takes the part before the first sep off *rest; false when nothing is left ({0}). "a," has two
 * parts, the second one empty; S("") has one. */
bool str_split(str *rest, char sep, str *part);
MUST_USE bool str_to_i64(str s, int64_t *ret); /* decimal, whole slice, range-checked */
MUST_USE bool str_to_f64(str s, double *ret);
bool str_is_utf8(str s); /* valid UTF-8 without U+0000 */
/* Row and column, 1-based, column in characters, of a byte offset in a text. */
void str_place(str in, size_t offset, int64_t *row, int64_t *col);
/* Length of the valid UTF-8 sequence at text (1-4), 0 when there is none; n: bytes that are there.
 */
size_t utf8_len(const char *text, size_t n);

/* ---- memory: an arena goes with its request or batch ---- */
typedef struct arena arena;
/* A fresh arena; limit_bytes is a safety net, not a policy: input limits are checked where input
 * enters, so passing it stops the process. Free with arena_free. */
arena *arena_new(size_t limit_bytes);
void arena_free(arena *a);
void arena_reset(arena *a); /* keeps the first block for reuse */
size_t arena_used(const arena *a);
void *arena_alloc(arena *a, size_t n); /* zeroed, 16-aligned, never NULL */
void arena_free_p(arena **a);          /* for CLEANUP() */
#define NEW(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define NEW_ARRAY(a, T, n) ((T *)arena_alloc_array((a), (n), sizeof(T)))
void *arena_alloc_array(arena *a, size_t n, size_t size); /* overflow stops the process */
/* Grows an allocation of old_n bytes: in place when it is the latest one, else as a copy. */
void *arena_extend(arena *a, void *p, size_t old_n, size_t new_n);
str str_copy(arena *a, str s);
char *str_z(arena *a, str s); /* NUL-terminated copy, for libc only */
str str_fmt(arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
str str_lower(arena *a, str s); /* ASCII letters only */
str str_cat(arena *a, str x, str y);

/* ---- growable bytes in an arena ---- */
typedef struct {
    arena *a;
    char *p;
    size_t n, cap;
} buf;
buf buf_new(arena *a, size_t cap);
void buf_put(buf *b, str s);
void buf_byte(buf *b, char c);
void buf_fmt(buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_i64(buf *b, int64_t v);
char *buf_room(buf *b, size_t n); /* room for n bytes at the end; b->n stays */
static inline str buf_str(const buf *b)
{
    return (str){ b->p, b->n };
}

/* ---- errors: returned values that nobody can drop ---- */
typedef enum {
    E_OK = 0,
    E_INVALID,   /* the input is wrong; the fault says where                     -> 422, exit 6 */
    E_DENIED,    /* may see it, may not do it                                    -> 403, exit 4 */
    E_ABSENT,    /* not there, or not for this viewer: the same                  -> 404, exit 1 */
    E_CONFLICT,  /* changed since it was read, or exists already                 -> 409, exit 7 */
    E_FULL,      /* a limit or quota is reached                                  -> 429, exit 75 */
    E_BUSY,      /* try again later                                              -> 503, exit 75 */
    E_TIMEOUT,   /* the time given ran out                                       -> 504, exit 75 */
    E_PEER,      /* a remote side refused or failed                              -> 502, exit 5 */
    E_IO,        /* this machine's disk or kernel said no                        -> 500, exit 75 */
    E_CONFIG,    /* the configuration is wrong; the fault says where             -> 500, exit 3 */
    E_AUTH,      /* who asks is not known                                        -> 401, exit 4 */
    E_USAGE,     /* the command line or request form is wrong                    -> 400, exit 2 */
    E_STALE,     /* precondition (If-Match) failed                               -> 412, exit 7 */
    E_TOO_LARGE, /* body or value over its limit                                 -> 413, exit 6 */
    E_BUG,       /* should not happen; logged with its place                     -> 500, exit 70 */
    E_CODES
} err_code;

/* What went wrong. Slices point into the fault's own memory. key is the message's key in
 * data/text/(en|ur).po, where {1} {2} {3} stand for args; the message says what to do next. */
typedef struct fault {
    err_code code;
    const char *key;
    str file;    /* file or source name, or empty */
    str pointer; /* JSON pointer, column name or configuration path, or empty */
    int64_t row; /* 1-based line or row; 0 when it has none */
    int64_t col; /* 1-based column or byte; 0 when it has none */
    str args[3];
} fault;

/* OK is { NULL }. A fault lives in a ring of 64 per thread: copy it (fault_copy) to keep it or to
 * hand it to another thread. */
typedef struct {
    const fault *f;
} err;
#define OK ((err){ NULL })
const char *err_code_name(err_code code); /* "invalid", "too_large": logs and JSON */
static inline bool failed(err e)
{
    return e.f != NULL;
}
static inline err_code err_code_of(err e)
{
    return e.f ? e.f->code : E_OK;
}
#define TRY(expr)                                                                                  \
    do {                                                                                           \
        err try_err_ = (expr);                                                                     \
        if (try_err_.f) return try_err_;                                                           \
    } while (0)

/* Makes a fault with up to three text arguments. key is a literal: the build checks that both
 * catalogues know it. */
err err_make(err_code code, const char *key, str a1, str a2, str a3);
#define ERR(code, key) err_make((code), (key), (str){ 0 }, (str){ 0 }, (str){ 0 })
#define ERR1(code, key, x) err_make((code), (key), (x), (str){ 0 }, (str){ 0 })
#define ERR2(code, key, x, y) err_make((code), (key), (x), (y), (str){ 0 })
#define ERR3(code, key, x, y, z) err_make((code), (key), (x), (y), (z))
err err_at_pointer(err e, str pointer); /* the same fault with its JSON pointer set */
err err_at_row(err e, str file, int64_t row, int64_t col);
err err_errno(const char *key, str what); /* E_IO with strerror(errno) as argument 2 */
const fault *fault_copy(arena *a, const fault *f);

/* ---- time: microseconds since 1970-01-01 UTC; the clock is handed in, so that a test decides ----
 */
typedef struct {
    int64_t us;
} instant;
#define INSTANT_MAX ((instant){ INT64_MAX })
#define US_PER_MS INT64_C(1000)
#define US_PER_S INT64_C(1000000)
#define US_PER_DAY (INT64_C(86400) * US_PER_S)
typedef struct clock clock_src; /* base/time.h: the system's, or one set by hand */
instant clock_now(const clock_src *c);
str instant_text(arena *a, instant t); /* RFC 3339 UTC, "2026-11-24T11:24:25Z", us if any */
MUST_USE bool instant_parse(
        str s, instant *ret); /* RFC 3339; "YYYY-MM-DD HH:MM:SS" is taken as UTC */

/* ---- ids: 128 random bits, written like a UUID version 4 ---- */
typedef struct {
    uint8_t b[16];
} id128;
id128 id_new(void); /* from the kernel's random source */
bool id_eq(id128 a, id128 b);
bool id_is_zero(id128 a);
str id_text(arena *a, id128 id); /* 36 characters, lower case */
void id_put(char out[36], id128 id);
MUST_USE bool id_parse(str s, id128 *ret);
