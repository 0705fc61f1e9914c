/* query.c - query strings and forms: the first byte picks the schema, the rest is the text. */
#include "api/decode.h"
#include "fuzz/fuzz.h"
#include "gen/schemas.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 28);
    const struct form *form;
    const void *got;
    if (n == 0 || n > 65536) return 0;
    str text = { (const char *)data + 1, n - 1 };
    const schema *s = schemas_all[data[0] % ARRAY_LEN(schemas_all)];
    err e = decode_query(a, s, text, &got);
    ASSERT(failed(e) || got);
    e = decode_form(a, text, &form);
    for (size_t i = 0; !failed(e) && i < form->n; i++)
        ASSERT(str_is_utf8(form->at[i].name) && str_is_utf8(form->at[i].value));
    return 0;
}
