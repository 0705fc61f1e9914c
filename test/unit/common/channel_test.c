/* channel_test.c - what a channel's messages are made of: the signature of Standard Webhooks over
 * that project's own example, waiting times and Retry-After, telephone numbers, parts of a text
 * message in both alphabets, a gateway's placeholders. Pure. */
#include "unit/unit.h"

#include "base/time.h"
#include "common/outbox/post.h"

/* The example of the standard's own libraries (libraries/javascript/src/webhook.test.ts). */
static void test_signature(void **state)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    str one, two, secret = S("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    str id = S("msg_p5jXN8AQM9LWM0D4loKWxJek"), body = S("{\"test\": 2432232314}");
    assert_ok(post_sign(a, secret, S(""), id, 1614265330, body, &one));
    assert_str(one, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_ok(post_sign(a, channel_secret_new(a), secret, id, 1614265330, body, &two));
    assert_true(str_ends(two, str_cat(a, S(" "), one)));
    assert_int_equal(channel_secret_new(a).n, 6 + 44);
    assert_fails(
            post_sign(a, S("whsec_"), S(""), id, 1, body, &one), E_INVALID, "error.channel.sealed");
    assert_fails(post_sign(a, S("MfKQ9r8G"), S(""), id, 1, body, &one), E_INVALID,
            "error.channel.sealed");
}

static void test_waiting(void **state)
{
    const int64_t s = US_PER_S;
    for (int i = 0; i < 200; i++) {
        int64_t first = post_wait_us(1), second = post_wait_us(2), last = post_wait_us(50);
        assert_true(first >= 5 * s && first <= 6 * s);
        assert_true(second >= 300 * s && second <= 360 * s);
        assert_true(last >= 86400 * s && last <= 103680 * s);
    }
    instant now = { 784111700 * s }; /* 1994-11-06 08:48:20 */
    assert_int_equal(post_retry_after_us(S("120"), now), 120 * s);
    assert_int_equal(post_retry_after_us(S("Sun, 06 Nov 1994 08:49:37 GMT"), now), 77 * s);
    assert_int_equal(post_retry_after_us(S("Sat, 05 Nov 1994 08:49:37 GMT"), now), 0);
    assert_int_equal(post_retry_after_us(S("999999999"), now), 86400 * s);
    static const char *const none[] = { "", "soon", "-5", "1e9", "Sun, 06 Xyz 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 ovD 1994 08:49:37 GMT" };
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_int_equal(post_retry_after_us(str_of(none[i]), now), 0);
}

static void test_numbers(void **state)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    str n;
    assert_true(sms_number(a, S("+92 (300) 555-0100"), &n));
    assert_str(n, "+923005550100");
    assert_true(sms_number(a, S("03005550100"), &n));
    static const char *const bad[] = { "", "+", "12345", "+1234567890123456", "0300x5550100",
        "30+05550100", "+92300;5550100", "+9230055501\n00" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(sms_number(a, str_of(bad[i]), &n));
}

static str repeat(arena *a, const char *what, int n)
{
    buf b = buf_new(a, 1024);
    for (int i = 0; i < n; i++)
        buf_put(&b, str_of(what));
    return buf_str(&b);
}

/* 3GPP TS 23.038 and 23.040: 160 or 153 septets, 70 or 67 UTF-16 units. */
static void test_parts(void **state)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    static const struct {
        const char *what;
        int n, parts;
        bool gsm;
    } cases[] = { { "a", 160, 1, true }, { "a", 161, 2, true }, { "a", 306, 2, true },
        { "a", 307, 3, true }, { "[", 80, 1, true }, { "[", 81, 2, true }, { "€", 80, 1, true },
        { "ä", 160, 1, true }, { "`", 70, 1, false }, { "`", 71, 2, false }, { "ہ", 70, 1, false },
        { "ہ", 71, 2, false }, { "ہ", 134, 2, false }, { "ہ", 135, 3, false },
        { "😀", 35, 1, false }, { "😀", 36, 2, false }, { "", 1, 1, true } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool gsm;
        assert_int_equal(sms_parts(repeat(a, cases[i].what, cases[i].n), &gsm), cases[i].parts);
        assert_int_equal(gsm, cases[i].gsm);
    }
}

static void test_gateway(void **state)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    sms_options o = { .url = S("https://gw.example/send"),
        .type = S("application/json"),
        .body = S("{\"to\":\"{number}\",\"text\":\"{text}\",\"x\":\"{other}\"}"),
        .good = S("\"ok\": *true"),
        .token = S("t") };
    fetch_job j = sms_job(a, &o, S("+92"), S("a \"b\" {number}\n"));
    assert_str(j.body, "{\"to\":\"+92\",\"text\":\"a \\\"b\\\" {number}\\n\",\"x\":\"{other}\"}");
    assert_str(j.headers[0], "Authorization: Bearer t");
    assert_true(sms_is_good(&o, S("{\"ok\":  true}")));
    assert_false(sms_is_good(&o, S("{\"ok\": false}")));
    o.type = S("application/x-www-form-urlencoded");
    o.body = S("to={number}&t={text}");
    assert_str(sms_job(a, &o, S("+92"), S("a&to=1 ہ")).body, "to=%2B92&t=a%26to%3D1%20%DB%81");
    o = (sms_options){ .url = S("https://gw.example/s?n={number}&t={text}"), .get = true };
    j = sms_job(a, &o, S("+92"), S("a&b"));
    assert_str(j.url, "https://gw.example/s?n=%2B92&t=a%26b");
    assert_int_equal(j.method, FETCH_GET);
    assert_true(sms_is_good(&o, S("anything")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signature),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_gateway),
    };
    return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
