/* vuln_test.c - the catalogue and the scores: what is in them is found, every bad row is told with
 * its place, and one is enough that nothing is taken. */
#include "flow/vuln.h"
#include "unit.h"

#include <stdlib.h>

#define ROW(cve, added, due)                                                                       \
    "{\"cveID\":\"" cve                                                                            \
    "\",\"vendorProject\":\"V\",\"product\":\"P\",\"vulnerabilityName\":\"N\","                    \
    "\"dateAdded\":\"" added "\",\"requiredAction\":\"A\",\"dueDate\":\"" due                      \
    "\",\"knownRansomwareCampaignUse\":\"Known\"}"
#define KEV(n, rows)                                                                               \
    "{\"catalogVersion\":\"2099.03.01\",\"dateReleased\":\"2099-03-01T00:00:00Z\",\"count\":" n    \
    ",\n\"vulnerabilities\":[\n" rows "]}"
#define EPSS(rows)                                                                                 \
    "#model_version:v1,score_date:2099-03-02T00:00:00+0000\ncve,epss,percentile\n" rows

typedef struct {
    size_t n;
    int64_t row[8];
    char pointer[8][64], key[8][64];
} heard;

static void hear(void *ctx, err e)
{
    heard *h = ctx;
    assert_true(h->n < 8);
    h->row[h->n] = e.f->row;
    snprintf(h->pointer[h->n], 64, "%.*s", STR_ARG(e.f->pointer));
    snprintf(h->key[h->n++], 64, "%s", e.f->key);
}

static void what_is_in_them_is_found(void **state)
{
    vuln *v = vuln_new();
    vuln_facts f;
    (void)state;
    assert_ok(vuln_add_kev(v,
            S(KEV("2", ROW("CVE-2099-12345678", "2099-01-02", "2099-02-28") ",\n" ROW(
                               "CVE-1999-0001", "2024-02-29", "2024-03-01"))),
            S("kev.json"), NULL, NULL, &f));
    assert_str(f.version, "2099.03.01");
    assert_int_equal(f.rows, 2);
    assert_ok(vuln_add_epss(v, S(EPSS("CVE-2099-12345678,0.97,0.999\nCVE-2000-0002,1e-05,0\n")),
            S("e"), NULL, NULL, &f));
    vuln_answer x = vuln_find(v, S("CVE-2099-12345678"));
    assert_true(x.exploited && x.ransomware && x.scored && x.epss > 0.969 && x.epss < 0.971);
    assert_str(x.vendor, "V");
    assert_true(vuln_find(v, S("CVE-1999-0001")).exploited);
    assert_false(vuln_find(v, S("CVE-1999-0001")).scored);
    assert_true(vuln_find(v, S("CVE-2000-0002")).scored);
    assert_false(vuln_find(v, S("CVE-2000-0003")).scored);
    assert_false(vuln_find(v, S("nonsense")).scored);
    assert_false(vuln_find(NULL, S("CVE-2000-0002")).scored);
    vuln_release(v);
}

static void every_bad_row_is_told(void **state)
{
    vuln *v = vuln_new();
    vuln_facts f;
    heard h = { 0 };
    (void)state;
    err e = vuln_add_kev(v,
            S(KEV("4",
                    ROW("CVE-2099-0001", "2099-01-02", "2099-02-29") ",\n" ROW("cve-2099-0002",
                            "2099-01-02", "2099-02-28") ",\n" ROW("CVE-2099-0003", "2099-01-02",
                            "2099-02-28") ",\n" ROW("CVE-2099-0003", "2099-01-02", "2099-02-28"))),
            S("kev.json"), hear, &h, &f);
    assert_fails(e, E_INVALID, "error.vuln.member");
    assert_int_equal(e.f->row, 3);
    assert_int_equal(h.n, 3);
    assert_string_equal(h.pointer[0], "/vulnerabilities/0/dueDate");
    assert_string_equal(h.pointer[1], "/vulnerabilities/1/cveID");
    assert_string_equal(h.key[2], "error.vuln.twice");
    assert_int_equal(f.bad, 3);
    h.n = 0;
    e = vuln_add_epss(v,
            S(EPSS("CVE-2099-0001,0.1,0.2\nCVE-2099-0002,1.1,0.2\n\nCVE-99,0,0\n"
                   "CVE-2099-0003,0.1\nCVE-2099-0004,0.1,nan\nCVE-2099-0005,0.1,0.2,3")),
            S("e.csv"), hear, &h, &f);
    assert_fails(e, E_INVALID, "error.vuln.member");
    assert_int_equal(h.n, 6);
    assert_int_equal(h.row[0], 4);
    assert_string_equal(h.pointer[0], "epss");
    assert_int_equal(h.row[5], 9);
    assert_false(vuln_find(v, S("CVE-2099-0001")).scored);
    vuln_release(v);
}

static void what_is_another_file_is_refused(void **state)
{
    static const char *const bad[] = { "", "{}", "[]",
        KEV("2", ROW("CVE-2099-0001", "2099-01-02", "2099-02-28")), KEV("0", ""),
        "cve,epss,percentile\nCVE-2099-0001,0.1,0.2\n", EPSS("") };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        vuln *v = vuln_new();
        vuln_facts f;
        assert_true(failed(vuln_add_kev(v, str_of(bad[i]), S("x"), NULL, NULL, &f)));
        assert_true(failed(vuln_add_epss(v, str_of(bad[i]), S("x"), NULL, NULL, &f)));
        vuln_release(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(what_is_in_them_is_found), UNIT(every_bad_row_is_told),
        UNIT(what_is_another_file_is_refused) };
    return cmocka_run_group_tests_name("flow vuln", tests, NULL, NULL);
}
