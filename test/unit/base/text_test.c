/* text_test.c - catalogue lookup, placeholders, and faults in words in both languages. */
#include "unit/unit.h"

#include "base/text.h"

static void knows_its_languages(void **state)
{
    lang l = LANG_EN;
    assert_true(lang_parse(S("ur-PK"), &l) && l == LANG_UR);
    assert_true(lang_parse(S("EN"), &l) && l == LANG_EN);
    assert_false(lang_parse(S("fr"), &l));
    assert_str(lang_code(LANG_UR), "ur");
}

static void finds_words(void **state)
{
    assert_str(T(LANG_EN, "fault.row"), "row {1}");
    assert_str(T(LANG_UR, "fault.row"), "سطر {1}");
    assert_true(text_has("fault.row"));
    const char *computed = "no.such_key";
    assert_false(text_has(computed));
    assert_str(T(LANG_EN, computed), "no.such_key");
}

static void fills_placeholders(void **state)
{
    assert_str(text_fill(*state, S("{2} before {1}, {4} {1"), S("a"), S("b"), S("")),
            "b before a, {4} {1");
    assert_str(text_fill(*state, S("{1}"), S("{2}"), S("x"), S("")), "{2}");
}

static void says_a_fault_in_one_line(void **state)
{
    err e = ERR1(E_INVALID, "error.json.duplicate_key", S("a\nb"));
    e = err_at_pointer(err_at_row(e, S("in.json"), 3, 9), S("/x"));
    assert_str(fault_text(*state, LANG_EN, e.f),
            "The key a b stands twice in one object. Keep one of them."
            " (in.json, row 3, column 9, /x)");
    str ur = fault_text(*state, LANG_UR, e.f);
    assert_true(str_find(ur, S("سطر 3")) > 0);
    assert_true(str_find(ur, S("\xE2\x81\xA8/x\xE2\x81\xA9")) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(knows_its_languages),
        UNIT(finds_words),
        UNIT(fills_placeholders),
        UNIT(says_a_fault_in_one_line),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
