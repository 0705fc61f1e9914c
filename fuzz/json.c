/* json.c - JSON: whatever is taken is written out, read again, and is then the same. */
#include "base/json.h"
#include "fuzz/fuzz.h"

static void write_value(jsonw *w, const json *v)
{
    if (v->type == JSON_OBJECT) {
        jw_obj(w);
        for (const json *c = v->first; c; c = c->next)
            jw_key(w, c->key), write_value(w, c);
        jw_end_obj(w);
    } else if (v->type == JSON_ARRAY) {
        jw_arr(w);
        for (const json *c = v->first; c; c = c->next)
            write_value(w, c);
        jw_end_arr(w);
    } else if (v->type == JSON_STRING) {
        jw_str(w, v->text);
    } else {
        jw_raw(w, v->raw);
    }
}

static void check_same(const json *x, const json *y)
{
    ASSERT(x->type == y->type && x->count == y->count && str_eq(x->text, y->text));
    ASSERT(str_eq(x->key, y->key) && (x->type != JSON_NUMBER || str_eq(x->raw, y->raw)));
    for (x = x->first, y = y->first; x; x = x->next, y = y->next)
        check_same(x, y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 28);
    json_limits limits = { .max_depth = 60 };
    const json *v, *again;
    err e = json_parse(a, (str){ (const char *)data, n }, &limits, &v);
    if (failed(e)) {
        ASSERT(str_is_utf8(e.f->pointer) && e.f->row >= 0);
        return 0;
    }
    jsonw w = jsonw_new(a, n);
    write_value(&w, v);
    limits.max_bytes = (size_t)1 << 24;
    ASSERT(!failed(json_parse(a, jsonw_done(&w), &limits, &again)));
    check_same(v, again);
    return 0;
}
