/* checkpoint.c - checkpoints and what is sent to a witness with them: what is read is written again
 * the same. */
#include "fuzz/fuzz.h"
#include "ledger/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 26);
    str in = { (const char *)data, n };
    log_head h;
    submission s;
    if (!failed(checkpoint_parse(in, &h))) {
        ASSERT(h.origin.n && h.size >= 0);
        ASSERT(str_starts(in, checkpoint_text(a, &h)));
    }
    if (!failed(submission_parse(a, in, &s))) {
        ASSERT(s.old >= 0 && s.path.n <= (size_t)SUBMISSION_PATH_MAX * TREE_HASH);
        ASSERT(str_eq(submission_text(a, &s), in));
    }
    return 0;
}
