/* words_test.c - an Urdu word and its usual Roman spellings meet; English words stay what they are;
 * values are one piece. Real names of Pakistan's bodies and places. What is missed is told too. */
#include "unit/unit.h"

#include "engine/words/words.h"

static bool finds(arena *a, const char *asked, const char *kept, bool typing)
{
    buf out = buf_new(a, 256);
    words_group *g;
    words_index(a, str_of(kept), &out);
    size_t n = words_ask(a, str_of(asked), typing, &g);
    return words_match(g, n, buf_str(&out));
}

typedef struct {
    const char *urdu, *roman;
} pair;

/* want: found from both sides; else not from both. */
static void check_pairs(const pair *p, size_t n, bool want)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 26);
    size_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        bool there = finds(a, p[i].roman, p[i].urdu, false),
             back = finds(a, p[i].urdu, p[i].roman, false);
        if ((there && back) == want) continue;
        print_error("%s - %s: %d, %d\n", p[i].urdu, p[i].roman, there, back);
        bad++;
    }
    assert_int_equal(bad, 0);
}

static void urdu_meets_its_roman_spellings(void **state)
{
    static const pair pairs[] = {
        { "وزارت صحت", "Wazarat-e-Sehat" },
        { "وزارت صحت", "Wizarat e Sehhat" },
        { "وزارتِ خزانہ", "Wazarat-i-Khazana" },
        { "وزارت داخلہ", "wizarat dakhla" },
        { "وزارت خارجہ", "Wazarat Kharja" },
        { "وزارت تعلیم", "wazarat taleem" },
        { "وزارت تعلیم", "Wizarat-e-Talim" },
        { "محکمہ موسمیات", "Mahkama Mosamiyat" },
        { "محکمہ پولیس", "mehkma police" },
        { "قومی اسمبلی", "Qaumi Assembly" },
        { "قومی اسمبلی", "qomi asambly" },
        { "پاکستان", "Pakistan" },
        { "پنجاب", "Punjab" },
        { "پنجاب", "Panjab" },
        { "سندھ", "Sindh" },
        { "سندھ", "Sind" },
        { "بلوچستان", "Balochistan" },
        { "بلوچستان", "Baluchistan" },
        { "خیبر پختونخوا", "Khyber Pakhtunkhwa" },
        { "گلگت بلتستان", "Gilgit Baltistan" },
        { "اسلام آباد", "Islamabad" },
        { "اسلام آباد", "Islam Abad" },
        { "لاہور", "Lahore" },
        { "کراچی", "Karachi" },
        { "کراچی", "Krachi" },
        { "پشاور", "Peshawar" },
        { "کوئٹہ", "Quetta" },
        { "ملتان", "Multan" },
        { "فیصل آباد", "Faisalabad" },
        { "حیدرآباد", "Hyderabad" },
        { "سوات", "Swat" },
        { "نوشہرہ", "Nowshera" },
        { "ہسپتال", "Hospital" },
        { "یونیورسٹی", "University" },
        { "بینک", "Bank" },
        { "بینک دولت پاکستان", "bank daulat Pakistan" },
        { "ٹیلی کام", "telecom" },
        { "کارپوریشن", "Corporation" },
        { "کمیشن", "Commission" },
        { "نیشنل", "National" },
        { "اتھارٹی", "Authority" },
        { "سائبر سیکیورٹی", "Cyber Security" },
        { "ایجنسی", "Agency" },
        { "الیکشن کمیشن", "Election Commission" },
        { "بیت المال", "Bait-ul-Mal" },
        { "بجلی", "bijli" },
        { "آب پاشی", "aabpashi" },
        { "محمد احمد", "Muhammad Ahmed" },
        { "محمد احمد", "Mohammad Ahmad" },
        { "عبدالرحمن", "Abdul Rehman" },
        { "عبدالرحمٰن", "Abdur Rahman" },
        { "فاطمہ", "Fatima" },
        { "عائشہ", "Ayesha" },
        { "حسین", "Hussain" },
        { "حسین", "Husein" },
        { "خان", "Khan" },
        { "شاہ", "Shah" },
        { "اقبال", "Iqbal" },
        { "بھٹو", "Bhutto" },
        { "صدیقی", "Siddiqui" },
        { "قریشی", "Qureshi" },
        { "یوسف", "Yousuf" },
        { "وقاص", "Waqas" },
        { "ظفر", "Zafar" },
        { "ذوالفقار", "Zulfiqar" },
    };
    (void)state;
    check_pairs(pairs, ARRAY_LEN(pairs), true);
}

/* What the engine does not find. A pair that begins to be found moves up. */
static void misses_are_known(void **state)
{
    static const pair pairs[] = {
        { "زکوٰۃ", "Zakat" },       /* the round te is heard as t */
        { "جامعہ", "University" }, /* another word for the same thing */
        { "شہباز", "Shahbaz" },    /* a he after sheen is taken for a silent one */
    };
    (void)state;
    check_pairs(pairs, ARRAY_LEN(pairs), false);
}

static void other_words_stay_apart(void **state)
{
    static const pair pairs[] = {
        { "وزارت صحت", "Wazarat-e-Khazana" },
        { "لاہور", "Karachi" },
        { "پنجاب", "Sindh" },
        { "بینک", "Bunker" },
        { "خان", "Khalid" },
        { "پولیس", "Power" },
    };
    (void)state;
    check_pairs(pairs, ARRAY_LEN(pairs), false);
}

static void one_script_with_itself(void **state)
{
    static const struct {
        const char *asked, *kept;
        bool typing, want;
    } rows[] = {
        { "Wazarat Sehat", "Wizarat-e-Sehhat", false, true }, /* two Roman spellings */
        { "وزارتِ صِحّت", "وزارت صحت", false, true },            /* marks are dropped */
        { "وزارت صحت", "وزارة صحت", false, false },
        { "كراچي", "کراچی", false, true }, /* an Arabic keyboard */
        { "۱۲۳", "123", false, true },     /* digits of any script */
        { "٤٥", "45", false, true },
        { "پاک‌ستان", "پاکستان", false, true }, /* a zero-width non-joiner */
        { "bank", "bunk", false, false },                /* English words stay what they are */
        { "health", "hilt", false, false },
        { "hea", "Health", true, true }, /* the last word may go on */
        { "hea", "Health", false, false },
        { "hea min", "Ministry of Health", true, false }, /* only the last */
        { "ministry hea", "Ministry of Health", true, true },
        { "waza", "وزارت صحت", true, false }, /* two sounds are too few to go on with */
        { "wazar", "وزارت صحت", true, true },
        { "صح", "وزارت صحت", true, false }, /* two letters are too few to go on with */
        { "وزا", "وزارت صحت", true, true },
        { "MINISTRY", "ministry", false, true },
        { "Ministry of Health", "health ministry", false,
                true }, /* in any order; of is not asked */
        { "of", "Ministry of Health", false, true },
        { "of", "Ministry", false, false },
        { "CVE-2024-1234", "see CVE-2024-1234.", false, true },
        { "192.0.2.7", "at 192.0.2.7:", false, true },
        { "192.0.2.7", "at 192.0.2.77", false, false },
        { "192.0.2.", "at 192.0.2.77", true, true },
        { "192.0", "at 192.0.2.77", true, true },
        { "(192.0.2.7),", "at 192.0.2.7:8443", false, true },
        /* its numbers here and there are not the address */
        { "198.18.4.10", "198.18.64.20, seen at 10:01, answer by 4 December", false, false },
        { "198.18.4.10", "198.18.64.20, seen at 10:01, answer by 4 December", true, false },
        { "2001:db8::1", "2001:DB8::1", false, true },
        { "2001:db8::1", "of 2001, db8 has 1", false, false },
        { "CVE-2024-1234", "CVE-2023-1234 of March 2024", false, false },
        { "2024-11", "report-2024-11.pdf", false, true }, /* what may be a part goes by its words */
        { "covid-19", "Covid 19", false, true },
        { "health.gov.pk", "mail.health.gov.pk", false, true },
        { "N-2026-000123", "N-2026-000123", false, true },
    };
    (void)state;
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 26);
    size_t bad = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (finds(a, rows[i].asked, rows[i].kept, rows[i].typing) == rows[i].want) continue;
        print_error("%s in %s\n", rows[i].asked, rows[i].kept);
        bad++;
    }
    assert_int_equal(bad, 0);
}

static void values_are_one_piece(void **state)
{
    static const char *rows[][2] = {
        { "192.0.2.7", "192_0_2_7" },
        { "mail.health.gov.pk", "mail_health_gov_pk health_gov_pk gov_pk" },
        { "https://a.b.example/x?y", "https___a_b_example_x_y a_b_example b_example" },
        { "someone@mail.example.org", "someone_mail_example_org mail_example_org example_org" },
        { "2001:DB8::1", "2001_db8__1" },
        { "AS64500", "as64500" },
        { "192.0.2.7:8443", "192_0_2_7_8443 192_0_2_7" },
        { "--", "" },
    };
    (void)state;
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 24);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        buf out = buf_new(a, 64);
        words_index_value(a, str_of(rows[i][0]), &out);
        assert_str(buf_str(&out), rows[i][1]);
    }
}

static void nothing_is_asked_by_marks(void **state)
{
    (void)state;
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 24);
    words_group *g;
    assert_int_equal(words_ask(a, S(" ... ؟ !"), true, &g), 0);
    assert_int_equal(words_ask(a, S(""), true, &g), 0);
    assert_int_equal(words_ask(a, S("a b c d e f g h i j k l m"), true, &g), WORDS_ASKED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urdu_meets_its_roman_spellings),
        cmocka_unit_test(misses_are_known),
        cmocka_unit_test(other_words_stay_apart),
        cmocka_unit_test(one_script_with_itself),
        cmocka_unit_test(values_are_one_piece),
        cmocka_unit_test(nothing_is_asked_by_marks),
    };
    return cmocka_run_group_tests_name("engine words", tests, NULL, NULL);
}
