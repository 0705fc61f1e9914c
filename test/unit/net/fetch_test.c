/* fetch_test.c - which URLs and requests are made at all. What happens on the wire is test/proc's.
 */
#include "unit/unit.h"

#include "net/fetch.h"

static web_url url(arena *a, const char *text, const web_url *base)
{
    web_url w = { 0 };
    err e = web_url_parse(a, str_of(text), base, &w);
    if (failed(e)) fail_msg("%s is refused", text);
    return w;
}

static void urls_are_read_as_they_are_asked(void **state)
{
    arena *a = *state;
    web_url w = url(a, "HTTPS://Feeds.Example/a%20b?x=1#frag", NULL);
    assert_str(w.origin, "https://feeds.example:443");
    assert_str(w.host, "feeds.example");
    assert_true(w.https);
    assert_true(str_find(w.url, S("frag")) < 0);
    assert_str(url(a, "http://x.example:8080/", NULL).origin, "http://x.example:8080");
    assert_str(url(a, "http://[::1]:81/", NULL).origin, "http://[::1]:81");
    assert_str(url(a, "https://bücher.example/", NULL).host, "xn--bcher-kva.example");
    assert_str(url(a, "https://اردو.example/", NULL).host, "xn--mgbqf7g.example");
}

static void redirects_are_relative_to_their_page(void **state)
{
    arena *a = *state;
    web_url base = url(a, "https://x.example/a/b?c", NULL);
    assert_str(url(a, "../d", &base).url, "https://x.example/d");
    assert_str(url(a, "/e", &base).url, "https://x.example/e");
    assert_str(url(a, "//y.example/f", &base).url, "https://y.example/f");
    assert_str(url(a, "http://z.example/", &base).url, "http://z.example/");
}

static void other_schemes_and_tricks_are_refused(void **state)
{
    static const char *const bad[] = { "", "file:///etc/passwd", "gopher://x.example/",
        "ftp://x.example/", "dict://x.example/", "ldap://x.example/", "smtp://x.example/",
        "data:text/plain,x", "https://user@x.example/", "https://user:pw@x.example/",
        "https://:pw@x.example/", "http://x.example:0/", "http://x.example:99999/",
        "http://x y.example/", "http://x.example/\r\nHost: y", "http://x.example\\@y.example/",
        "//x.example/", "x.example", "http://\xff.example/", "http://exa\tmple.example/" };
    web_url w;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (!failed(web_url_parse(*state, str_of(bad[i]), NULL, &w)))
            fail_msg("%s is taken", bad[i]);
    str lengthy = str_fmt(*state, "https://x.example/%02000d", 1);
    assert_fails(web_url_parse(*state, lengthy, NULL, &w), E_INVALID, "error.courier.url");
}

static void numbers_become_addresses(void **state)
{
    /* Not refused here: curl makes addresses of them, and the address is what is judged. */
    static const char *const odd[] = { "http://2130706433/", "http://0x7f.1/", "http://127.1/",
        "http://0177.0.0.1/" };
    for (size_t i = 0; i < ARRAY_LEN(odd); i++)
        assert_str(url(*state, odd[i], NULL).host, "127.0.0.1");
}

static void jobs_are_checked(void **state)
{
    (void)state;
    const fetch_job good = { .url = S("https://x.example/"), .max_bytes = 10 };
    fetch_job j = good;
    assert_ok(fetch_job_check(&j));
    static const char *const bad[] = { "Host: y", "content-length: 3", "Cookie: a=b", "X",
        "X:", ": y", "X y: z", "X: a\r\nY: b", "X: a\nb", "Transfer-Encoding: chunked" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        str header = str_of(bad[i]);
        j.headers = &header;
        j.n_headers = 1;
        assert_fails(fetch_job_check(&j), E_INVALID, "error.courier.header");
    }
    j = good;
    j.max_bytes = 0;
    assert_fails(fetch_job_check(&j), E_INVALID, "error.courier.max_bytes");
    j = good;
    j.url = S("http://x.example:25/");
    assert_fails(fetch_job_check(&j), E_INVALID, "error.courier.port");
    j.endpoint = ENDPOINT_CONFIGURED;
    assert_ok(fetch_job_check(&j));
    j.user = S("me");
    assert_fails(fetch_job_check(&j), E_INVALID, "error.courier.plain_login");
    j.url = S("https://x.example/");
    assert_ok(fetch_job_check(&j));
    j.endpoint = ENDPOINT_NAMED;
    assert_fails(fetch_job_check(&j), E_INVALID, "error.courier.plain_login");
    j = good;
    j.body = S("x");
    assert_fails(fetch_job_check(&j), E_TOO_LARGE, "error.courier.post_size");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(urls_are_read_as_they_are_asked),
        UNIT(redirects_are_relative_to_their_page),
        UNIT(other_schemes_and_tricks_are_refused),
        UNIT(numbers_become_addresses),
        UNIT(jobs_are_checked),
    };
    return cmocka_run_group_tests_name("net fetch", tests, NULL, NULL);
}
