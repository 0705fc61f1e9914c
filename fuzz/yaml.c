/* yaml.c - YAML: every slice of the tree lies where it must, and every fault has a place. */
#include "base/conf.h"
#include "fuzz/fuzz.h"

static void check_value(const json *v, str in)
{
    size_t children = 0;
    ASSERT(v->raw.p >= in.p && v->raw.p + v->raw.n <= in.p + in.n);
    ASSERT(str_is_utf8(v->text) && str_is_utf8(v->key));
    for (const json *c = v->first; c; c = c->next, children++)
        check_value(c, in);
    ASSERT(children == v->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 28);
    str in = { (const char *)data, n };
    const json *v;
    err e = yaml_parse(a, in, S("fuzz.yaml"), &v);
    if (!failed(e) && v->raw.p)
        check_value(v, in);
    else if (failed(e) && e.f->code == E_CONFIG)
        ASSERT(str_eq(e.f->file, S("fuzz.yaml")));
    return 0;
}
