/* jsonl.c - one object into cells by name. The place of each key in the line before is tried first,
 * so that lines of one shape need a comparison a key and no search. */
#include "flow/jsonl.h"

#include "base/json.h"

enum { MAX_KEYS = 1000, MAX_DEPTH = 16 };

typedef struct {
    str name;
    const json *v;
} flat;

typedef struct {
    arena *a;
    flat *item;
    size_t n;
    bool full;
} flattener;

static void flatten(flattener *f, str prefix, const json *object)
{
    for (const json *v = object->first; v; v = v->next) {
        str name = prefix.n ? str_fmt(f->a, "%.*s.%.*s", STR_ARG(prefix), STR_ARG(v->key)) : v->key;
        if (v->type == JSON_OBJECT) {
            flatten(f, name, v);
        } else if (f->n == MAX_KEYS) {
            f->full = true;
        } else {
            f->item[f->n++] = (flat){ name, v };
        }
    }
}

static err read_line(arena *a, str line, flattener *f)
{
    const json *v;
    json_limits limits = {
        .max_bytes = (size_t)1 << 20, .max_depth = MAX_DEPTH, .max_values = 20000
    };
    TRY(json_parse(a, line, &limits, &v));
    if (v->type != JSON_OBJECT) return ERR(E_INVALID, "error.flow.row.not_object");
    *f = (flattener){ a, NEW_ARRAY(a, flat, MAX_KEYS), 0, false };
    flatten(f, (str){ 0 }, v);
    return f->full ? ERR(E_TOO_LARGE, "error.flow.row.columns") : OK;
}

static bool listed(const str *names, size_t n, str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(names[i], name)) return true;
    return false;
}

err jsonl_plan(arena *a, const flow_feed *feed, str file, str first_line, const flow_plan **ret)
{
    flattener f = { 0 };
    err e = read_line(a, first_line, &f); /* a bad first line is a reject like any other */
    if (failed(e)) f.n = 0;
    str *name = NEW_ARRAY(a, str, feed->n_field + f.n + FLOW_KEYS);
    size_t n = 0;
    for (size_t i = 0; i < feed->n_field; i++)
        name[n++] = feed->field[i].column;
    for (size_t i = 0; i < f.n; i++)
        if (!listed(name, n, f.item[i].name)) name[n++] = str_copy(a, f.item[i].name);
    for (size_t i = 1; i < FLOW_KEYS; i++)
        if (!listed(name, n, flow_keys[i].name)) name[n++] = flow_keys[i].name;
    if (n > 1000) n = 1000;
    plan_input in = { .feed = feed,
        .file = file,
        .field = feed->field,
        .n_field = feed->n_field,
        .constant = feed->constant,
        .n_constant = feed->n_constant,
        .guess = feed->guess,
        .by_name = true };
    *ret = flow_plan_make(a, &in, name, n, (str){ 0 });
    return OK;
}

static str value_text_of(const json *v, uint8_t *kind)
{
    *kind = VALUE_TEXT;
    if (v->type == JSON_STRING) return v->text;
    if (v->type == JSON_NULL) return (str){ 0 };
    *kind = v->type == JSON_BOOL ? VALUE_BOOL
                                 : VALUE_NUMBER; /* an array is written as it stands, too */
    return v->raw;
}

/* A key below v that says it holds a secret. */
static bool holds_secret(const json *v)
{
    for (const json *c = v->first; c; c = c->next)
        if ((v->type == JSON_OBJECT && feed_column_is_secret(c->key)) || holds_secret(c))
            return true;
    return false;
}

static bool declared_secret(const flow_plan *p, str name)
{
    const flow_feed *f = flow_plan_source(p)->feed;
    return feed_column_is_secret(name) || listed(f->sealed, f->n_sealed, name);
}

/* Replaces the values of secrets, in the tree and in the raw line. Raw slices lie in the line. */
static str redact(const flow_plan *p, arena *a, flattener *f, str line, const flow_seal_key *seal)
{
    buf out = buf_new(a, line.n + 64);
    size_t at = 0;
    for (size_t i = 0; i < f->n; i++) {
        const json *v = f->item[i].v;
        bool secret = declared_secret(p, f->item[i].name) || holds_secret(v);
        if (!secret || v->type == JSON_NULL) continue;
        str marker = flow_seal(a, seal, v->type == JSON_STRING ? v->text : v->raw);
        if (marker.n == 0) continue;
        size_t from = (size_t)(v->raw.p - line.p);
        ASSERT(from >= at && from + v->raw.n <= line.n);
        buf_put(&out, str_sub(line, at, from - at));
        buf_fmt(&out, "\"%.*s\"", STR_ARG(marker));
        at = from + v->raw.n;
        json *sealed = NEW(a, json);
        *sealed = (json){ .type = JSON_STRING, .text = v->type == JSON_STRING ? v->text : v->raw };
        if (!declared_secret(p, f->item[i].name)) sealed->text = marker;
        f->item[i].v = sealed;
    }
    if (at == 0) return line;
    buf_put(&out, str_sub(line, at, line.n));
    return buf_str(&out);
}

/* What cannot be read cannot be searched for secrets: a broken line that names one is sealed whole.
 */
static bool names_secret(str line)
{
    static const char *const words[] = { "pass", "pwd", "user", "login", "secret", "credential",
        "token", "key\"" };
    char low[4096];
    size_t n = line.n < sizeof low ? line.n : sizeof low;
    for (size_t i = 0; i < n; i++)
        low[i] = line.p[i] >= 'A' && line.p[i] <= 'Z' ? (char)(line.p[i] | 0x20) : line.p[i];
    if (line.n > n) return true;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find((str){ low, n }, str_of(words[i])) >= 0) return true;
    return false;
}

bool jsonl_row(const flow_plan *p, flow_batch *b, str line, int64_t number, uint64_t offset,
        const flow_seal_key *seal)
{
    flow_row r = { .raw = line, .number = number, .offset = offset };
    flattener f;
    flow_batch_row_clear(b, b->n);
    err e = read_line(b->a, line, &f);
    if (failed(e)) {
        str at = str_copy(b->a, e.f->pointer);
        if (names_secret(line)) r.raw = flow_seal(b->a, seal, line);
        flow_row_reject(b, &r, "error.flow.row.json", at);
        return false;
    }
    r.raw = redact(p, b->a, &f, line, seal);
    r.n = (uint32_t)flow_plan_columns(p);
    str *cell = NEW_ARRAY(b->a, str, r.n + 1);
    uint8_t *kind = NEW_ARRAY(b->a, uint8_t, r.n + 1);
    size_t extra_from = b->n_extra, hint = 0, unknown = 0;
    for (size_t i = 0; i < f.n; i++) {
        int c = flow_plan_column(p, f.item[i].name, hint);
        if (c < 0) f.item[unknown++] = f.item[i];
        if (c < 0) continue;
        cell[c] = value_text_of(f.item[i].v, &kind[c]);
        hint = (size_t)c + 1;
    }
    r.cell = cell;
    r.kind = kind;
    ASSERT(b->n_extra == extra_from);
    if (!flow_plan_row(p, b, &r, seal)) return false;
    size_t row = b->n - 1; /* names that the plan has not met join the row's extras */
    for (size_t i = 0; i < unknown; i++) {
        uint8_t k;
        str text = value_text_of(f.item[i].v, &k);
        if (!str_eq(f.item[i].name, S("__type")))
            flow_row_unknown(b, f.item[i].name, text, (value_kind)k, seal);
    }
    b->extras[row].n = (uint32_t)(b->n_extra - b->extras[row].from);
    return true;
}
