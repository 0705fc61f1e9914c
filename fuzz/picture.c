/* picture.c - a picture is made plain with no harm, and what an opener hands back is looked at. */
#include "fuzz/fuzz.h"
#include "proc/sandbox_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 28);
    open_input in = { .p = data ? data : (const uint8_t *)"", .bytes = (int64_t)n };
    open_picture p;
    buf b = buf_new(a, 4096);
    sandbox_work(SANDBOX_PICTURE, &in, a, &b);
    ASSERT(sandbox_get_picture(buf_str(&b), &p));
    if (sandbox_get_picture((str){ (const char *)in.p, n }, &p)) ASSERT(p.w <= OPEN_PICTURE_SIDE);
    return 0;
}
