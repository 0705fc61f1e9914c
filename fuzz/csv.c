/* csv.c - CSV rows: whatever comes in, every byte is taken once, cells are valid UTF-8 and lie in
 * the input or the arena, and cutting the input in two changes nothing. */
#include "engine/csv/csv.h"
#include "fuzz/fuzz.h"

/* Rows with their cells joined; stops where a part given as not the last one has no whole row left.
 */
static size_t rows(csv *c, arena *a, str in, bool last, buf *out)
{
    csv_row row;
    size_t at = 0;
    for (;;) {
        csv_result r = csv_next(c, a, str_sub(in, at, in.n), last, &row);
        if (r == CSV_MORE) {
            ASSERT(!last);
            return at;
        }
        if (r == CSV_END) return in.n;
        ASSERT(row.used > 0 && row.used >= row.skipped && at + row.used <= in.n);
        ASSERT(row.raw.p >= in.p && row.raw.p + row.raw.n <= in.p + in.n);
        at += row.used;
        for (uint32_t i = 0; i < row.n; i++) {
            ASSERT(str_is_utf8(row.cell[i]));
            buf_put(out, row.cell[i]);
            buf_byte(out, '\1');
        }
        buf_byte(out, r == CSV_BAD ? '\3' : '\2');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2) return 0;
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 28);
    static const char seps[] = ",;\t|";
    str in = { (const char *)data + 2, n - 2 };
    char sep = seps[data[0] & 3], comment = data[0] & 4 ? '#' : 0;
    buf whole = buf_new(a, n), parts = buf_new(a, n);
    (void)rows(csv_new(a, sep, comment), a, in, true, &whole);
    csv *c = csv_new(a, sep, comment);
    size_t cut = in.n * data[1] / 255;
    size_t at = rows(c, a, str_sub(in, 0, cut), false, &parts);
    (void)rows(c, a, str_sub(in, at, in.n), true, &parts);
    ASSERT(str_eq(buf_str(&whole), buf_str(&parts)));
    (void)csv_guess_separator(in, comment);
    return 0;
}
