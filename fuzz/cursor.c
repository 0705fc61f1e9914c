/* cursor.c - cursors: no text that was not made here opens; what is made opens to the same. */
#include "api/cursor_in.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const uint8_t key[32] = { 9 };
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 24);
    cursor_scope s = { key, { { 1 } }, { { 2 } }, S("live"), S("list") };
    cursor k = { 0 }, got;
    char text[CURSOR_BYTES];
    ASSERT(!cursor_open(&s, a, (str){ (const char *)data, n }, &got));
    if (n < sizeof k.n || n - sizeof k.n > CURSOR_TEXT_MAX) return 0;
    memcpy(k.n, data, sizeof k.n);
    k.s = (str){ (const char *)data + sizeof k.n, n - sizeof k.n };
    str sealed = { text, cursor_seal(&s, &k, text) };
    ASSERT(cursor_open(&s, a, sealed, &got));
    ASSERT(memcmp(got.n, k.n, sizeof k.n) == 0 && str_eq(got.s, k.s));
    return 0;
}
