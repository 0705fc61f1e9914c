/* extract_test.c - observables out of pasted text, among what stands around them. */
#include "unit.h"

#include "common/observable/extract.h"

/* The values in order, with a space between. */
static str values(arena *a, str text)
{
    extracted x;
    buf b = buf_new(a, 256);
    assert_ok(observables_extract(a, text, &x));
    for (size_t i = 0; i < x.n_found; i++)
        buf_fmt(&b, "%s%.*s", i ? " " : "", STR_ARG(x.found[i].o.value));
    return buf_str(&b);
}

static void found_among_rubbish(void **state)
{
    static const char *const rows[][2] = {
        { "as 64500", "AS64500" },
        { "2026-12-01T03:00:00Z kernel: SRC=192.0.2.1 DST=198.51.100.7 LEN=40",
                "192.0.2.1 198.51.100.7" },
        { "{\"ip\":\"192.0.2.1\",\"n\":[\"a.example\"]}", "192.0.2.1 a.example" },
        { "'192.0.2.1','192.0.2.2';a.example", "192.0.2.1 192.0.2.2 a.example" },
        { "From: \"Bad\" <X@Bad.Example>, mailto:y@bad.example", "x@bad.example y@bad.example" },
        { "user=a@b.example bounce+c=d.example@e.example",
                "a@b.example bounce+c=d.example@e.example" },
        { "192.0.2.1:443 [2001:db8::1]:53 [2001:db8::2] a.example:8080/x",
                "192.0.2.1 2001:db8::1 2001:db8::2 a.example" },
        { "192.0.2.1->192.0.2.2 (192.0.2.3) [192.0.2.4], 192.0.2.5.",
                "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5" },
        { "hxxps[://]bad[.]example/a_(b) (see http://c.example/d.)",
                "https://bad.example/a_(b) http://c.example/d" },
        { "url=http://a.example/?u=http://b.example/", "http://a.example/?u=http://b.example/" },
        { "http://a.example/x,y;z", "http://a.example/x,y;z" },
        { "*.a.example b(dot)example", "a.example b.example" },
        { "md5:D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e" },
        { "پتہ 192.0.2.1، “a.example”۔ \xE2\x80\x8E"
          "CVE-2099-41207",
                "192.0.2.1 a.example CVE-2099-41207" },
        { "192.0.2.1\r\n\r\n192.0.2.1\n192[.]0[.]2[.]1", "192.0.2.1" },
        { "and/or 12:30:01 3.5 v 1,000 = -- () [] {}", "" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_str(values(*state, str_of(rows[i][0])), rows[i][1]);
}

static void lines_and_reasons(void **state)
{
    extracted x;
    str text = S("nothing here\n\n192.0.2.1 192.0.2.1\n192.0.2.1\n192.0.2.300\n"
                 "0123456789abcdef0123456789\n");
    assert_ok(observables_extract(*state, text, &x));
    assert_true(x.n_found == 1 && x.found[0].line == 3 && x.found[0].times == 3);
    assert_true(x.lines == 5 && x.lines_missed == 3 && x.n_missed == 3);
    assert_true(x.missed[0].why == MISSED_NOTHING && x.missed[0].line == 1);
    assert_true(x.missed[1].why == MISSED_ADDRESS && x.missed[2].why == MISSED_HASH);
    assert_str(x.missed[1].text, "192.0.2.300");
}

static void bounds(void **state)
{
    arena *a = *state;
    extracted x;
    buf b = buf_new(a, EXTRACT_BYTES_MAX + 64);
    for (int i = 0; i < EXTRACT_MAX; i++)
        buf_fmt(&b, "10.0.%d.%d ", i / 250, i % 250);
    assert_ok(observables_extract(a, buf_str(&b), &x));
    assert_int_equal(x.n_found, EXTRACT_MAX);
    buf_put(&b, S("10.1.0.1"));
    assert_fails(observables_extract(a, buf_str(&b), &x), E_TOO_LARGE, "error.lookup.many");
    b.n = 0;
    while (b.n < EXTRACT_BYTES_MAX)
        buf_put(&b, S("x\n"));
    assert_ok(observables_extract(a, buf_str(&b), &x));
    assert_true(x.n_missed == EXTRACT_MISSED_MAX && x.lines_missed == EXTRACT_BYTES_MAX / 2);
    buf_put(&b, S("x"));
    assert_fails(observables_extract(a, buf_str(&b), &x), E_TOO_LARGE, "error.lookup.text");
}

/* Whatever bytes come: it ends, and what it says is within the text. */
static void any_bytes(void **state)
{
    static const char alphabet[] = "a.1:/=,;@[](){}<>-*\"'\0\n\t\xD8\x8C\xFF";
    arena *a = *state;
    extracted x;
    uint64_t seed = 61;
    char text[600];
    for (int turn = 0; turn < 2000; turn++) {
        size_t n = 0;
        for (; n < sizeof text; n++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[n] = alphabet[(seed >> 33) % (sizeof alphabet - 1)];
        }
        assert_ok(observables_extract(a, (str){ text, n }, &x));
        for (size_t i = 0; i < x.n_missed; i++)
            assert_true(x.missed[i].text.p >= text &&
                        x.missed[i].text.p + x.missed[i].text.n <= text + n);
        arena_reset(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(found_among_rubbish), UNIT(lines_and_reasons),
        UNIT(bounds), UNIT(any_bytes) };
    return cmocka_run_group_tests_name("extract", tests, NULL, NULL);
}
