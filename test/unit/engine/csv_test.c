/* csv_test.c - what real files do to a CSV reader: each row is one case with the cells wanted. */
#include "unit/unit.h"

#include "engine/csv/csv.h"

/* Cells of all rows joined: '|' between cells, '/' after a row, '!' for a bad row's raw bytes. */
static str read_all(arena *a, str in, size_t step)
{
    csv *c = csv_new(a, ',', 0);
    buf out = buf_new(a, 256);
    size_t at = 0, end = step < in.n ? step : in.n;
    for (;;) {
        csv_row row;
        csv_result r = csv_next(c, a, str_sub(in, at, end - at), end == in.n, &row);
        if (r == CSV_MORE) {
            assert_true(end < in.n);
            end = end + step < in.n ? end + step : in.n;
            continue;
        }
        if (r == CSV_END) return buf_str(&out);
        if (r == CSV_BAD) buf_fmt(&out, "!%.*s", STR_ARG(row.raw));
        for (uint32_t i = 0; i < row.n; i++)
            buf_fmt(&out, i ? "|%.*s" : "%.*s", STR_ARG(row.cell[i]));
        buf_byte(&out, '/');
        at += row.used;
    }
}

static void reads_what_is_sent(void **state)
{
    static const struct {
        const char *in, *want;
    } cases[] = {
        { "a,b\n1,2\n", "a|b/1|2/" },
        { "a,b\r\n1,2\r\n", "a|b/1|2/" },
        { "a,b\n1,2", "a|b/1|2/" },
        { "\xef\xbb\xbf"
          "a,b\n1,2",
                "a|b/1|2/" },
        { "\"a\",\"b,c\"\n", "a|b,c/" },
        { "\"a\nb\",c\n", "a\nb|c/" },
        { "\"a \"\"q\"\" b\",c\n", "a \"q\" b|c/" },
        { "\"\",\"\"\n", "|/" },
        { ",\n", "|/" },
        { "\n\n\r\na,b\n\n", "a|b/" },
        { "x\"y,z\n", "x\"y|z/" },
        { "\"x\"y,z\n1,2\n", "\"x\"y|z/1|2/" },
        { "\"x,z\n1,2\n", "!\"x,z/1|2/" },
        { "\"a\"\r\n\"b\"\r\n", "a/b/" },
        { "a\r\nb\r\n", "a/b/" },
        { "\"a\"", "a/" },
        { "a,", "a|/" },
        { "caf\xe9,b\n", "caf\xef\xbf\xbd|b/" },
        { "", "" },
        { "\xef\xbb\xbf", "" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t step = 1; step < 70; step++)
            assert_str(read_all(*state, str_of(cases[i].in), step), cases[i].want);
}

static void repairs_nul(void **state)
{
    str got = read_all(*state, (str){ "a\0b,c\n", 6 }, 100);
    assert_str(got, "a\xef\xbf\xbd"
                    "b|c/");
}

static void keeps_to_its_limits(void **state)
{
    arena *a = *state;
    size_t n = CSV_MAX_ROW_BYTES + 100;
    char *big = arena_alloc(a, n);
    memset(big, 'x', n);
    memcpy(big + n - 4, "\na,b", 4);
    csv_row row;
    csv *c = csv_new(a, ',', 0);
    assert_int_equal(csv_next(c, a, (str){ big, n }, true, &row), CSV_BAD);
    assert_int_equal(row.fault, CSV_TOO_LONG);
    memset(big, ',', 2000);
    big[2000] = '\n';
    c = csv_new(a, ',', 0);
    assert_int_equal(csv_next(c, a, (str){ big, 2001 }, true, &row), CSV_BAD);
    assert_int_equal(row.fault, CSV_TOO_MANY_COLUMNS);
    assert_int_equal(row.used, 2001);
}

static void an_open_quote_harms_one_line(void **state)
{
    arena *a = *state;
    buf b = buf_new(a, 64);
    buf_put(&b, S("\"open,1\n"));
    for (int i = 0; i < 200000; i++)
        buf_put(&b, S("2001:db8::1,443\n"));
    csv *c = csv_new(a, ',', 0);
    csv_row row;
    size_t at = 0, rows = 0;
    for (csv_result r;
            (r = csv_next(c, a, str_sub(buf_str(&b), at, b.n), true, &row)) != CSV_END;) {
        assert_int_equal(r, rows == 0 ? CSV_BAD : CSV_ROW);
        at += row.used;
        rows++;
    }
    assert_int_equal(rows, 200001);
}

static void skips_comments_and_guesses(void **state)
{
    arena *a = *state;
    csv_row row;
    csv *c = csv_new(a, ';', '#');
    str in = S("# hello\n#x\na;b\n");
    assert_int_equal(csv_next(c, a, in, true, &row), CSV_ROW);
    assert_int_equal(row.n, 2);
    assert_int_equal(row.skipped, 11);
    assert_int_equal(row.used, in.n);
    assert_int_equal(csv_guess_separator(S("a;b;c\n1;2,0;3\n"), 0), ';');
    assert_int_equal(csv_guess_separator(S("a\tb\n1\t2\n"), 0), '\t');
    assert_int_equal(csv_guess_separator(S("a|b|c\n1|2|3\n"), 0), '|');
    assert_int_equal(csv_guess_separator(S("one\ntwo\n"), 0), ',');
    assert_int_equal(csv_guess_separator(S("# a, b\n\na;b\n1;2\n"), '#'), ';');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(reads_what_is_sent),
        UNIT(repairs_nul),
        UNIT(keeps_to_its_limits),
        UNIT(an_open_quote_harms_one_line),
        UNIT(skips_comments_and_guesses),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
