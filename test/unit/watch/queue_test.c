/* queue_test.c - the queue's order and counts, an agency's day, and lists of findings: what each
 * viewer gets. On both stores. */
#include "watch/desk.h"

#include "common/outbox/delivery.h"

typedef struct {
    nation *n;
    int64_t a, b, focal, desk;
    arena *mem;
} scene;

static scene *scene_new(bool pg)
{
    scene *s = calloc(1, sizeof *s);
    s->n = nation_new(pg, REALM_LIVE);
    s->a = nation_org(s->n, "interior", "en");
    s->b = nation_org(s->n, "finance", "en");
    s->focal = nation_person(s->n, s->a, "focal@interior.example", "en", "focal", "active");
    s->desk = 1;
    s->mem = arena_new((size_t)64 << 20);
    return s;
}

static err leave_row(txn *t, void *ctx)
{
    const delivery_handle *d;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(delivery_hold_row(t, &sys, *(int64_t *)ctx, &d));
    return delivery_send_portal(t, &sys, d);
}

/* Three notices and two findings nobody is told of: critical for finance, low and high for
 * interior. */
static void fill(scene *s)
{
    promote_item items[5] = { nation_item(s->a, "vulnerable-system", "open-rdp", SEVERITY_LOW, 1),
        nation_item(s->b, "infected-system", "mirai", SEVERITY_CRITICAL, 2),
        nation_item(s->a, "vulnerable-system", "open-mongodb", SEVERITY_HIGH, 3),
        nation_item(0, "scanner", "", SEVERITY_LOW, 4),
        nation_item(0, "phishing", "", SEVERITY_LOW, 5) };
    items[3].why_kind = items[4].why_kind = S("country");
    nation_promote(s->n, items, 5);
    desk_react(s->n);
}

static void leave_all(scene *s)
{
    CLEANUP(txn_end_p) txn *t = nation_read(s->n);
    const delivery_handle *d;
    viewer sys;
    assert_ok(viewer_system(t, &sys));
    for (int64_t row = 1; !failed(delivery_read_row(t, &sys, row, &d)); row++)
        if (str_eq(d->now.channel, S("portal")))
            assert_ok(store_write(s->n->ts->s, leave_row, &row));
}

static const json *queue(scene *s, int64_t person, const struct queue_query *q)
{
    return desk_ask(
            (asking){ .n = s->n, .person = person, .fn = h_queue, .query = q, .a = s->mem });
}

static void severity_at(const json *j, size_t i, const char *kind, const char *severity)
{
    const json *x = json_at(json_get(j, S("items")), i);
    assert_str(json_get_text(x, S("kind")), kind);
    assert_str(json_get_text(x, S("severity")), severity);
}

static void by_deadline(void **state)
{
    scene *s = *state;
    struct queue_query all = { 0 }, late = { .late = true, .has_late = true };
    fill(s);
    const json *j = queue(s, s->desk, &all);
    assert_int_equal(
            json_get(j, S("items"))->count, 5); /* held ones first: they may be taken back */
    assert_str(json_get_text(json_at(json_get(j, S("items")), 0), S("state")), "held");
    assert_int_equal(number_at(j, "waiting"), 2);
    leave_all(s);
    j = queue(s, s->desk, &all);
    severity_at(j, 0, "notice", "critical");
    severity_at(j, 1, "notice", "high");
    severity_at(j, 2, "notice", "low");
    severity_at(j, 3, "finding", "low");
    assert_str(json_get_text(json_at(json_get(j, S("items")), 0), S("source")), "No contact");
    assert_int_equal(number_at(j, "waiting"), 5);
    assert_int_equal(number_at(j, "late"), 0);
    nation_pass(s->n, 80 * 3600);
    j = queue(s, s->desk, &late);
    assert_int_equal(json_get(j, S("items"))->count, 2);
    assert_int_equal(number_at(j, "late"), 2);
}

static void each_sees_its_own(void **state)
{
    scene *s = *state;
    struct queue_query all = { 0 };
    struct finding_query findings = { 0 };
    struct notice_query notices = { 0 };
    fill(s);
    asking list = {
        .n = s->n, .person = s->focal, .fn = h_finding_list, .query = &findings, .a = s->mem
    };
    const json *j = desk_ask(list);
    assert_int_equal(json_get(j, S("items"))->count, 2);
    assert_true(json_is_null(
            json_get(json_at(json_get(j, S("items")), 0), S("notice")))); /* held: unseen */
    assert_int_equal(json_get(queue(s, s->focal, &all), S("items"))->count, 0);
    leave_all(s);
    j = queue(s, s->focal, &all);
    assert_int_equal(json_get(j, S("items"))->count, 2);
    assert_int_equal(number_at(j, "waiting"), 2);
    list.person = s->desk;
    assert_int_equal(json_get(desk_ask(list), S("items"))->count, 5);
    asking told = {
        .n = s->n, .person = s->focal, .fn = h_notice_list, .query = &notices, .a = s->mem
    };
    assert_int_equal(json_get(desk_ask(told), S("items"))->count, 2);
    told.person = s->desk;
    assert_int_equal(json_get(desk_ask(told), S("items"))->count, 3);
}

static void findings_in_order(void **state)
{
    scene *s = *state;
    struct finding_query q = { 0 };
    promote_item items[8];
    for (uint32_t i = 0; i < 8; i++) {
        items[i] = nation_item(s->a, "vulnerable-system", "open-rdp", SEVERITY_LOW, i);
        items[i].last_seen.us += (int64_t)(i * 5 % 8) * US_PER_S;
    }
    nation_promote(s->n, items, 8);
    const json *j = desk_ask((asking){
            .n = s->n, .person = s->desk, .fn = h_finding_list, .query = &q, .a = s->mem });
    str before = S("9999");
    for (const json *x = json_get(j, S("items"))->first; x; x = x->next) {
        str seen = json_get_text(x, S("last_seen"));
        assert_true(str_cmp(seen, before) < 0);
        before = seen;
    }
    assert_int_equal(json_get(j, S("items"))->count, 8);
}

static void an_agencys_day(void **state)
{
    scene *s = *state;
    asking day = { .n = s->n, .person = s->focal, .fn = h_agency, .a = s->mem };
    const json *j = desk_ask(day);
    assert_int_equal(json_get(j, S("tasks"))->count, 1); /* one person only */
    assert_str(json_get_text(json_at(json_get(j, S("tasks")), 0), S("kind")), "invite_second");
    fill(s);
    leave_all(s);
    j = desk_ask(day);
    assert_int_equal(json_get(j, S("tasks"))->count, 3);
    assert_str(json_get_text(json_at(json_get(j, S("tasks")), 0), S("kind")), "acknowledge");
    assert_str(json_get_text(json_at(json_get(j, S("tasks")), 0), S("severity")), "high");
    assert_int_equal(number_at(j, "open_findings"), 2);
    assert_int_equal(json_get(j, S("people"))->count, 1);
    assert_int_equal(json_get(j, S("by_identifier"))->count, 2);
}

static void answered_by_the_owner_alone(void **state)
{
    scene *s = *state;
    struct finding_query q = { 0 };
    struct finding_answer fixed = { .answer = S("fixed") };
    id128 id;
    fill(s);
    const json *j = desk_ask((asking){
            .n = s->n, .person = s->focal, .fn = h_finding_list, .query = &q, .a = s->mem });
    assert_true(id_parse(json_get_text(json_at(json_get(j, S("items")), 0), S("id")), &id));
    asking answer = {
        .n = s->n, .person = s->desk, .fn = h_finding_answer, .req = &fixed, .id = id, .a = s->mem
    };
    assert_fails(desk_do(answer), E_DENIED, "error.access.not_owner");
    answer.person = s->focal;
    assert_ok(desk_do(answer));
    asking read = { .n = s->n, .person = s->focal, .fn = h_finding_read, .id = id, .a = s->mem };
    assert_str(json_get_text(desk_ask(read), S("state")), "fixed");
}

static int setup_sqlite(void **state)
{
    return (*state = scene_new(false)) == NULL;
}

static int setup_pg(void **state)
{
    return (*state = scene_new(true)) == NULL;
}

static int teardown(void **state)
{
    scene *s = *state;
    nation_free(s->n);
    arena_free(s->mem);
    free(s);
    return 0;
}

#define BOTH(fn)                                                                                   \
    { #fn " sqlite", fn, setup_sqlite, teardown, NULL },                                           \
    {                                                                                              \
#fn " postgresql", fn, setup_pg, teardown, NULL                                            \
    }

int main(void)
{
    const struct CMUnitTest tests[] = { BOTH(by_deadline), BOTH(each_sees_its_own),
        BOTH(findings_in_order), BOTH(an_agencys_day), BOTH(answered_by_the_owner_alone) };
    if (!stores_have_pg()) return 77;
    int result = cmocka_run_group_tests_name("queue", tests, NULL, NULL);
    stores_over();
    return result;
}
