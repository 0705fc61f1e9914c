/* url.c - URLs: the normal form is a URL, and its own normal form. */
#include "engine/url/url.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 24);
    url u;
    if (!url_parse(a, (str){ (const char *)data, n }, &u)) return 0;
    str normal = url_normal(a, &u);
    ASSERT(url_parse(a, normal, &u));
    ASSERT(str_eq(normal, url_normal(a, &u)));
    return 0;
}
