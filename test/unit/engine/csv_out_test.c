/* csv_out_test.c - cells as they are written: read back by our own reader they are what was put,
 * and none of them would be calculated. test/api/export.walk.mjs lets Python's reader judge. */
#include "unit/unit.h"

#include "engine/csv/csv.h"
#include "engine/csv/csv_out.h"

static const char *const texts[] = { "", "plain", "a,b", "say \"so\"", "two\nlines", "two\r\nlines",
    "=1+1", "+92 21 111", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "'=1", "''=1",
    "'quoted'", "' plain", "=cmd|'/C calc'!A0", "a;=1",
    ("\xEF\xBC\x9D"
     "1+1"),
    "\xEF\xBC\xA0SUM", " both ", "\xD8\xA7\xD8\xB1\xD8\xAF\xD9\x88", "\"", "\"\"", ",", "'", "''",
    "-", "=", "a=b", "1-2" };

static str undone(str cell)
{
    bool acts = cell.n && cell.p[0] == '\'' && csv_acts(str_sub(cell, 1, cell.n));
    return acts ? str_sub(cell, 1, cell.n) : cell;
}

static void is_read_back(void **state)
{
    arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        buf b = buf_new(a, 64);
        csv_row row;
        buf_put(&b, S("x,"));
        csv_put_cell(&b, str_of(texts[i]));
        buf_put(&b, S(",y\r\n"));
        assert_int_equal(csv_next(csv_new(a, ',', 0), a, buf_str(&b), true, &row), CSV_ROW);
        assert_int_equal(row.n, 3);
        assert_false(row.stray_quote);
        str back = undone(row.cell[1]);
        if (!str_eq(back, str_of(texts[i]))) print_error("case %zu: %.*s\n", i, STR_ARG(back));
        assert_true(str_eq(back, str_of(texts[i])));
    }
    arena_free(a);
}

static void nothing_acts(void **state)
{
    arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        buf b = buf_new(a, 64);
        csv_row row;
        buf_put(&b, S("x,"));
        csv_put_cell(&b, str_of(texts[i]));
        assert_int_equal(csv_next(csv_new(a, ',', 0), a, buf_str(&b), true, &row), CSV_ROW);
        assert_int_equal(row.n, 2);
        if (row.cell[1].n) assert_null(memchr("=+-@\t\r\n", row.cell[1].p[0], 7));
    }
    arena_free(a);
}

static void what_acts(void **state)
{
    assert_true(csv_acts(S("=1")));
    assert_true(csv_acts(S(" '=1")));
    assert_false(csv_acts(S("1=1")));
    assert_false(csv_acts(S("'name")));
    assert_false(csv_acts(S("")));
    assert_false(csv_acts(S("'")));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(is_read_back),
        cmocka_unit_test(nothing_acts), cmocka_unit_test(what_acts) };
    return cmocka_run_group_tests_name("csv_out", tests, NULL, NULL);
}
