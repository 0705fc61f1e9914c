/* str_test.c - slices, numbers, UTF-8, arenas, buffers, ids. */
#include "unit/unit.h"

static void compares(void **state)
{
    assert_true(str_eq(S(""), (str){ 0 }));
    assert_false(str_eq(S("a"), S("b")));
    assert_true(str_eq_nocase(S("AbZ-"), S("aBz-")));
    assert_false(str_eq_nocase(S("@"), S("`")));
    assert_int_equal(str_cmp(S("a"), S("ab")), -1);
    assert_int_equal(str_cmp(S("b"), S("ab")), 1);
    assert_int_equal(str_cmp(S("\xff"), S("a")), 1);
    assert_int_equal(str_cmp((str){ 0 }, S("")), 0);
    assert_true(str_starts(S("abc"), S("ab")) && str_ends(S("abc"), S("bc")));
    assert_false(str_starts(S("a"), S("ab")) || str_ends(S("a"), S("ba")));
}

static void cuts(void **state)
{
    assert_str(str_trim(S(" \t a b\r\n")), "a b");
    assert_str(str_trim(S(" ")), "");
    assert_str(str_sub(S("abc"), 1, 9), "bc");
    assert_str(str_sub(S("abc"), 9, 1), "");
    assert_int_equal(str_find(S("aabab"), S("ab")), 1);
    assert_int_equal(str_find(S("a"), S("ab")), -1);
    assert_int_equal(str_find(S("a"), S("")), 0);
    assert_int_equal(str_find_byte(S("abc"), 'c'), 2);
    assert_int_equal(str_find_byte((str){ 0 }, 'c'), -1);
    assert_int_equal(str_count_byte(S("a.b.c"), '.'), 2);
    assert_int_equal(str_count_byte((str){ 0 }, '.'), 0);
    assert_true(str_only(S("10.0"), "01."));
    assert_false(str_only(S("10.2"), "01."));
    assert_false(str_only(S("1\0"), "1"));
    assert_false(str_only((str){ 0 }, "1"));
}

static void splits(void **state)
{
    str rest = S("a,,b,"), part;
    const char *want[] = { "a", "", "b", "" };
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_true(str_split(&rest, ',', &part));
        assert_str(part, want[i]);
    }
    assert_false(str_split(&rest, ',', &part));
}

static void reads_integers(void **state)
{
    int64_t v = 77;
    assert_true(str_to_i64(S("-9223372036854775808"), &v) && v == INT64_MIN);
    assert_true(str_to_i64(S("9223372036854775807"), &v) && v == INT64_MAX);
    assert_true(str_to_i64(S("+7"), &v) && v == 7);
    v = 77;
    const char *bad[] = { "", "-", "+", "9223372036854775808", "-9223372036854775809", "1 ", " 1",
        "1.0", "0x1", "1a", "٣" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(str_to_i64(str_of(bad[i]), &v));
    assert_int_equal(v, 77);
}

static void reads_fractions(void **state)
{
    double d = 0;
    assert_true(str_to_f64(S("-1.5e3"), &d) && d == -1500);
    assert_true(str_to_f64(S(".5"), &d) && d == 0.5);
    const char *bad[] = { "", ".", "e1", "1e", "inf", "nan", "0x1p3", "1e999", " 1", "1 " };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(str_to_f64(str_of(bad[i]), &d));
}

static void knows_utf8(void **state)
{
    assert_true(str_is_utf8(S("aاردو\xF0\x9F\x98\x80")));
    assert_true(str_is_utf8(S("")));
    const char *bad[] = { "\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "a\xff" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(str_is_utf8(str_of(bad[i])));
    assert_false(str_is_utf8(S("a\0b")));
}

static void arenas_are_zeroed_again_after_a_reset(void **state)
{
    arena *a = *state;
    for (int round = 0; round < 3; round++) {
        for (size_t n = 1; n < 40000; n = n * 3) {
            unsigned char *p = arena_alloc(a, n);
            assert_int_equal((uintptr_t)p % 16, 0);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xAA, n);
        }
        assert_true(arena_used(a) > 0);
        arena_reset(a);
        assert_int_equal(arena_used(a), 0);
    }
}

static void arenas_extend(void **state)
{
    arena *a = *state;
    char *p = arena_alloc(a, 10);
    memcpy(p, "123456789", 10);
    char *q = arena_extend(a, p, 10, 1000);
    assert_ptr_equal(p, q);
    arena_alloc(a, 1);
    q = arena_extend(a, p, 1000, 2000);
    assert_ptr_not_equal(p, q);
    assert_string_equal(q, "123456789");
    assert_int_equal(q[1999], 0);
}

static void makes_text(void **state)
{
    arena *a = *state;
    assert_str(str_fmt(a, "%d-%.*s", 5, STR_ARG(S("x"))), "5-x");
    assert_str(str_lower(a, S("AbÉ")), "abÉ");
    assert_str(str_cat(a, S("a"), (str){ 0 }), "a");
    assert_string_equal(str_z(a, S("z")), "z");
    assert_str(str_copy(a, (str){ 0 }), "");
}

static void buffers_grow(void **state)
{
    buf b = buf_new(*state, 0);
    for (int i = 0; i < 1000; i++)
        buf_put(&b, S("0123456789"));
    assert_int_equal(b.n, 10000);
    assert_str(str_sub(buf_str(&b), 9990, 10), "0123456789");
    buf c = buf_new(*state, 1);
    buf_i64(&c, INT64_MIN);
    buf_byte(&c, ' ');
    buf_i64(&c, 0);
    buf_fmt(&c, " %s", "long enough to make the buffer grow once more");
    assert_str(buf_str(&c), "-9223372036854775808 0 long enough to make the buffer grow once more");
}

static void ids_round_trip(void **state)
{
    id128 a = id_new(), b = { 0 };
    str text = id_text(*state, a);
    assert_int_equal(text.n, 36);
    assert_int_equal(text.p[14], '4');
    assert_true(id_parse(text, &b) && id_eq(a, b) && !id_is_zero(a));
    assert_false(id_eq(a, id_new()));
    assert_true(id_parse(S("00000000-0000-0000-0000-0000000000AB"), &b) && b.b[15] == 0xab);
    const char *bad[] = { "", "00000000-0000-0000-0000-0000000000A",
        "00000000-0000-0000-0000-0000000000AG", "00000000x0000-0000-0000-0000000000AB",
        "{0000000-0000-0000-0000-0000000000AB}" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(id_parse(str_of(bad[i]), &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(compares),
        UNIT(cuts),
        UNIT(splits),
        UNIT(reads_integers),
        UNIT(reads_fractions),
        UNIT(knows_utf8),
        UNIT(arenas_are_zeroed_again_after_a_reset),
        UNIT(arenas_extend),
        UNIT(makes_text),
        UNIT(buffers_grow),
        UNIT(ids_round_trip),
    };
    return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
