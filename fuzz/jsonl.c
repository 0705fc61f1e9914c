/* jsonl.c - lines of JSON: each is an event or a reject, and a password is sealed. */
#include "flow/jsonl.h"

#include "base/json.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const flow_seal_key key = { { 1 } };
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 29);
    flow_feed feed = { .name = S("f"), .format = FEED_JSONL, .guess = true };
    flow_batch *b = flow_batch_new(64);
    const flow_plan *p = NULL;
    str rest = { (const char *)data, n }, line;
    for (int64_t i = 1; i < 60 && str_split(&rest, '\n', &line); i++) {
        if (!p && failed(jsonl_plan(a, &feed, S("f"), line, &p))) break;
        size_t before = b->n + b->n_reject;
        (void)jsonl_row(p, b, line, i, 0, &key);
        ASSERT(b->n + b->n_reject == before + 1);
    }
    flow_batch_finish(b);
    for (size_t r = 0; r < b->n; r++) {
        const json *v;
        json_limits limits = {
            .max_bytes = (size_t)64 << 20, .max_depth = 64, .max_values = 1000000
        };
        err e = b->extra_json[r].n ? json_parse(a, b->extra_json[r], &limits, &v) : OK;
        ASSERT(!failed(e) || str_eq(str_of(e.f->key), S("error.json.duplicate_key")));
        str secret = flow_extra_get(b, r, S("extra.password"));
        ASSERT(secret.n == 0 || str_starts(secret, S(FLOW_SEAL_PREFIX)));
    }
    flow_batch_free(b);
    return 0;
}
