/* mail_test.c - a mail taken apart: headers in any character set, parts by content and hash, pages
 * made harmless; broken, deep and hostile ones do no harm. */
#include "proc/open/open.h"
#include "proc/sandbox_wire.h"
#include "unit.h"

static arena *m;

static open_mail take(str s)
{
    open_input in = { .p = (const uint8_t *)s.p, .bytes = (int64_t)s.n };
    buf b = buf_new(m, 4096);
    open_mail x;
    sandbox_work(SANDBOX_MAIL, &in, m, &b);
    assert_true(sandbox_get_mail(m, str_copy(m, buf_str(&b)), &x));
    return x;
}

#define HEAD                                                                                       \
    "From: =?UTF-8?B?2LnYp9im2LTbgQ==?= <aisha@mox.example>\r\n"                                   \
    "To: desk@cert.example\r\n"                                                                    \
    "Reply-To: other@evil.example\r\n"                                                             \
    "Subject: =?windows-1252?Q?caf=E9?= invoice\r\n"                                               \
    "Date: Mon, 30 Nov 2026 10:00:00 +0500\r\n"                                                    \
    "Message-ID: <1@mox.example>\r\nMIME-Version: 1.0\r\n"

static void headers_are_decoded(void **state)
{
    open_mail x = take(S(HEAD "\r\nhello\r\n"));
    assert_str(x.from, "عائشہ <aisha@mox.example>");
    assert_str(x.reply_to, "other@evil.example");
    assert_str(x.subject, "café invoice");
    assert_str(x.text, "hello\n");
    assert_int_equal(x.n, 1);
    assert_str(x.stopped, "");
}

static void parts_are_named_typed_and_hashed(void **state)
{
    open_mail x = take(S(HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                              "--b\r\nContent-Type: text/plain; "
                              "charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                              "2LPZhNin2YU=\r\n"
                              "--b\r\nContent-Type: application/pdf; name=\"../../x.pdf\"\r\n"
                              "Content-Disposition: attachment; filename=\"../../x.pdf\"\r\n"
                              "Content-Transfer-Encoding: base64\r\n\r\nTVqQAAMAAAAEAAAA\r\n"
                              "--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; "
                              "filename=a.txt\r\n\r\n"
                              "abc\r\n--b--\r\n"));
    assert_int_equal(x.n, 3);
    assert_str(x.text, "سلام");
    assert_str(x.parts[1].name, "x.pdf");
    assert_int_equal(x.parts[1].marks, PART_ATTACHMENT | PART_UNSAFE_NAME);
    assert_str(x.parts[1].said, "application/pdf");
    assert_true(!str_eq(x.parts[1].mime, S("application/pdf")));
    assert_int_equal(x.parts[2].bytes, 3);
    assert_int_equal(x.parts[2].sha256[0], 0xba);
}

static void pages_are_made_harmless(void **state)
{
    open_mail x = take(S(HEAD "Content-Type: text/html\r\n\r\n"
                              "<html><style>p{}</style><script>alert(1)</script><p>Pay <a "
                              "href=\"https://login.bank.example/a.php?x=1\">here</a> or "
                              "HTTP://198.51.100.7/x</p>"));
    assert_true(str_find(x.text, S("Pay")) >= 0 && str_find(x.text, S("alert")) < 0);
    assert_true(str_find(x.text, S("<")) < 0);
    assert_int_equal(x.n_urls, 2);
    assert_str(x.urls[0], "hxxps://login[.]bank[.]example/a.php?x=1");
    assert_str(x.urls[1], "hxxp://198[.]51[.]100[.]7/x");
}

static void a_mail_within_a_mail_is_opened(void **state)
{
    open_mail x = take(S(HEAD "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nthe inner "
                              "text\r\n"));
    assert_str(x.text, "the inner text\n");
}

static void deep_and_wide_ones_stop(void **state)
{
    buf b = buf_new(m, 1 << 16);
    buf_put(&b, S(HEAD));
    for (int i = 0; i < 200; i++)
        buf_fmt(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i);
    open_mail x = take(buf_str(&b));
    assert_true(x.n <= OPEN_PARTS_MAX);
    b.n = 0;
    buf_put(&b, S(HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"));
    for (int i = 0; i < 500; i++)
        buf_put(&b, S("--b\r\n\r\nx\r\n"));
    buf_put(&b, S("--b--\r\n"));
    x = take(buf_str(&b));
    assert_int_equal(x.n, OPEN_PARTS_MAX);
    assert_str(x.stopped, "parts");
}

static void nonsense_does_no_harm(void **state)
{
    (void)take(S(""));
    (void)take(S("\xff\xfe\x00\x00"));
    (void)take(S("Subject: =?unknown-set?B?AAAA?=\r\nContent-Type: text/plain; "
                 "charset=nosuch\r\n\r\n\xff\xfe"));
    str s = S(HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n");
    for (size_t n = 0; n < s.n; n++)
        (void)take(str_sub(s, 0, n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_decoded),
        cmocka_unit_test(parts_are_named_typed_and_hashed),
        cmocka_unit_test(pages_are_made_harmless),
        cmocka_unit_test(a_mail_within_a_mail_is_opened),
        cmocka_unit_test(deep_and_wide_ones_stop),
        cmocka_unit_test(nonsense_does_no_harm),
    };
    assert_true(open_begin());
    m = arena_new((size_t)1 << 30);
    int rc = cmocka_run_group_tests_name("mail", tests, NULL, NULL);
    arena_free(m);
    return rc;
}
