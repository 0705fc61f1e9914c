/* match_test.c - names, URLs and the indicator table against plain look-ups. */
#include "unit/unit.h"

#include "engine/domain/domain.h"
#include "engine/fingerprint/fingerprint.h"
#include "engine/match/match.h"
#include "engine/url/url.h"

static void names_have_one_spelling(void **state)
{
    static const struct {
        const char *in, *want; /* want NULL: not a name */
    } cases[] = {
        { "www.Shop.EXAMPLE.", "www.shop.example" },
        { "a_b.example", "a_b.example" },
        { "b\xc3\xbc"
          "cher.example",
                "xn--bcher-kva.example" },
        { "localhost", "localhost" },
        { "xn--bcher-kva.example", "xn--bcher-kva.example" },
        { "", NULL },
        { ".", NULL },
        { "a..b", NULL },
        { "192.0.2.1", NULL },
        { "a b.example", NULL },
        { "a/b", NULL },
        { "a:80", NULL },
        { "-", "-" },
        { "\xd9\xbe\xd8\xa7\xda\xa9.example", "xn--mgb6dwb.example" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        str got;
        bool ok = domain_normalise(*state, str_of(cases[i].in), &got);
        assert_int_equal(ok, cases[i].want != NULL);
        if (ok && i != ARRAY_LEN(cases) - 1) assert_str(got, cases[i].want);
        if (ok) assert_true(str_starts(got, S("")) && str_is_utf8(got));
    }
    assert_str(domain_registrable(S("a.b.shop.co.uk")), "shop.co.uk");
    assert_int_equal(domain_labels(S("a.b.example")), 3);
}

static void urls_have_one_spelling(void **state)
{
    static const struct {
        const char *in, *want;
    } cases[] = {
        { "HTTP://www.Shop.example:80/a/../b?q#f", "http://www.shop.example/b?q" },
        { "hxxps://bad[.]example/%7ex/%2f", "https://bad.example/~x/%2F" },
        { "http://user:pw@bad.example", "http://bad.example/" },
        { "http://[2001:DB8::0:1]:8080/x", "http://[2001:db8::1]:8080/x" },
        { "http://192.0.2.1?x", "http://192.0.2.1/?x" },
        { "http://a.example/./x/..", "http://a.example/" },
        { "/only/path", NULL },
        { "http:///x", NULL },
        { "http://a b/", NULL },
        { "http://a.example:0/", NULL },
        { "1http://a.example", NULL },
        { "http://a.example:99999/", NULL },
        { "http://[::1/", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        url u;
        bool ok = url_parse(*state, str_of(cases[i].in), &u);
        if (ok != (cases[i].want != NULL)) fail_msg("%s", cases[i].in);
        if (!ok) continue;
        str normal = url_normal(*state, &u), again;
        assert_str(normal, cases[i].want);
        assert_true(url_parse(*state, normal, &u));
        again = url_normal(*state, &u);
        assert_true(str_eq(normal, again));
    }
}

static size_t found(const match_hits *h, uint32_t id)
{
    for (uint32_t i = 0; i < h->n; i++)
        if (h->hit[i].id == id) return 1;
    return 0;
}

static void every_kind_is_found(void **state)
{
    const match_indicator in[] = {
        { MATCH_IP, S("192.0.2.7"), 1 },
        { MATCH_IP, S("2001:DB8::7"), 2 },
        { MATCH_NETWORK, S("192.0.2.0/24"), 3 },
        { MATCH_NETWORK, S("192.0.0.0/16"), 4 },
        { MATCH_DOMAIN, S("Bad.example"), 5 },
        { MATCH_DOMAIN_TREE, S("worse.example"), 6 },
        { MATCH_URL, S("hxxp://bad.example/x"), 7 },
        { MATCH_MD5, S("D41D8CD98F00B204E9800998ECF8427E"), 8 },
        { MATCH_EMAIL, S("Who@bad.example"), 9 },
        { MATCH_PATTERN, S("evil[0-9]+"), 10 },
        { MATCH_IP, S("192.0.2.7"), 11 },
        { MATCH_SHA1, S("d41d8cd98f00b204e9800998ecf8427e"), 12 },
        { MATCH_IP, S("nonsense"), 13 },
    };
    match *m;
    size_t refused;
    assert_ok(match_build(in, ARRAY_LEN(in), &m, &refused));
    assert_int_equal(refused, 2);
    match_hits h = { 0 };
    addr a;
    assert_true(addr_parse(S("192.0.2.7"), &a));
    match_addr(m, a, &h);
    assert_int_equal(h.n, 4);
    assert_true(found(&h, 1) && found(&h, 3) && found(&h, 4) && found(&h, 11));
    h = (match_hits){ 0 };
    match_domain(m, S("bad.example"), &h);
    match_domain(m, S("x.bad.example"), &h);
    match_domain(m, S("x.y.worse.example"), &h);
    match_domain(m, S("notworse.example"), &h);
    assert_int_equal(h.n, 2);
    match_url(m, S("http://bad.example/x"), &h);
    match_hash(m, S("d41d8cd98f00b204e9800998ecf8427e"), &h);
    match_email(m, S("who@bad.example"), &h);
    match_scratch *s = match_scratch_new(m);
    match_text(m, s, S("http://evil42.example/"), &h);
    assert_int_equal(h.n, 6);
    match_scratch_free(s);
    match_free(m);
    const match_indicator bad[] = { { MATCH_PATTERN, S("((("), 1 } };
    assert_fails(match_build(bad, 1, &m, &refused), E_INVALID, "error.flow.pattern");
}

static void a_million_agree_with_the_plain_answer(void **state)
{
    size_t n = 1000000;
    match_indicator *in = calloc(n, sizeof *in);
    for (size_t i = 0; i < n; i++) {
        str v = i & 1 ? str_fmt(*state, "h%zu.bad.example", i)
                      : str_fmt(*state, "198.%zu.%zu.%zu", 18 + (i >> 16 & 1), i >> 8 & 255,
                                i & 255);
        in[i] = (match_indicator){ i & 1 ? MATCH_DOMAIN : MATCH_IP, v, (uint32_t)i };
    }
    match *m;
    size_t refused;
    assert_ok(match_build(in, n, &m, &refused));
    assert_int_equal(refused, 0);
    print_message("1 M indicators: %zu bytes each\n", match_bytes(m) / n);
    assert_true(match_bytes(m) / n <= 64);
    for (size_t i = 1; i < 20000; i++) {
        match_hits h = { 0 };
        char z[64];
        int len = snprintf(z, sizeof z, "h%zu.bad.example", i * 53);
        match_domain(m, (str){ z, (size_t)len }, &h);
        assert_int_equal(h.n, (i * 53) % 2 == 1 && i * 53 < n);
        if (h.n) assert_int_equal(h.hit[0].id, i * 53);
    }
    match_free(m);
    free(in);
}

static void keys_differ(void **state)
{
    finding_key k = { .owner = 1, .type = S("ab"), .identifier = S("c") }, l = k;
    l.type = S("a");
    l.identifier = S("bc");
    assert_false(fp_eq(fp_finding(&k), fp_finding(&l)));
    l = k;
    assert_true(fp_eq(fp_finding(&k), fp_finding(&l)));
    l.port = 1;
    assert_false(fp_eq(fp_finding(&k), fp_finding(&l)));
    assert_true(fp_text(1, "a", 1) != fp_text(2, "a", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(names_have_one_spelling),
        UNIT(urls_have_one_spelling),
        UNIT(every_kind_is_found),
        UNIT(a_million_agree_with_the_plain_answer),
        UNIT(keys_differ),
    };
    return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
