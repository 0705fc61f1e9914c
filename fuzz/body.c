/* body.c - request bodies: the first byte picks the schema, the rest is the JSON. A refusal has its
 * place; what is taken is within the struct's limits. */
#include "api/decode.h"
#include "fuzz/fuzz.h"
#include "gen/schemas.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 28);
    const void *got;
    if (n == 0 || n > 65536) return 0;
    const schema *s = schemas_all[data[0] % ARRAY_LEN(schemas_all)];
    err e = decode_body(a, s, (str){ (const char *)data + 1, n - 1 }, &got);
    if (failed(e)) {
        ASSERT(str_is_utf8(e.f->pointer));
        return 0;
    }
    for (size_t i = 0; i < s->n; i++) {
        const schema_field *f = &s->fields[i];
        const char *at = (const char *)got + f->at;
        bool has = f->has == VALUE_NO_HAS || ((const char *)got)[f->has];
        if (f->kind == VALUE_TEXT) ASSERT(str_is_utf8(*(const str *)at));
        if (f->kind == VALUE_I64 && has)
            ASSERT(*(const int64_t *)at >= f->min && *(const int64_t *)at <= f->max);
        ASSERT(!f->required || f->kind != VALUE_OBJECT || *(const void *const *)at);
    }
    return 0;
}
