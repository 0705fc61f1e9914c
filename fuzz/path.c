/* path.c - paths against a small tree: a found parameter is decoded text without a slash. */
#include "api/route.h"
#include "fuzz/fuzz.h"

static const route rows[] = { { .id = "list", .path = "/a/b" },
    { .id = "one", .path = "/a/b/{id}" } };
static const path_node nodes[] = { { { "", 0 }, 1, 1, 0 }, { { "a", 1 }, 2, 1, 0 },
    { { "b", 1 }, 3, 1, 1 }, { { "", 0 }, 0, 0, 2 } };
static const path_row paths[] = { { { 0, -1, -1, -1, -1 }, "GET, HEAD" },
    { { 1, -1, -1, -1, -1 }, "GET, HEAD" } };
static const route_table table = { .routes = rows, .n = 2, .nodes = nodes, .paths = paths };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 24);
    const route *r = NULL;
    const char *allow;
    str param = { 0 };
    if (route_find(&table, a, S("GET"), (str){ (const char *)data, n }, &r, &param, &allow) !=
            FOUND)
        return 0;
    ASSERT(r == &rows[param.n ? 1 : 0] || r == &rows[1]);
    ASSERT(str_is_utf8(param) && str_find_byte(param, '/') < 0);
    return 0;
}
