/* Cursors come back as they were made, tell nothing, and are good for one viewer and route only. */
#include "unit.h"
#include "api/cursor_in.h"
#include <sodium.h>

static const uint8_t key[32] = { 7 };

static cursor_scope scope(uint8_t who, const char *where)
{
    return (cursor_scope){ key, { { who } }, { { 1 } }, S("live"), str_of(where) };
}

static void comes_back(void **state)
{
    static const int64_t numbers[] = { 0, 1, -1, 63, 64, -64, 127, 128, INT64_MAX, INT64_MIN };
    cursor_scope s = scope(1, "list");
    char text[CURSOR_BYTES], filler[CURSOR_TEXT_MAX];
    memset(filler, 'x', sizeof filler);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        cursor k = { { numbers[i], -numbers[0], numbers[ARRAY_LEN(numbers) - 1 - i], 5 },
            { filler, i * 44 } },
               got;
        size_t n = cursor_seal(&s, &k, text);
        assert_true(cursor_open(&s, *state, (str){ text, n }, &got));
        assert_memory_equal(got.n, k.n, sizeof k.n);
        assert_true(str_eq(got.s, k.s));
    }
}

static void is_bound(void **state)
{
    cursor_scope s = scope(1, "list"), who = scope(2, "list"), other = scope(1, "other");
    char text[CURSOR_BYTES], again[CURSOR_BYTES];
    cursor got, k = { { 42 }, S("name") };
    str sealed = { text, cursor_seal(&s, &k, text) };
    assert_false(cursor_open(&who, *state, sealed, &got));
    assert_false(cursor_open(&other, *state, sealed, &got));
    cursor_seal(&s, &k, again);
    assert_string_equal(text, again);
    cursor_seal(&who, &k, again);
    assert_string_not_equal(text, again);
}

static void any_change_is_seen(void **state)
{
    cursor_scope s = scope(1, "list");
    char text[CURSOR_BYTES];
    cursor got;
    size_t n = cursor_seal(&s, &(cursor){ { 42, 1, 2, 3 }, S("name") }, text);
    for (size_t i = 0; i < n; i++) {
        char was = text[i];
        text[i] = was == 'A' ? 'B' : 'A';
        assert_false(
                cursor_open(&s, *state, (str){ text, n }, &got) && text[i] != was && i + 1 < n);
        text[i] = was;
        assert_false(cursor_open(&s, *state, (str){ text, i }, &got));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(comes_back), UNIT(is_bound),
        UNIT(any_change_is_seen) };
    if (sodium_init() < 0) return 1;
    return cmocka_run_group_tests_name("api cursor", tests, NULL, NULL);
}
