/* decode.c - a JSON body into the struct of its schema.
 * Owns nothing; any thread. Called by route.c; the fuzz target is fuzz/decode.c. */
#include "api/decode.h"
#include "api/value.h"
#include "base/seeded.h"

enum { BODY_DEPTH = 16, BODY_VALUES = 20000 };

/* RFC 6901: ~ and / within a name are escaped. */
static str pointer_to(arena *a, str base, str name)
{
    buf b = buf_new(a, base.n + name.n + 8);
    buf_put(&b, base);
    buf_byte(&b, '/');
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '~')
            buf_put(&b, S("~0"));
        else if (name.p[i] == '/')
            buf_put(&b, S("~1"));
        else
            buf_byte(&b, name.p[i]);
    }
    return buf_str(&b);
}

static const schema_field *field_of(const schema *s, str name)
{
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->fields[i].name, name)) return &s->fields[i];
    return NULL;
}

static err wrong_type(const schema_field *f, str pointer)
{
    static const char *const keys[] = {
        [VALUE_TEXT] = "error.api.want_text",
        [VALUE_EMAIL] = "error.api.want_text",
        [VALUE_ID] = "error.api.want_text",
        [VALUE_TIME] = "error.api.want_text",
        [VALUE_I64] = "error.api.want_whole",
        [VALUE_F64] = "error.api.want_number",
        [VALUE_BOOL] = "error.api.want_truth",
        [VALUE_TEXTS] = "error.api.want_list",
        [VALUE_JSON] = "error.api.want_value",
        [VALUE_OBJECT] = "error.api.want_object",
    };
    return value_wrong(keys[f->kind], pointer, f->name, (str){ 0 });
}

static err decode_texts(arena *a, const schema_field *f, const json *v, str pointer, str_list *at)
{
    if (v->type != JSON_ARRAY) return wrong_type(f, pointer);
    if (v->count > (size_t)f->max_items)
        return value_wrong("error.api.too_many", pointer,
                str_fmt(a, "%lld", (long long)f->max_items), (str){ 0 });
    schema_field one = *f;
    one.kind = VALUE_TEXT;
    str *texts = NEW_ARRAY(a, str, v->count + 1);
    size_t n = 0;
    for (const json *k = v->first; k; k = k->next, n++) {
        str place = pointer_to(a, pointer, str_fmt(a, "%zu", n));
        if (k->type != JSON_STRING) return wrong_type(&one, place);
        TRY(value_text(&one, k->text, place, &texts[n]));
    }
    *at = (str_list){ texts, n };
    return OK;
}

static err decode_number(const schema_field *f, const json *v, str pointer, void *at)
{
    int64_t i;
    if (v->type != JSON_NUMBER) return wrong_type(f, pointer);
    if (f->kind == VALUE_F64) return json_f64(v, at) ? OK : wrong_type(f, pointer);
    if (!json_i64(v, &i)) return wrong_type(f, pointer);
    return value_i64(f, i, pointer, at);
}

static err decode_value(arena *a, const schema_field *f, const json *v, str pointer, char *base)
{
    void *at = base + f->at;
    switch (f->kind) {
    case VALUE_I64:
    case VALUE_F64:
        return decode_number(f, v, pointer, at);
    case VALUE_BOOL:
        if (v->type != JSON_BOOL) return wrong_type(f, pointer);
        *(bool *)at = v->boolean;
        return OK;
    case VALUE_TEXTS:
        return decode_texts(a, f, v, pointer, at);
    case VALUE_JSON:
        *(const json **)at = v;
        return OK;
    case VALUE_OBJECT:
        return decode_json(a, f->object, v, pointer, at);
    default:
        if (v->type != JSON_STRING) return wrong_type(f, pointer);
        return value_text(f, v->text, pointer, at);
    }
}

static err decode_member(
        arena *a, const schema *s, const json *v, str pointer, char *base, bool *seen)
{
    str place = pointer_to(a, pointer, v->key);
    const schema_field *f = field_of(s, v->key);
    if (!f && SEEDED(mass_owner)) return OK;
    if (!f) return value_wrong("error.api.unknown_member", place, v->key, (str){ 0 });
    seen[f - s->fields] = true;
    if (f->has != VALUE_NO_HAS) base[f->has] = true;
    if (v->type == JSON_NULL && f->nullable) return OK;
    return decode_value(a, f, v, place, base);
}

err decode_json(arena *a, const schema *s, const json *v, str pointer, const void **ret)
{
    bool seen[64] = { 0 };
    ASSERT(s->n <= ARRAY_LEN(seen));
    if (v->type != JSON_OBJECT)
        return value_wrong("error.api.want_object", pointer, str_of(s->name), (str){ 0 });
    char *base = arena_alloc(a, s->size);
    for (const json *k = v->first; k; k = k->next)
        TRY(decode_member(a, s, k, pointer, base, seen));
    for (size_t i = 0; i < s->n; i++)
        if (s->fields[i].required && !seen[i])
            return value_wrong("error.api.missing", pointer_to(a, pointer, s->fields[i].name),
                    s->fields[i].name, (str){ 0 });
    *ret = base;
    return OK;
}

/* What is not JSON at all is a request of the wrong form, not a wrong field. */
static err not_json(err e)
{
    fault f = *e.f;
    if (f.code != E_INVALID) return e;
    err same = err_make(E_USAGE, f.key, f.args[0], f.args[1], f.args[2]);
    if (f.pointer.n) same = err_at_pointer(same, f.pointer);
    return err_at_row(same, f.file, f.row, f.col);
}

err decode_body(arena *a, const schema *s, str body, const void **ret)
{
    json_limits limits = {
        .max_bytes = body.n + 1, .max_depth = BODY_DEPTH, .max_values = BODY_VALUES
    };
    const json *v;
    if (body.n == 0) return ERR(E_USAGE, "error.api.no_body");
    err e = json_parse(a, body, &limits, &v);
    if (failed(e)) return not_json(e);
    return decode_json(a, s, v, (str){ 0 }, ret);
}
