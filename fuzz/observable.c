/* observable.c - what a person pasted: whatever is recognised is recognised again from its normal
 * form, as the same thing; folding is the same when done twice. */
#include "common/observable/observable.h"
#include "engine/fold/fold.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new(16 << 20);
    str s = { (const char *)data, n };
    observable x, y;
    if (n > 65536) return 0;
    str once = fold_text(a, s);
    ASSERT(str_eq(fold_text(a, once), once));
    if (failed(observable_recognise(a, s, &x))) return 0;
    ASSERT(x.kind < OBSERVABLE_KINDS && x.value.n > 0);
    ASSERT(!failed(observable_recognise(a, x.value, &y)));
    ASSERT(y.kind == x.kind && str_eq(y.value, x.value));
    return 0;
}
