/* feed.c - a feed's declaration: taken, or refused with a known code; what is taken has a name. */
#include "flow/feed.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 28);
    const flow_feed *f;
    err e = flow_feed_read(a, (str){ (const char *)data, n }, S("feed.yaml"), &f);
    if (failed(e)) {
        ASSERT(e.f->code == E_CONFIG || e.f->code == E_TOO_LARGE);
        return 0;
    }
    ASSERT(f->name.n > 0 && f->gap_us >= 0 && f->accuracy >= 0 && f->accuracy <= 100);
    for (size_t i = 0; i < f->n_field; i++)
        ASSERT(f->field[i].key < FLOW_KEYS && f->field[i].conv < CONVS);
    return 0;
}
