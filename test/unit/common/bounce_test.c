/* bounce_test.c - tags of envelope senders, made and found again, forged ones not; reports of
 * delivery as programs write them; what a code means for a person. */
#include "unit/unit.h"

#include "common/outbox/bounce.h"

static arena *m;
static const uint8_t key[VERP_KEY] = { 1, 2, 3 }, other[VERP_KEY] = { 4 };
#define ADDRESS S("bounces@cert.example")

static bool finds(const uint8_t k[VERP_KEY], str text, int64_t *row)
{
    verp_kind kind;
    return verp_find(k, ADDRESS, text, &kind, row) && kind == VERP_DELIVERY;
}

static void a_tag_is_found_again(void **state)
{
    (void)state;
    int64_t row;
    str s = verp_make(m, key, ADDRESS, VERP_DELIVERY, 123456789012);
    assert_true(str_starts(s, S("bounces+d123456789012-")) && str_ends(s, S("@cert.example")));
    assert_true(str_find_byte(s, '@') <= 64); /* RFC 5321, section 4.5.3.1.1 */
    assert_true(finds(key, str_fmt(m, "\"x\" <y@z.example>, <%.*s>", STR_ARG(s)), &row));
    assert_int_equal(row, 123456789012);
    buf b = buf_new(m, s.n);
    for (size_t i = 0; i < s.n; i++)
        buf_byte(&b, s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 32) : s.p[i]);
    assert_true(finds(key, buf_str(&b), &row));
}

static void a_forged_tag_is_not(void **state)
{
    (void)state;
    int64_t row;
    str s = verp_make(m, key, ADDRESS, VERP_DELIVERY, 7);
    assert_false(finds(other, s, &row));
    for (size_t i = S("bounces+").n; i < (size_t)str_find_byte(s, '@'); i++) {
        str x = str_copy(m, s);
        ((char *)(uintptr_t)x.p)[i] ^= 1;
        assert_false(finds(key, x, &row));
    }
    for (size_t n = 0; n < (size_t)str_find_byte(s, '@'); n++)
        assert_false(finds(key, str_sub(s, 0, n), &row));
    assert_false(finds(key, S("bounces+d-1-00000000000000000000@cert.example"), &row));
}

static open_report read(const char *text)
{
    open_report r = { 0 };
    open_report_read(m, str_of(text), &r);
    return r;
}

static void reports(void **state)
{
    (void)state;
    open_report r =
            read("Reporting-MTA: dns; a.example\r\n\r\nFinal-Recipient: rfc822; x@y.example\r\n"
                 "ACTION:  Failed \r\nStatus: 5.1.1 (bad address)\r\n"
                 "Diagnostic-Code: smtp; 550 5.1.1\r\n  no such user\r\n\r\n");
    assert_str(r.action, "failed");
    assert_str(r.status, "5.1.1");
    assert_str(r.words, "550 5.1.1 no such user");
    r = read("x: y\n\nAction: delayed\nStatus: 4.4.1\n\nAction: failed\nStatus: 5.2.2\n\nAction: "
             "failed\nStatus: 5.7.1\n");
    assert_str(r.status, "5.2.2");
    assert_str(read("Action: failed\n").action, "");
    assert_str(read("Action: failed\nStatus: 6.1.1\n").action, "");
    assert_str(read("Action: failed\nStatus: 5.1\n").action, "");
    assert_str(read("Action: exploded\nStatus: 5.1.1\n").action, "");
    assert_str(read("").action, "");
}

static void reasons(void **state)
{
    (void)state;
    assert_str(bounce_reason(S("5.1.1")), "address");
    assert_str(bounce_reason(S("5.2.2 552 full")), "full");
    assert_str(bounce_reason(S("5.2.1")), "address");
    assert_str(bounce_reason(S("4.4.1")), "server");
    assert_str(bounce_reason(S("5.7.26")), "policy");
    assert_str(bounce_reason(S("5.3.4")), "size");
    assert_str(bounce_reason(S("5.0.0")), "other");
    assert_str(bounce_reason(S("")), "other");
}

int main(void)
{
    m = arena_new(8 << 20);
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_tag_is_found_again),
        cmocka_unit_test(a_forged_tag_is_not), cmocka_unit_test(reports),
        cmocka_unit_test(reasons) };
    int bad = cmocka_run_group_tests_name("bounce", tests, NULL, NULL);
    arena_free(m);
    return bad;
}
