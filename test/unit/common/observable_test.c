/* observable_test.c - what people paste, and how names are folded for search. */
#include "unit/unit.h"

#include "common/observable/observable.h"
#include "engine/fold/fold.h"

static void each_kind_in_one_form(void **state)
{
    static const struct {
        const char *text, *value;
        observable_kind kind;
    } rows[] = {
        { " 192.0.2.1 ", "192.0.2.1", OBSERVABLE_IP },
        { "192[.]0[.]2[.]1", "192.0.2.1", OBSERVABLE_IP },
        { "2001:DB8::0:1", "2001:db8::1", OBSERVABLE_IP },
        { "198.18.1.2/15", "198.18.0.0/15", OBSERVABLE_CIDR },
        { "as 64500", "AS64500", OBSERVABLE_ASN },
        { "*.Shop.EXAMPLE.", "shop.example", OBSERVABLE_DOMAIN },
        { "bad(dot)example", "bad.example", OBSERVABLE_DOMAIN },
        { "hxxp://BAD[.]example:80/a/../b", "http://bad.example/b", OBSERVABLE_URL },
        { "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e", OBSERVABLE_MD5 },
        { "Someone[at]Bank.Example", "someone@bank.example", OBSERVABLE_EMAIL },
        { "cve-2099-41207", "CVE-2099-41207", OBSERVABLE_CVE },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        observable o;
        assert_ok(observable_recognise(*state, str_of(rows[i].text), &o));
        assert_int_equal(o.kind, rows[i].kind);
        assert_str(o.value, rows[i].value);
    }
}

static void none_of_them(void **state)
{
    static const char *const rows[] = { "", "hello", "300.1.1.1", "AS0", "192.0.2.1/33", "@example",
        "..", "zz41d8cd98f00b204e9800998ecf8427e x" };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        observable o;
        assert_fails(observable_recognise(*state, str_of(rows[i]), &o), E_INVALID,
                "error.observable.unknown");
    }
}

/* Pairs that a person at a keyboard means as the same. */
static void folded_alike(void **state)
{
    static const char *const pairs[][2] = { { "Ministry of  FINANCE", "ministry of finance" },
        { "وزارتِ خزانہ", "وزارت خزانه" }, { "علي", "علی" }, { "كوہ", "کوہ" },
        { "E-Mail", "e mail" }, { "Café", "cafe" }, { "۱۲۳", "123" }, { "آب بینک", "اب بینک" } };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        str a = fold_text(*state, str_of(pairs[i][0])), b = fold_text(*state, str_of(pairs[i][1]));
        if (!str_eq(a, b)) fail_msg("\"%s\" and \"%s\" fold apart", pairs[i][0], pairs[i][1]);
    }
    assert_str(fold_text(*state, S(" -- ")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(each_kind_in_one_form), UNIT(none_of_them),
        UNIT(folded_alike) };
    return cmocka_run_group_tests_name("observable", tests, NULL, NULL);
}
