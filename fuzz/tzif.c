/* tzif.c - zone data: whatever is taken answers for every instant, within a day of UTC. */
#include "base/tzif.h"
#include "fuzz/fuzz.h"

static void ask(const tzif *z)
{
    for (int64_t year = -200; year < 600; year++) {
        tzif_type t = tzif_at(z, year * 31556952 + year * 8111);
        ASSERT(t.offset_s >= -100000 && t.offset_s <= 100000);
    }
    for (size_t i = 0; i < z->n_changes; i++)
        (void)tzif_at(z, z->at_s[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 24);
    str in = { (const char *)data, n };
    tzif z = { 0 }, rule = { 0 };
    if (tzif_parse(a, in, &z)) ask(&z);
    if (tzif_rule_parse(in, &rule)) ask(&rule);
    return 0;
}
