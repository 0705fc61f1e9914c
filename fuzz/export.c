/* export.c - what is asked of a list as a file: the first byte picks the list, the rest is its
 * query. Whatever is taken is known to the list, and nothing that was typed freely stands in the
 * filter. */
#include "api/export.h"
#include "fuzz/fuzz.h"
#include "gen/routes.h"

static const route *list_at(size_t n)
{
    for (size_t i = 0;; i = (i + 1) % minar_routes.n)
        if (minar_routes.routes[i].columns && n-- == 0) return &minar_routes.routes[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 28);
    const exporting *x;
    const json *filter;
    if (n == 0 || n > 65536) return 0;
    str query = { (const char *)data + 1, n - 1 };
    const route *r = list_at(data[0] % 32);
    if (!export_wanted(a, r, query) || failed(export_take(a, r, query, &x))) return 0;
    ASSERT(x->n_columns > 0 || x->format == EXPORT_JSONL);
    ASSERT(!failed(json_parse(a, x->filter, NULL, &filter)) && filter->type == JSON_OBJECT);
    ASSERT(!json_get(filter, S("cursor")) && !json_get(filter, S("limit")));
    const json *q = json_get(filter, S("q"));
    ASSERT(!q || str_eq(q->text, S("*")));
    return 0;
}
