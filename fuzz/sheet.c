/* sheet.c - a sheet that people bring: any bytes are read to their end within limits, every row is
 * counted once, the report is JSON. */
#include "common/import/import.h"
#include "desk/office/constituents.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new(256 << 20);
    import_sheet *s;
    const json *j;
    if (n > 65536) return 0;
    if (failed(import_open(a, (str){ (const char *)data, n }, S("fuzz"), constituents_fields,
                constituents_fields_n, (str){ 0 }, &s)))
        return 0;
    int64_t plans = 0;
    for (const plan *p = constituents_read(a, s); p; p = p->next)
        plans += p->key.n > 0;
    ASSERT(plans <= import_counts_of(s)->read);
    jsonw w = jsonw_new(a, 1024);
    jw_obj(&w);
    import_report(s, &w, LANG_UR);
    jw_end_obj(&w);
    ASSERT(!failed(json_parse(a, jsonw_done(&w),
            &(json_limits){ .max_bytes = 64 << 20, .max_values = 4000000 }, &j)));
    return 0;
}
