/* advice_test.c - which row a classification gets, and that every row has its words. */
#include "unit/unit.h"

#include "common/advice/advice.h"

static void rows_by_words_and_type(void **state)
{
    static const struct {
        const char *type, *identifier, *name;
    } cases[] = {
        { "vulnerable-system", "open-rdp", "remote_desktop" },
        { "potentially-unwanted-accessible", "accessible-telnet", "remote_shell" },
        { "vulnerable-system", "open-mongodb", "database" },
        { "vulnerable-system", "dns-open-resolver", "amplifier" },
        { "ddos-amplifier", "something-new", "amplifier" },
        { "weak-crypto", "ssl-poodle", "weak_encryption" },
        { "brute-force", "ssh", "attacks_others" },
        { "infected-system", "android-smb-thing", "infected" },
        { "c2-server", "", "command_server" },
        { "phishing", "", "bad_page" },
        { "vulnerable-system", "cve-2026-12345", "old_software" },
        { "vulnerable-system", "modbus", "industrial" },
        { "undetermined", "", "general" },
        { "", "", "general" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(advice_for(str_of(cases[i].type), str_of(cases[i].identifier))->name,
                cases[i].name);
}

static void words_in_both_languages(void **state)
{
    for (size_t i = 0; i < advice_rows_n; i++) {
        const advice *a = &advice_rows[i];
        assert_true(text_has(a->what_key) && text_has(a->fix_key) && text_has(a->class_key));
        for (int l = 0; l < LANGS; l++) {
            assert_false(str_ends(T((lang)l, a->what_key), S(".")));
            assert_true(str_find_byte(T((lang)l, a->fix_key), '!') < 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(rows_by_words_and_type),
        UNIT(words_in_both_languages) };
    return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
