/* query.c - query strings and forms into structs, by the same tables as bodies.
 * Owns nothing; any thread. Called by route.c; the fuzz target is fuzz/query.c. */
#include "api/decode.h"
#include "api/route.h"
#include "api/value.h"

enum { QUERY_BYTES = 8192, PAIRS_MAX = 64 };

static err decode_pair(arena *a, str pair, str *ret_name, str *ret_value)
{
    ptrdiff_t eq = str_find_byte(pair, '=');
    str name = eq < 0 ? pair : str_sub(pair, 0, (size_t)eq);
    str value = eq < 0 ? (str){ 0 } : str_sub(pair, (size_t)eq + 1, pair.n);
    if (!percent_decode(a, name, true, ret_name) || !percent_decode(a, value, true, ret_value))
        return ERR1(E_USAGE, "error.api.bad_escape", str_sub(pair, 0, 80));
    return OK;
}

static err query_pair(arena *a, const schema *s, str name, str value, char *base, bool *seen)
{
    str pointer = str_fmt(a, "/%.*s", (int)(name.n > 100 ? 100 : name.n), name.p);
    for (size_t i = 0; s && i < s->n; i++) {
        const schema_field *f = &s->fields[i];
        if (!str_eq(f->name, name)) continue;
        if (seen[i]) return value_wrong("error.api.twice", pointer, name, (str){ 0 });
        seen[i] = true;
        if (f->has != VALUE_NO_HAS) base[f->has] = true;
        return value_written(f, value, pointer, base + f->at);
    }
    return value_wrong("error.api.unknown_parameter", pointer, name, (str){ 0 });
}

static err check_required(arena *a, const schema *s, const bool *seen)
{
    for (size_t i = 0; s && i < s->n; i++)
        if (s->fields[i].required && !seen[i])
            return value_wrong("error.api.missing", str_fmt(a, "/%.*s", STR_ARG(s->fields[i].name)),
                    s->fields[i].name, (str){ 0 });
    return OK;
}

err decode_query(arena *a, const schema *s, str query, const void **ret)
{
    bool seen[64] = { 0 };
    ASSERT(!s || s->n <= ARRAY_LEN(seen));
    if (query.n > QUERY_BYTES) return ERR(E_TOO_LARGE, "error.api.query_long");
    char *base = s ? arena_alloc(a, s->size) : NULL;
    str pair, name, value;
    int pairs = 0;
    while (query.n && str_split(&query, '&', &pair)) {
        if (pair.n == 0) continue;
        if (++pairs > PAIRS_MAX) return ERR(E_TOO_LARGE, "error.api.query_long");
        TRY(decode_pair(a, pair, &name, &value));
        TRY(query_pair(a, s, name, value, base, seen));
    }
    TRY(check_required(a, s, seen));
    *ret = base;
    return OK;
}

err decode_form(arena *a, str body, const struct form **ret)
{
    form_pair *at = NEW_ARRAY(a, form_pair, PAIRS_MAX);
    size_t n = 0;
    str pair;
    while (body.n && str_split(&body, '&', &pair)) {
        if (pair.n == 0) continue;
        if (n == PAIRS_MAX) return ERR(E_TOO_LARGE, "error.api.form_long");
        TRY(decode_pair(a, pair, &at[n].name, &at[n].value));
        n++;
    }
    struct form *f = NEW(a, struct form);
    *f = (struct form){ at, n };
    *ret = f;
    return OK;
}

str form_get(const struct form *f, str name)
{
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->at[i].name, name)) return f->at[i].value;
    return (str){ 0 };
}
