/* see_test.c - who sees what: the see clause on both engines, and its twin in C, against a third
 * telling of the model that is as naive as can be, over random worlds of organisations, groups,
 * providers, audiences of every label, parents and broken glass. */
#include "unit/unit.h"

#include "access/audience.h"
#include "gen/records/delivery.h"
#include "gen/records/indicator.h"
#include "gen/records/notice.h"
#include "support/stores.h"

enum { ORGS = 5, PEOPLE = 8, GROUPS = 3, AUDIENCES = 24, RECORDS = 60, GLASSES = 40, WORLDS = 6 };

/* ---- a world, as plain arrays ---- */

typedef struct {
    int label, grp; /* grp: index + 1, 0 none */
    bool named[PEOPLE];
    int64_t row;
} audience;
typedef struct {
    int aud, owner, author; /* owner: organisation 1.. ; author: person 1.., 0 the system */
    int64_t not_before;
    int parent; /* index, -1 none */
    int64_t row;
    id128 id; /* of deliveries */
} thing;
typedef struct {
    int kind, record, person, approver_1, approver_2; /* kind: 0 indicator, 1 notice, 2 delivery */
    int64_t until;
} grant;
typedef struct {
    unsigned seed;
    int64_t now;
    int provider[ORGS + 1];
    bool community[ORGS + 1];
    int org_of[PEOPLE + 1];
    bool member[GROUPS][ORGS + 1];
    int64_t group_row[GROUPS];
    audience aud[AUDIENCES];
    thing thing[3][RECORDS];
    grant glass[GLASSES];
} world;

static int pick(world *w, int n)
{
    w->seed = w->seed * 1103515245u + 12345u;
    return (int)((w->seed >> 16) % (unsigned)n);
}

static void invent_audience(world *w, audience *a)
{
    a->label = pick(w, 5);
    if (a->label == 2 || a->label == 3) a->grp = pick(w, GROUPS + 1);
    for (int p = 0; p < PEOPLE && a->label == 4; p++)
        a->named[p] = pick(w, 4) == 0;
}

static void invent_thing(world *w, int kind, thing *x)
{
    x->aud = pick(w, AUDIENCES);
    x->owner = 1 + pick(w, ORGS);
    x->author = pick(w, PEOPLE + 1);
    x->not_before = pick(w, 6) ? 0 : w->now + (pick(w, 3) - 1) * US_PER_S;
    x->parent = kind == 2 ? pick(w, RECORDS) : -1;
}

static void invent(world *w)
{
    for (int o = 1; o <= ORGS; o++) {
        w->provider[o] = pick(w, 2) ? 1 + pick(w, ORGS) : 0;
        w->community[o] = pick(w, 2);
    }
    for (int p = 1; p <= PEOPLE; p++)
        w->org_of[p] = 1 + pick(w, ORGS);
    for (int g = 0; g < GROUPS; g++)
        for (int o = 1; o <= ORGS; o++)
            w->member[g][o] = pick(w, 3) == 0;
    for (int i = 0; i < AUDIENCES; i++)
        invent_audience(w, &w->aud[i]);
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < RECORDS; i++)
            invent_thing(w, k, &w->thing[k][i]);
    for (int i = 0; i < GLASSES; i++)
        w->glass[i] = (grant){ pick(w, 3), pick(w, RECORDS), 1 + pick(w, PEOPLE),
            1 + pick(w, PEOPLE), 1 + pick(w, PEOPLE), w->now + (pick(w, 3) - 1) * US_PER_S };
}

/* ---- the model, told naively ---- */

static bool in_audience(const world *w, const thing *x, int org)
{
    int grp = w->aud[x->aud].grp;
    return org && (org == x->owner || (grp && w->member[grp - 1][org]));
}

static bool lab(const world *w, const thing *x, int person)
{
    int org = w->org_of[person];
    const audience *a = &w->aud[x->aud];
    switch (a->label) {
    case 0:
        return true;
    case 1:
        return w->community[org];
    case 2:
        return in_audience(w, x, org) || in_audience(w, x, w->provider[org]);
    case 3:
        return in_audience(w, x, org);
    default:
        return a->named[person - 1] || x->author == person;
    }
}

static bool glass(const world *w, int kind, int record, int person)
{
    for (int i = 0; i < GLASSES; i++) {
        const grant *g = &w->glass[i];
        if (g->kind == kind && g->record == record && g->person == person && w->now < g->until &&
                g->approver_1 != g->approver_2 && g->approver_1 != person &&
                g->approver_2 != person)
            return true;
    }
    return false;
}

static bool sees(const world *w, int kind, int i, int person)
{
    const thing *x = &w->thing[kind][i];
    if (w->now < x->not_before) return false;
    if (x->parent >= 0 && !sees(w, 1, x->parent, person)) return false;
    return lab(w, x, person) || glass(w, kind, i, person);
}

/* ---- the world in a store ---- */

static viewer system_viewer(int person)
{
    return (viewer){ .system = true, .may_write = true, .person = person, .org = 1 };
}

static err make_groups(txn *t, world *w)
{
    int64_t clear;
    viewer v = system_viewer(0);
    TRY(audience_intern(t, 0, 0, NULL, 0, &clear));
    for (int g = 0; g < GROUPS; g++) {
        int64_t orgs[ORGS];
        size_t n = 0;
        const sharing_group_handle *h;
        for (int o = 1; o <= ORGS; o++)
            if (w->member[g][o]) orgs[n++] = o;
        sharing_group_draft d = {
            .owner = 1, .audience = clear, .name = S("{}"), .kind = S("case")
        };
        TRY(group_create(t, &v, &d, orgs, n, &h));
        w->group_row[g] = h->row;
    }
    return OK;
}

static err make_audiences(txn *t, world *w)
{
    for (int i = 0; i < AUDIENCES; i++) {
        audience *a = &w->aud[i];
        int64_t named[2 * PEOPLE], again;
        size_t n = 0;
        for (int p = PEOPLE - 1; p >= 0; p--)
            if (a->named[p]) named[n++] = p + 1;
        int64_t grp = a->grp ? w->group_row[a->grp - 1] : 0;
        TRY(audience_intern(t, a->label, grp, named, n, &a->row));
        TRY(audience_intern(t, a->label, grp, named, n, &again));
        assert_int_equal(again, a->row);
        assert_int_equal(AUDIENCE_LABEL(a->row), a->label);
    }
    return OK;
}

static err make_indicator(txn *t, world *w, int i, thing *x)
{
    const indicator_handle *h;
    viewer v = system_viewer(x->author);
    indicator_draft d = { .owner = x->owner,
        .audience = w->aud[x->aud].row,
        .not_before = { x->not_before },
        .kind = S("domain"),
        .value = str_fmt(txn_arena(t), "%d.example", i),
        .source = S("test"),
        .tags = S("[]"),
        .state = S("active") };
    TRY(indicator_insert(t, &v, &d, LEDGER_NONE, &h));
    x->row = h->row;
    return OK;
}

static err make_notice(txn *t, world *w, int i, thing *x)
{
    const notice_handle *h;
    viewer v = system_viewer(x->author);
    notice_draft d = { .owner = x->owner,
        .audience = w->aud[x->aud].row,
        .not_before = { x->not_before },
        .number = str_fmt(txn_arena(t), "N-%d", i),
        .org = x->owner,
        .state = S("sent") };
    TRY(notice_insert(t, &v, &d, LEDGER_NONE, &h));
    x->row = h->row;
    return OK;
}

static err make_delivery(txn *t, world *w, thing *x)
{
    const delivery_handle *h;
    viewer v = system_viewer(x->author);
    delivery_draft d = { .owner = x->owner,
        .audience = w->aud[x->aud].row,
        .not_before = { x->not_before },
        .parent = w->thing[1][x->parent].row,
        .channel = S("mail"),
        .org = x->owner,
        .state = S("sent") };
    TRY(delivery_insert(t, &v, &d, LEDGER_NONE, &h));
    x->row = h->row;
    x->id = h->id.id;
    return OK;
}

static const cell_type glass_cells[] = { CELL_TEXT, CELL_I64, CELL_I64, CELL_I64, CELL_I64,
    CELL_I64 };
static const char *const glass_lite[] = {
    "INSERT INTO glass (kind, record, person, until, approver_1, "
    "approver_2, reason, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', 0)"
};
static const char *const glass_pg[] = {
    "INSERT INTO glass (kind, record, person, until, approver_1, "
    "approver_2, reason, created) VALUES ($1, $2, $3, $4, $5, $6, '', 0)"
};
static const stmt_def glass_add = { "glass_add", glass_lite, glass_pg, 0, 6, 0, glass_cells,
    glass_cells, 0, true };

static err make_glass(txn *t, const world *w, const grant *g)
{
    static const char *const kinds[] = { "indicator", "notice", "delivery" };
    int64_t row = w->thing[g->kind][g->record].row;
    cell in[] = { { CELL_TEXT, .s = str_of(kinds[g->kind]) }, { CELL_I64, .i = row },
        { CELL_I64, .i = g->person }, { CELL_I64, .i = g->until }, { CELL_I64, .i = g->approver_1 },
        { CELL_I64, .i = g->approver_2 } };
    return stmt_run(t, &glass_add, 0, in, NULL, NULL, NULL);
}

static err make_world(txn *t, void *ctx)
{
    world *w = ctx;
    TRY(make_groups(t, w));
    TRY(make_audiences(t, w));
    for (int i = 0; i < RECORDS; i++) {
        TRY(make_indicator(t, w, i, &w->thing[0][i]));
        TRY(make_notice(t, w, i, &w->thing[1][i]));
    }
    for (int i = 0; i < RECORDS; i++)
        TRY(make_delivery(t, w, &w->thing[2][i]));
    for (int i = 0; i < GLASSES; i++)
        TRY(make_glass(t, w, &w->glass[i]));
    return OK;
}

/* ---- held together ---- */

static err read_one(txn *t, const viewer *v, int kind, int64_t row)
{
    const indicator_handle *i;
    const notice_handle *n;
    const delivery_handle *d;
    if (kind == 0) return indicator_read_row(t, v, row, &i);
    if (kind == 1) return notice_read_row(t, v, row, &n);
    return delivery_read_row(t, v, row, &d);
}

/* What the ledger and streams ask of a part: that it is seen with its whole. */
static void compare_part(txn *t, const viewer *v, const thing *x, bool want)
{
    bool seen;
    const record_def *part = record_part_kind(S("delivery"));
    assert_non_null(part);
    assert_null(record_part_kind(S("notice")));
    assert_ok(record_part_seen(t, v, part, x->id, &seen));
    assert_int_equal(seen, want);
}

static void compare_person(txn *t, const world *w, int person, int *seen)
{
    viewer v = { .person = person, .org = w->org_of[person] };
    assert_ok(sight_load(t, person, v.org, w->provider[v.org], w->community[v.org], &v.sight));
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < RECORDS; i++) {
            const thing *x = &w->thing[k][i];
            err e = read_one(t, &v, k, x->row);
            bool want = sees(w, k, i, person);
            if (failed(e)) assert_int_equal(err_code_of(e), E_ABSENT);
            if (failed(e) == want)
                fail_msg("kind %d record %d person %d: want %d", k, i, person, want);
            *seen += want;
            if (k == 2) compare_part(t, &v, x, want);
            assert_int_equal(
                    model_sees(&v, w->aud[x->aud].row, x->owner, x->author), lab(w, x, person));
        }
    }
    v.sight.nothing = true;
    assert_int_equal(err_code_of(read_one(t, &v, 0, w->thing[0][0].row)), E_ABSENT);
}

static void one_world(bool pg, unsigned seed)
{
    static world w;
    int seen = 0;
    test_store *s = test_store_new(pg);
    w = (world){ .seed = seed, .now = clock_now(&s->clock).us };
    invent(&w);
    assert_ok(store_write(s->s, make_world, &w));
    txn *t;
    assert_ok(txn_read(s->s, 0, &t));
    for (int p = 1; p <= PEOPLE; p++)
        compare_person(t, &w, p, &seen);
    txn_end(t);
    assert_true(
            seen > 100 && seen < 3 * RECORDS * PEOPLE - 100); /* neither everything nor nothing */
    sight_forget(s->s);
    test_store_free(s);
}

static void clause_is_the_model(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= WORLDS; i++)
        one_world(false, i);
}

static void clause_is_the_model_pg(void **state)
{
    (void)state;
    if (!stores_have_pg()) skip();
    for (unsigned i = 1; i <= WORLDS / 2; i++)
        one_world(true, 1000 + i);
}

/* ---- a change of membership is seen at once ---- */

typedef struct {
    int64_t grp, audience;
    const sharing_group_handle *g;
    bool add, changed;
} membership;

static err found_group(txn *t, void *ctx)
{
    membership *m = ctx;
    viewer v = system_viewer(0);
    sharing_group_draft d = { .owner = 1, .audience = 8, .name = S("{}"), .kind = S("case") };
    TRY(group_create(t, &v, &d, NULL, 0, &m->g));
    m->grp = m->g->row;
    return audience_intern(t, LABEL_STRICT, m->grp, NULL, 0, &m->audience);
}

static err change_group(txn *t, void *ctx)
{
    membership *m = ctx;
    viewer v = system_viewer(0);
    TRY(sharing_group_hold_row(t, &v, m->grp, &m->g));
    return m->add ? group_add(t, &v, m->g, 3, &m->changed)
                  : group_remove(t, &v, m->g, 3, &m->changed);
}

static bool org_3_sees(store *s, int64_t aud)
{
    txn *t;
    viewer v = { .person = 1, .org = 3 };
    assert_ok(txn_read(s, 0, &t));
    assert_ok(sight_load(t, 1, 3, 0, false, &v.sight));
    bool yes = model_sees(&v, aud, 1, 0);
    txn_end(t);
    return yes;
}

static void epoch_rises(void **state)
{
    (void)state;
    test_store *s = test_store_new(false);
    membership m = { .add = true };
    assert_ok(store_write(s->s, found_group, &m));
    assert_false(org_3_sees(s->s, m.audience));
    int64_t before = access_epoch(s->s);
    assert_ok(store_write(s->s, change_group, &m));
    assert_true(m.changed && access_epoch(s->s) > before);
    assert_true(org_3_sees(s->s, m.audience));
    assert_ok(store_write(s->s, change_group, &m));
    assert_false(m.changed);
    m.add = false;
    assert_ok(store_write(s->s, change_group, &m));
    assert_false(org_3_sees(s->s, m.audience));
    sight_forget(s->s);
    test_store_free(s);
}

static err wrong_audiences(txn *t, void *ctx)
{
    int64_t row, one = 1;
    (void)ctx;
    assert_fails(audience_intern(t, 5, 0, NULL, 0, &row), E_INVALID, "error.access.label");
    assert_fails(audience_intern(t, 2, 0, &one, 1, &row), E_INVALID, "error.access.people_not_red");
    assert_fails(audience_intern(t, 1, 7, NULL, 0, &row), E_INVALID, "error.access.group_label");
    return OK;
}

static void audiences_are_checked(void **state)
{
    (void)state;
    test_store *s = test_store_new(false);
    assert_ok(store_write(s->s, wrong_audiences, NULL));
    test_store_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(clause_is_the_model),
        cmocka_unit_test(clause_is_the_model_pg), cmocka_unit_test(epoch_rises),
        cmocka_unit_test(audiences_are_checked) };
    int rc = cmocka_run_group_tests_name("access see", tests, NULL, NULL);
    stores_over();
    return rc;
}
