/* findings_test.c - promote: idempotent by key, counts repeats without entries, reopens what was
 * answered, and leaves every version that the ledger speaks of to be verified. On both stores. */
#include "unit/unit.h"

#include "access/record.h"
#include "gen/records/finding.h"
#include "ledger/ledger.h"
#include "support/nation.h"

static const finding_handle *read_finding(txn *t, int64_t row)
{
    const finding_handle *h;
    viewer sys;
    assert_ok(viewer_system(t, &sys));
    assert_ok(finding_read_row(t, &sys, row, &h));
    return h;
}

static void verified(nation *n)
{
    CLEANUP(txn_end_p) txn *t = nation_read(n);
    ledger_proof proof;
    int64_t checked;
    assert_ok(record_verify(t, NULL, NULL, &checked));
    assert_true(checked > 0);
    assert_ok(ledger_verify(n->ts->s, NULL, NULL, &proof));
}

static void repeats_are_counted(void **state)
{
    nation *n = *state;
    int64_t org = nation_org(n, "interior", "en");
    promote_item two[2] = { nation_item(org, "vulnerable-system", "open-rdp", SEVERITY_MEDIUM, 1),
        nation_item(org, "vulnerable-system", "open-rdp", SEVERITY_MEDIUM, 2) };
    nation_promote(n, two, 2);
    int64_t entries = ledger_head_now(n->r.ledger).size;
    two[0].last_seen.us += US_PER_DAY;
    two[0].count = 5;
    two[0].severity = SEVERITY_HIGH;
    nation_promote(n, two, 1);
    nation_promote(n, two, 1);
    assert_int_equal(ledger_head_now(n->r.ledger).size, entries);
    {
        CLEANUP(txn_end_p) txn *t = nation_read(n);
        const finding_handle *h = read_finding(t, 1);
        assert_int_equal(h->now.seen, 11);
        assert_int_equal(h->now.severity, SEVERITY_HIGH);
        assert_int_equal(h->now.last_seen.us, two[0].last_seen.us);
        assert_int_equal(h->version, 3);
        assert_int_equal(h->owner, org);
        assert_int_equal(read_finding(t, 2)->now.seen, 1);
    }
    verified(n);
}

static void within_one_batch(void **state)
{
    nation *n = *state;
    int64_t org = nation_org(n, "finance", "en");
    promote_item same[3];
    for (int i = 0; i < 3; i++)
        same[i] = nation_item(org, "vulnerable-system", "open-smb", SEVERITY_LOW, 7);
    nation_promote(n, same, 3);
    CLEANUP(txn_end_p) txn *t = nation_read(n);
    assert_int_equal(read_finding(t, 1)->now.seen, 3);
}

static void nobodys_is_the_sites(void **state)
{
    nation *n = *state;
    promote_item i = nation_item(0, "scanner", "", SEVERITY_UNKNOWN, 9);
    i.port = -1;
    i.asn = 0;
    nation_promote(n, &i, 1);
    CLEANUP(txn_end_p) txn *t = nation_read(n);
    const finding_handle *h = read_finding(t, 1);
    assert_int_equal(h->owner, n->r.site_org);
    assert_false(h->now.has_port || h->now.has_asn || h->now.has_notice);
    assert_null(h->now.fqdn.p);
}

typedef struct {
    nation *n;
    int64_t person;
    const char *answer;
} answering;

static err answer(txn *t, void *ctx)
{
    answering *x = ctx;
    const finding_handle *h;
    viewer v = nation_viewer(x->n, t, x->person);
    TRY(finding_hold_row(t, &v, 1, &h));
    finding_draft d = h->now;
    d.state = str_of(x->answer);
    d.answered = txn_now(t);
    d.answered_by = x->person;
    d.has_answered_by = true;
    return finding_save(t, &v, h, &d, LEDGER_finding_answered);
}

static void answered_and_seen(void **state, const char *said, const char *then)
{
    nation *n = *state;
    int64_t org = nation_org(n, "health", "en");
    int64_t who = nation_person(n, org, "focal@health.example", "en", "focal", "active");
    promote_item i = nation_item(org, "vulnerable-system", "open-vnc", SEVERITY_HIGH, 3);
    nation_promote(n, &i, 1);
    assert_ok(store_write(n->ts->s, answer, &(answering){ n, who, said }));
    nation_promote(n, &i, 1); /* seen before it was answered: the answer stands */
    {
        CLEANUP(txn_end_p) txn *t = nation_read(n);
        assert_str(read_finding(t, 1)->now.state, said);
    }
    nation_pass(n, 3600);
    i.last_seen = clock_now(&n->ts->clock);
    nation_promote(n, &i, 1);
    {
        CLEANUP(txn_end_p) txn *t = nation_read(n);
        const finding_handle *h = read_finding(t, 1);
        assert_str(h->now.state, then);
        assert_int_equal(h->now.seen, 3);
    }
    verified(n);
}

static void fixed_comes_back(void **state)
{
    answered_and_seen(state, "fixed", "open");
}

static void not_mine_stands(void **state)
{
    answered_and_seen(state, "not_mine", "not_mine");
}

static int setup_sqlite(void **state)
{
    return (*state = nation_new(false, REALM_LIVE)) == NULL;
}

static int setup_pg(void **state)
{
    return (*state = nation_new(true, REALM_LIVE)) == NULL;
}

static int teardown(void **state)
{
    nation_free(*state);
    return 0;
}

#define BOTH(fn)                                                                                   \
    { #fn " sqlite", fn, setup_sqlite, teardown, NULL },                                           \
    {                                                                                              \
#fn " postgresql", fn, setup_pg, teardown, NULL                                            \
    }

int main(void)
{
    const struct CMUnitTest tests[] = { BOTH(repeats_are_counted), BOTH(within_one_batch),
        BOTH(nobodys_is_the_sites), BOTH(fixed_comes_back), BOTH(not_mine_stands) };
    if (!stores_have_pg()) return 77;
    int result = cmocka_run_group_tests_name("findings", tests, NULL, NULL);
    stores_over();
    return result;
}
