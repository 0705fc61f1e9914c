/* stand_test.c - rights over time, without a store: who stands in for whom and may what, and roles
 * that end, held against a telling of the rules that is as naive as can be, over random viewers,
 * leaves and moments; and what must never be, whatever the random says. */
#include "unit/unit.h"

#include "access/allowed.h"
#include "access/role_end.h"

enum { VIEWERS = 20000, ME = 1, PEOPLE = 5, MOMENTS = 12 };

static unsigned seed = 20270104;

static int pick(int n)
{
    seed = seed * 1103515245u + 12345u;
    return (int)((seed >> 16) % (unsigned)n);
}

static id128 id_of(int64_t person)
{
    id128 id = { { 0 } };
    id.b[15] = (uint8_t)person;
    return id;
}

static viewer invented(void)
{
    viewer v = { .roles = (uint32_t)pick(1 << ROLES),
        .national = pick(2),
        .may_write = pick(4) != 0,
        .person = ME,
        .org = 1,
        .how = S("session") };
    v.sight.now.us = pick(MOMENTS);
    v.n_leaves = (uint8_t)pick(4);
    for (int i = 0; i < v.n_leaves; i++) {
        int64_t person = 1 + pick(PEOPLE);
        int from = pick(MOMENTS);
        v.leaves[i] = (viewer_leave){ .person = person,
            .id = id_of(person),
            .roles = (uint32_t)pick(1 << ROLES),
            .starts = { from },
            .until = { from + 1 + pick(MOMENTS) } };
        for (int b = 0; b < ROLES; b++)
            if (pick(6) == 0) v.leaves[i].role_until[b].us = 1 + pick(MOMENTS);
    }
    return v;
}

/* ---- told naively ---- */

static bool on(const viewer *v, const viewer_leave *l)
{
    return v->sight.now.us >= l->starts.us && v->sight.now.us < l->until.us;
}

static bool i_am_away(const viewer *v)
{
    for (int i = 0; i < v->n_leaves; i++)
        if (v->leaves[i].person == ME && on(v, &v->leaves[i])) return true;
    return false;
}

static bool has_one(const viewer_leave *l, uint32_t roles, instant now)
{
    for (int b = 0; b < ROLES; b++) {
        bool over = l->role_until[b].us != 0 && l->role_until[b].us <= now.us;
        if ((l->roles >> b & 1) && (roles >> b & 1) && !over) return true;
    }
    return false;
}

static bool stands(const viewer *v, uint32_t roles, int64_t who)
{
    if (i_am_away(v)) return false;
    for (int i = 0; i < v->n_leaves; i++) {
        const viewer_leave *l = &v->leaves[i];
        bool fits = l->person != ME && on(v, l) && has_one(l, roles, v->sight.now);
        if (fits && (!who || who == l->person)) return true;
    }
    return false;
}

static bool own(const viewer *v, const permission_rule *r)
{
    return (v->may_write || !r->writes) && (v->national || !r->national) && (v->roles & r->roles);
}

static bool naive_use(const viewer *v, const permission_rule *r)
{
    bool shape = (v->may_write || !r->writes) && (v->national || !r->national);
    return own(v, r) || (shape && r->deputy && stands(v, r->roles, 0));
}

/* ---- held against it ---- */

static void a_deputy_may_what_is_marked_and_nothing_else(void **state)
{
    size_t by_standing = 0;
    for (int n = 0; n < VIEWERS; n++) {
        viewer v = invented();
        for (int p = 0; p < PERMISSIONS; p++) {
            const permission_rule *r = &permission_rules[p];
            bool may = !failed(permit_use(&v, (permission)p));
            assert_int_equal(may, naive_use(&v, r));
            if (!may || own(&v, r)) continue;
            assert_true(r->deputy);
            assert_false(i_am_away(&v));
            by_standing++;
        }
    }
    assert_true(by_standing > 1000);
    (void)state;
}

static void for_whom_it_is_done(void **state)
{
    size_t for_others = 0, refused = 0;
    for (int n = 0; n < VIEWERS; n++) {
        viewer v = invented(), as;
        int64_t who = pick(PEOPLE + 2);
        permission p = (permission)(pick(2) ? PERMISSION_finding_answer : pick(PERMISSIONS));
        const permission_rule *r = &permission_rules[p];
        bool has = (v.roles & r->roles) != 0, itself = !who && has;
        bool fits = itself || (r->deputy && stands(&v, r->roles, who));
        bool may = !failed(permit_for(&v, p, who ? id_of(who) : (id128){ { 0 } }, &as));
        assert_int_equal(may, fits);
        refused += !may;
        if (!may) continue;
        assert_int_equal(as.stands_for != 0, !itself);
        if (itself) continue;
        assert_true(as.stands_for != ME && (!who || as.stands_for == who));
        assert_true(id_eq(as.stands_for_id, id_of(as.stands_for)));
        for_others++;
    }
    assert_true(for_others > 400 && refused > 500);
    (void)state;
}

/* What a deputy writes are findings' answers and deliveries' acknowledgements of the own
 * organisation. */
static void records_of_the_own_organisation_alone(void **state)
{
    for (int n = 0; n < VIEWERS; n++) {
        viewer v = invented();
        for (int k = 0; k < RECORD_KINDS; k++) {
            const record_rule *r = &record_rules[k];
            bool mine =
                    v.may_write && ((v.roles & r->write) || (r->deputy && stands(&v, r->write, 0)));
            assert_int_equal(!failed(permit_write(&v, (record_kind)k, 1, 0)), mine);
            assert_true(failed(permit_write(&v, (record_kind)k, 2, 0)));
        }
    }
    (void)state;
}

static void one_who_stands_in_gives_no_more_than_the_own_roles(void **state)
{
    for (int n = 0; n < VIEWERS; n++) {
        viewer v = invented();
        uint32_t roles = (uint32_t)pick(1 << ROLES);
        bool subset = !(roles & ~v.roles & ~(uint32_t)ROLE_READER);
        assert_int_equal(!failed(permit_roles(&v, 1, roles)), subset);
    }
    (void)state;
}

static void roles_end_by_the_clock(void **state)
{
    size_t ended = 0;
    for (int n = 0; n < VIEWERS; n++) {
        viewer v = invented();
        uint32_t left = 0, had = v.roles;
        for (int b = 0; b < ROLES; b++) {
            v.role_until[b].us = pick(MOMENTS);
            bool over = v.role_until[b].us && v.sight.now.us >= v.role_until[b].us;
            if ((had >> b & 1) && !over) left |= UINT32_C(1) << b;
        }
        viewer_roles_now(&v);
        assert_int_equal(v.roles, left);
        ended += left != had;
    }
    assert_true(ended > 1000);
    (void)state;
}

static void nobody_gives_a_role_for_longer_than_the_own(void **state)
{
    size_t refused = 0;
    for (int n = 0; n < VIEWERS; n++) {
        viewer v = invented();
        uint32_t roles = (uint32_t)pick(1 << ROLES);
        instant until = { pick(MOMENTS) };
        bool may = true;
        for (int b = 0; b < ROLES; b++) {
            v.role_until[b].us = pick(3) ? 0 : 1 + pick(MOMENTS);
            bool longer = v.role_until[b].us && (!until.us || until.us > v.role_until[b].us);
            if ((roles >> b & 1) && longer) may = false;
        }
        assert_int_equal(!failed(permit_roles_until(&v, roles, until)), may);
        refused += !may;
    }
    assert_true(refused > 1000);
    (void)state;
}

/* Organisations 2.. some of which the viewer's own, 1, administers until a moment. */
enum { ORGS = 6, NATION = 6 };
typedef struct {
    viewer v;
    int64_t kept[ORGS];
    bool is_kept[ORGS + 1];
} keeping;

static void keep(keeping *k)
{
    k->v = invented();
    k->v.sight.kept = k->kept;
    k->v.sight.lists_until.us = pick(MOMENTS);
    for (int64_t org = 2; org < NATION; org++) {
        if (pick(2)) continue;
        k->is_kept[org] = true;
        k->kept[k->v.sight.n_kept++] = org;
    }
}

static bool keeps(const keeping *k, int64_t org)
{
    int64_t until = k->v.sight.lists_until.us;
    bool over = until && k->v.sight.now.us >= until; /* the list is made anew then */
    return (k->v.roles & ROLE_ORG_ADMIN) && k->is_kept[org] && !over;
}

static void a_delegate_gives_no_more_than_the_own_rights_and_nothing_national(void **state)
{
    const uint32_t national = ROLE_COORDINATOR | ROLE_AUDITOR | ROLE_ADMIN;
    size_t gave = 0, refused = 0;
    for (int n = 0; n < VIEWERS; n++) {
        keeping k = { 0 };
        keep(&k);
        int64_t org = 2 + pick(ORGS - 1), counted = 0;
        uint32_t roles = (uint32_t)pick(1 << ROLES);
        if (pick(2)) roles &= k.v.roles;
        bool subset = !(roles & ~k.v.roles & ~(uint32_t)ROLE_READER);
        bool may = subset && (k.v.national || (keeps(&k, org) && !(roles & national)));
        assert_int_equal(permit_delegated(&k.v, org), keeps(&k, org));
        assert_int_equal(!failed(permit_roles(&k.v, org, roles)), may);
        for (int64_t o = 2; o <= ORGS; o++)
            counted += keeps(&k, o);
        assert_int_equal(permit_keeps(&k.v), counted);
        gave += may && !k.v.national;
        refused += subset && !may;
    }
    assert_true(gave > 100 && refused > 500);
    (void)state;
}

/* People and keys of whom it administers, whoever owns the entry, and nothing else of theirs. */
static void a_delegate_writes_people_and_keys_alone(void **state)
{
    for (int n = 0; n < VIEWERS / 4; n++) {
        keeping k = { 0 };
        keep(&k);
        int64_t org = 2 + pick(ORGS - 1);
        for (int kind = 0; kind < RECORD_KINDS; kind++) {
            bool theirs = kind == RECORD_person || kind == RECORD_api_key;
            bool may = theirs && k.v.may_write && keeps(&k, org);
            assert_int_equal(!failed(permit_write(&k.v, (record_kind)kind, org, org)), may);
            assert_int_equal(!failed(permit_write(&k.v, (record_kind)kind, NATION, org)), may);
            assert_true(failed(permit_write(&k.v, (record_kind)kind, org, 0)));
            if (!may && !k.v.national)
                assert_true(failed(permit_create(&k.v, (record_kind)kind, NATION, org)));
            if (may) assert_false(failed(permit_create(&k.v, (record_kind)kind, NATION, org)));
            if (k.v.org == org || !theirs) continue;
            bool own = k.v.may_write && (k.v.roles & record_rules[kind].create);
            assert_int_equal(!failed(permit_create(&k.v, (record_kind)kind, k.v.org, org)), own);
        }
    }
    (void)state;
}

/* What a delegate asks for in another organisation is decided there, or by the national desk. */
static void no_colleague_of_a_delegate_is_the_second(void **state)
{
    for (int64_t about = 0; about <= 2; about++)
        for (int64_t org = 1; org <= 3; org++)
            for (int nation = 0; nation < 2; nation++) {
                viewer v = { .roles = ROLE_ORG_ADMIN | ROLE_READER,
                    .may_write = true,
                    .national = nation,
                    .person = ME,
                    .org = org,
                    .how = S("session") };
                bool may = nation || org == about || (org == 1 && (about == 0 || about == 1));
                bool is = !failed(permit_second(&v, PERMISSION_person_write, ME + 1, 1, about));
                assert_int_equal(is, may);
            }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deputy_may_what_is_marked_and_nothing_else),
        cmocka_unit_test(for_whom_it_is_done),
        cmocka_unit_test(records_of_the_own_organisation_alone),
        cmocka_unit_test(one_who_stands_in_gives_no_more_than_the_own_roles),
        cmocka_unit_test(roles_end_by_the_clock),
        cmocka_unit_test(nobody_gives_a_role_for_longer_than_the_own),
        cmocka_unit_test(a_delegate_gives_no_more_than_the_own_rights_and_nothing_national),
        cmocka_unit_test(a_delegate_writes_people_and_keys_alone),
        cmocka_unit_test(no_colleague_of_a_delegate_is_the_second),
    };
    return cmocka_run_group_tests_name("access stand", tests, NULL, NULL);
}
