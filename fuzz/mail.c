/* mail.c - a mail is taken apart with no harm, and what an opener says of it is taken. */
#include "fuzz/fuzz.h"
#include "proc/sandbox_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 28);
    open_input in = { .p = data ? data : (const uint8_t *)"", .bytes = (int64_t)n };
    open_mail m;
    buf b = buf_new(a, 4096);
    ASSERT(open_begin());
    sandbox_work(SANDBOX_MAIL, &in, a, &b);
    ASSERT(sandbox_get_mail(a, buf_str(&b), &m));
    if (sandbox_get_mail(a, (str){ (const char *)in.p, n }, &m)) ASSERT(m.n <= OPEN_PARTS_MAX);
    return 0;
}
