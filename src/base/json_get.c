/* json_get.c - reading values out of a JSON tree: by key, by index, as numbers and text.
 * Owns nothing; any layer, any thread: a finished tree is constant. */
#include "base/json.h"

const json *json_get(const json *object, str key)
{
    if (!object || object->type != JSON_OBJECT) return NULL;
    for (const json *c = object->first; c; c = c->next)
        if (str_eq(c->key, key)) return c;
    return NULL;
}

const json *json_at(const json *array, size_t i)
{
    if (!array || array->type != JSON_ARRAY || i >= array->count) return NULL;
    const json *c = array->first;
    while (i--)
        c = c->next;
    return c;
}

bool json_is_null(const json *v)
{
    return !v || v->type == JSON_NULL;
}

bool json_i64(const json *v, int64_t *ret)
{
    return v && v->type == JSON_NUMBER && str_to_i64(v->raw, ret);
}

bool json_f64(const json *v, double *ret)
{
    return v && v->type == JSON_NUMBER && str_to_f64(v->raw, ret);
}

bool json_bool(const json *v, bool *ret)
{
    if (!v || v->type != JSON_BOOL) return false;
    *ret = v->boolean;
    return true;
}

str json_text(const json *v)
{
    return v && v->type == JSON_STRING ? v->text : (str){ 0 };
}

str json_get_text(const json *object, str key)
{
    return json_text(json_get(object, key));
}
