/* pdf.c - a file that is to be signed: whatever it is, it is refused, or grows by a signature and
 * stays what it was. */
#include "fuzz/fuzz.h"
#include "render/pdf_sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pdf_signing s = { .name = S("قومی سرٹ \U0001F512"), .reason = S("x"), .at = { 0 } };
    pdf_unsigned u;
    if (size > 1 << 20) return 0;
    arena *a CLEANUP(arena_free_p) = arena_new(64 << 20);
    str in = { (const char *)data, size };
    err e = pdf_sign_prepare(a, in, &s, &u);
    if (failed(e)) return 0;
    ASSERT(str_starts(u.pdf, in) && u.room + 2 * PDF_SIGN_ROOM < u.pdf.n);
    pdf_sign_fill(&u, S("0\x01x"));
    return 0;
}
