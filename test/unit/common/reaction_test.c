/* reaction_test.c - reactions: each entry once, also across restarts; what fails is retried, then
 * parked in sight while the rest goes on; chains without end are refused. On both stores. */
#include "unit/unit.h"

#include "access/site.h"
#include "base/time.h"
#include "common/reaction/reaction.h"
#include "gen/common/reaction/queries.h"
#include "support/nation.h"

enum { SETTLE_MS = 20000 };
static const reactions_options quick = { .wait_us = { 1000, 2000, 3000 } };

/* Remembers the numbers that it acted on; fails for one of them, or for all for a while. */
typedef struct {
    int64_t got[2000];
    size_t n, calls;
    int64_t bad;      /* the subject's row in the batch that always fails: entry number, 0 none */
    int failures;     /* so many calls fail first */
    ledger_type also; /* an entry that is written too */
} memory;

static err remember(txn *t, const realm *r, void *ctx, const ledger_item *e, size_t n)
{
    memory *m = ctx;
    size_t kept = m->n;
    m->calls++;
    for (size_t i = 0; i < n; i++) {
        m->got[m->n++] = e[i].number;
        if (e[i].number != m->bad && m->failures == 0) continue;
        if (m->failures > 0) m->failures--;
        m->n = kept;
        return ERR1(E_INVALID, "error.access.absent", S("finding"));
    }
    if (!m->also) return OK;
    return ledger_append(
            t, &(ledger_draft){ .type = m->also, .owner = r->site_org, .audience = 3 });
}

static const ledger_type opened[] = { LEDGER_finding_opened };
static const ledger_type written[] = { LEDGER_notice_written };

static reaction_def def_of(memory *m)
{
    return (reaction_def){
        .name = "test.remember", .on = opened, .n_on = 1, .fn = remember, .ctx = m
    };
}

static void open_findings(nation *n, int64_t org, uint32_t from, uint32_t count)
{
    for (uint32_t i = from; i < from + count; i++) {
        promote_item item = nation_item(org, "vulnerable-system", "open-rdp", SEVERITY_LOW, i);
        nation_promote(n, &item, 1);
    }
}

static void each_once(const memory *m, size_t n)
{
    assert_int_equal(m->n, n);
    for (size_t i = 1; i < n; i++)
        assert_true(m->got[i] > m->got[i - 1]);
}

static int64_t parked(nation *n)
{
    CLEANUP(txn_end_p) txn *t = nation_read(n);
    parked_count_row *p;
    assert_ok(parked_count(t, txn_arena(t), &p));
    return p->n;
}

static void once_across_restarts(void **state)
{
    nation *n = *state;
    memory m = { 0 };
    reaction_def d = def_of(&m);
    reactions *x;
    int64_t org = nation_org(n, "interior", "en");
    open_findings(n, org, 0, 100);
    assert_ok(reactions_start(&n->r, &d, 1, &quick, &x));
    assert_true(reactions_settle(x, SETTLE_MS));
    reactions_stop(x);
    each_once(&m, 100);
    nation_reopen(n);
    open_findings(n, org, 100, 40);
    assert_ok(reactions_start(&n->r, &d, 1, &quick, &x));
    assert_true(reactions_settle(x, SETTLE_MS));
    open_findings(n, org, 140, 10);
    assert_true(reactions_settle(x, SETTLE_MS));
    reactions_stop(x);
    each_once(&m, 150);
    assert_int_equal(parked(n), 0);
}

static void passing_trouble(void **state)
{
    nation *n = *state;
    memory m = { .failures = 3 };
    reaction_def d = def_of(&m);
    reactions *x;
    open_findings(n, nation_org(n, "interior", "en"), 0, 20);
    assert_ok(reactions_start(&n->r, &d, 1, &quick, &x));
    assert_true(reactions_settle(x, SETTLE_MS));
    reactions_stop(x);
    each_once(&m, 20);
    assert_int_equal(parked(n), 0);
}

static void bad_one_is_parked(void **state)
{
    nation *n = *state;
    memory m = { 0 };
    reaction_def d = def_of(&m);
    reactions *x;
    int64_t org = nation_org(n, "interior", "en"), before = ledger_head_now(n->r.ledger).size;
    m.bad = before + 5;
    open_findings(n, org, 0, 20);
    assert_ok(reactions_start(&n->r, &d, 1, &quick, &x));
    assert_true(reactions_settle(x, SETTLE_MS));
    reactions_stop(x);
    each_once(&m, 19);
    assert_int_equal(parked(n), 1);
    assert_int_equal(ledger_head_now(n->r.ledger).size, before + 21); /* reaction.parked */
    assert_true(m.calls >= 1 + 4); /* in its batch, then four times alone */
}

static void undeclared_is_refused(void **state)
{
    nation *n = *state;
    memory m = { .also = LEDGER_notice_written };
    reaction_def d = def_of(&m);
    reactions *x;
    open_findings(n, nation_org(n, "interior", "en"), 0, 1);
    assert_ok(reactions_start(&n->r, &d, 1, &quick, &x));
    assert_true(reactions_settle(x, SETTLE_MS));
    reactions_stop(x);
    assert_int_equal(parked(n), 1);
}

static void circles_are_refused(void **state)
{
    nation *n = *state;
    reactions *x;
    reaction_def circle[2] = {
        { .name = "a", .on = opened, .n_on = 1, .writes = written, .n_writes = 1 },
        { .name = "b", .on = written, .n_on = 1, .writes = opened, .n_writes = 1 }
    };
    assert_fails(reactions_start(&n->r, circle, 2, NULL, &x), E_CONFIG, "error.reaction.depth");
    circle[0].writes = opened;
    assert_fails(reactions_start(&n->r, circle, 1, NULL, &x), E_CONFIG, "error.reaction.depth");
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
    const struct CMUnitTest tests[] = { BOTH(once_across_restarts), BOTH(passing_trouble),
        BOTH(bad_one_is_parked), BOTH(undeclared_is_refused), BOTH(circles_are_refused) };
    if (!stores_have_pg()) return 77;
    int result = cmocka_run_group_tests_name("reaction", tests, NULL, NULL);
    stores_over();
    return result;
}
