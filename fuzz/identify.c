/* identify.c - an input is named and hashed with no harm, and what an opener says of it is taken.
 */
#include "fuzz/fuzz.h"
#include "proc/sandbox_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 28);
    open_input in = { .p = data ? data : (const uint8_t *)"", .bytes = (int64_t)n };
    buf b = buf_new(a, 4096);
    open_identity i;
    ASSERT(open_begin());
    sandbox_work(SANDBOX_IDENTIFY, &in, a, &b);
    ASSERT(sandbox_get_identity(a, buf_str(&b), &i) && i.bytes == (int64_t)n);
    if (sandbox_get_identity(a, (str){ (const char *)in.p, n }, &i)) ASSERT(i.bytes >= 0);
    return 0;
}
