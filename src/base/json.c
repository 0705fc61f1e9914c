/* json.c - JSON in: builds the tree over the tokens that json_in.cc found, within limits.
 * Owns nothing between calls: the tree is the arena's. Any layer, any thread. Reading values out of
 * the finished tree stands in json_get.c. */
#include "base/json.h"

#include "base/json_in.h"
#include "base/json_lex.h"
#include "base/place.h"

enum {
    DEFAULT_BYTES = 1 << 20,
    DEFAULT_DEPTH = 64,
    DEFAULT_VALUES = 100000,
    DEPTH_MOST = 1024, /* parse_value calls itself: the stack must hold it */
};

typedef struct {
    arena *a;
    str in;
    json_limits lim;
    const uint32_t *at; /* token offsets */
    size_t n, i;        /* their count, and the next one */
    size_t values;
    char *text; /* room for all unescaped text: never longer than the input */
    size_t text_used;
} walk;

static err parse_value(walk *w, const path *up, uint32_t depth, json *v);

/* ---- places ---- */

static err fail(const walk *w, const path *p, size_t offset, err e)
{
    return err_placed(e, w->a, w->in, p, offset);
}

static err fail_limit(const walk *w, const path *p, size_t offset, const char *key, size_t limit)
{
    return fail(w, p, offset, ERR1(E_TOO_LARGE, key, str_fmt(w->a, "%zu", limit)));
}

/* ---- tokens ---- */

static size_t token_at(const walk *w)
{
    return w->i < w->n ? w->at[w->i] : w->in.n;
}

static char token_byte(const walk *w)
{
    return w->i < w->n ? w->in.p[w->at[w->i]] : 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* The next word or string, up to the space before the token after it. */
static str token_take(walk *w)
{
    size_t from = token_at(w), to;
    w->i++;
    to = token_at(w);
    while (to > from && is_space(w->in.p[to - 1]))
        to--;
    return (str){ w->in.p + from, to - from };
}

static err expected(const walk *w, const path *p, str what)
{
    return fail(w, p, token_at(w), ERR1(E_INVALID, "error.json.expected", what));
}

/* ---- strings ---- */

static err parse_text(walk *w, const path *p, str raw, str *ret)
{
    size_t bad;
    json_lex_result r = json_unescape(raw, w->text + w->text_used, ret, &bad);
    if (r != JSON_LEX_OK) {
        const char *key = r == JSON_LEX_NUL ? "error.json.nul" : "error.json.escape";
        return fail(w, p, (size_t)(raw.p - w->in.p) + bad, ERR(E_INVALID, key));
    }
    w->text_used += ret->n;
    ASSERT(w->text_used <= w->in.n);
    return OK;
}

/* ---- words ---- */

static err parse_word(walk *w, const path *up, json *v)
{
    size_t offset = token_at(w);
    str word = v->raw = token_take(w);
    if (str_eq(word, S("null"))) {
        v->type = JSON_NULL;
    } else if (str_eq(word, S("true")) || str_eq(word, S("false"))) {
        v->type = JSON_BOOL;
        v->boolean = word.n == 4;
    } else if (json_is_number(word)) {
        v->type = JSON_NUMBER;
    } else {
        bool numeric = word.p[0] == '-' || (word.p[0] >= '0' && word.p[0] <= '9');
        return fail(w, up, offset,
                ERR1(E_INVALID, numeric ? "error.json.number" : "error.json.word",
                        str_sub(word, 0, 40)));
    }
    return OK;
}

/* ---- containers ---- */

static err enter(walk *w, const path *up, uint32_t depth)
{
    if (depth >= w->lim.max_depth)
        return fail_limit(w, up, token_at(w), "error.json.too_deep", w->lim.max_depth);
    w->i++;
    return OK;
}

/* After a value: true for a comma (more to come), false for the closing bracket, both taken. */
static err take_separator(walk *w, const path *up, char close, bool *more)
{
    char c = token_byte(w);
    if (c != ',' && c != close) return expected(w, up, close == '}' ? S(", }") : S(", ]"));
    w->i++;
    *more = c == ',';
    return OK;
}

static void close_raw(walk *w, json *v)
{
    const char *end = w->in.p + w->at[w->i - 1] + 1; /* the bracket just taken */
    v->raw.n = (size_t)(end - v->raw.p);
}

static json *append(walk *w, json *parent, json *last)
{
    json *child = NEW(w->a, json);
    if (last)
        last->next = child;
    else
        parent->first = child;
    parent->count++;
    return child;
}

static err parse_array(walk *w, const path *up, uint32_t depth, json *v)
{
    path here = { .up = up };
    json *last = NULL;
    v->type = JSON_ARRAY;
    v->raw.p = w->in.p + token_at(w);
    TRY(enter(w, up, depth));
    bool more = token_byte(w) != ']';
    if (!more) w->i++;
    for (; more; here.index++) {
        last = append(w, v, last);
        TRY(parse_value(w, &here, depth + 1, last));
        TRY(take_separator(w, up, ']', &more));
    }
    close_raw(w, v);
    return OK;
}

/* A value's token number, found again by its offset: its key stands two tokens before it. */
static size_t key_offset(const walk *w, const json *v)
{
    size_t lo = 0, hi = w->n, want = (size_t)(v->raw.p - w->in.p);
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (w->at[mid] < want)
            lo = mid + 1;
        else
            hi = mid;
    }
    ASSERT(lo >= 2 && lo < w->n);
    return w->at[lo - 2];
}

static err check_keys(walk *w, const path *up, const json *object)
{
    const json *twice = json_duplicate(w->a, object);
    if (!twice) return OK;
    path here = { .up = up, .key = twice->key };
    return fail(w, &here, key_offset(w, twice),
            ERR1(E_INVALID, "error.json.duplicate_key", twice->key));
}

static err parse_key(walk *w, const path *up, str *key)
{
    if (token_byte(w) != '"') return expected(w, up, S("\"...\":"));
    TRY(parse_text(w, up, token_take(w), key));
    if (token_byte(w) != ':') return expected(w, up, S(":"));
    w->i++;
    return OK;
}

static err parse_object(walk *w, const path *up, uint32_t depth, json *v)
{
    path here = { .up = up };
    json *last = NULL;
    v->type = JSON_OBJECT;
    v->raw.p = w->in.p + token_at(w);
    TRY(enter(w, up, depth));
    bool more = token_byte(w) != '}';
    if (!more) w->i++;
    while (more) {
        last = append(w, v, last);
        TRY(parse_key(w, up, &here.key));
        last->key = here.key;
        TRY(parse_value(w, &here, depth + 1, last));
        TRY(take_separator(w, up, '}', &more));
    }
    close_raw(w, v);
    return check_keys(w, up, v);
}

static err parse_value(walk *w, const path *up, uint32_t depth, json *v)
{
    if (++w->values > w->lim.max_values)
        return fail_limit(w, up, token_at(w), "error.json.too_many", w->lim.max_values);
    switch (token_byte(w)) {
    case '{':
        return parse_object(w, up, depth, v);
    case '[':
        return parse_array(w, up, depth, v);
    case '"':
        v->type = JSON_STRING;
        v->raw = token_take(w);
        return parse_text(w, up, v->raw, &v->text);
    case 0:
    case ',':
    case ':':
    case ']':
    case '}':
        return fail(w, up, token_at(w), ERR(E_INVALID, "error.json.no_value"));
    default:
        return parse_word(w, up, v);
    }
}

/* ---- the whole document ---- */

/* What the scan refuses it does not place: finds the first bad byte, or a string's open quote. */
static size_t find_scan_fault(str in, json_scan_result r)
{
    bool inside = false;
    size_t quote = 0, len;
    for (size_t i = 0; i < in.n; i += len) {
        len = utf8_len(in.p + i, in.n - i);
        if (len == 0 && r == JSON_SCAN_UTF8) return i;
        if (len == 0) len = 1;
        if (inside && r == JSON_SCAN_CONTROL && (unsigned char)in.p[i] < 32) return i;
        if (in.p[i] == '"')
            inside = !inside, quote = i;
        else if (inside && in.p[i] == '\\' && i + 1 < in.n && (unsigned char)in.p[i + 1] < 0x80)
            len = 2;
    }
    return r == JSON_SCAN_UNCLOSED ? quote : 0;
}

static err scan_fault(arena *a, str in, json_scan_result r)
{
    err e;
    switch (r) {
    case JSON_SCAN_EMPTY:
        return ERR(E_INVALID, "error.json.empty");
    case JSON_SCAN_UTF8:
        e = ERR(E_INVALID, "error.json.utf8");
        break;
    case JSON_SCAN_CONTROL:
        e = ERR(E_INVALID, "error.json.control");
        break;
    case JSON_SCAN_UNCLOSED:
        e = ERR(E_INVALID, "error.json.unclosed_string");
        break;
    default:
        return ERR(E_BUSY, "error.json.memory");
    }
    return err_placed(e, a, in, NULL, find_scan_fault(in, r));
}

static json_limits limits_of(const json_limits *l)
{
    json_limits r = l ? *l : (json_limits){ 0 };
    if (!r.max_bytes) r.max_bytes = DEFAULT_BYTES;
    if (!r.max_depth) r.max_depth = DEFAULT_DEPTH;
    if (!r.max_values) r.max_values = DEFAULT_VALUES;
    ASSERT(r.max_depth <= DEPTH_MOST);
    return r;
}

err json_parse(arena *a, str in, const json_limits *limits, const json **ret)
{
    walk w = { .a = a, .in = in, .lim = limits_of(limits) };
    if (in.n > w.lim.max_bytes)
        return ERR1(E_TOO_LARGE, "error.json.too_large", str_fmt(a, "%zu", w.lim.max_bytes));
    if (str_starts(in, S("\xEF\xBB\xBF"))) return ERR(E_INVALID, "error.json.bom");
    json_scan_result r = json_scan(in.p, in.n, &w.at, &w.n);
    if (r != JSON_SCAN_OK) return scan_fault(a, in, r);
    w.text = arena_alloc(a, in.n);
    json *root = NEW(a, json);
    TRY(parse_value(&w, NULL, 0, root));
    if (w.i < w.n) return fail(&w, NULL, token_at(&w), ERR(E_INVALID, "error.json.trailing"));
    *ret = root;
    return OK;
}
