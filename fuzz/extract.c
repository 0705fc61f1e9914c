/* extract.c - a pasted text: what is found in it is found again when it stands alone, once; lines
 * without any lie within the text. */
#include "common/observable/extract.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new(256 << 20);
    str s = { (const char *)data, n };
    extracted x, y;
    if (failed(observables_extract(a, s, &x))) return 0;
    ASSERT(x.n_found <= EXTRACT_MAX && x.n_missed <= x.lines_missed && x.lines_missed <= x.lines);
    for (size_t i = 0; i < x.n_missed; i++)
        ASSERT(x.missed[i].text.p >= s.p && x.missed[i].text.p + x.missed[i].text.n <= s.p + s.n);
    for (size_t i = 0; i < x.n_found; i++) {
        ASSERT(x.found[i].line >= 1 && x.found[i].times >= 1);
        ASSERT(!failed(observables_extract(a, x.found[i].o.value, &y)) && y.n_found == 1);
        ASSERT(str_eq(y.found[0].o.value, x.found[i].o.value));
    }
    return 0;
}
