/* notice_test.c - findings into notices: grouped, joined while held, addressed; what they say in
 * both languages; taken back; acknowledged in the portal. On both stores. */
#include "watch/desk.h"

#include "base/texts.h"
#include "common/outbox/delivery.h"
#include "gen/records/finding.h"

typedef struct {
    nation *n;
    int64_t a, b, focal, technical, coordinator;
    arena *mem;
} scene;

static scene *scene_new(bool pg)
{
    scene *s = calloc(1, sizeof *s);
    s->n = nation_new(pg, REALM_LIVE);
    s->a = nation_org(s->n, "interior", "ur");
    s->b = nation_org(s->n, "finance", "en");
    s->focal = nation_person(s->n, s->a, "focal@interior.example", "ur", "focal", "active");
    s->technical = nation_person(s->n, s->a, "tech@interior.example", "en", "technical", "active");
    s->coordinator = 1; /* the first person has every role */
    s->mem = arena_new((size_t)64 << 20);
    return s;
}

static void notices_are(scene *s, int64_t want)
{
    CLEANUP(txn_end_p) txn *t = nation_read(s->n);
    const notice_handle *h;
    viewer sys;
    assert_ok(viewer_system(t, &sys));
    if (want) assert_ok(notice_read_row(t, &sys, want, &h));
    assert_fails(notice_read_row(t, &sys, want + 1, &h), E_ABSENT, "error.access.absent");
}

static int64_t deliveries(scene *s, const char *channel)
{
    CLEANUP(txn_end_p) txn *t = nation_read(s->n);
    const delivery_handle *d;
    viewer sys;
    int64_t found = 0;
    assert_ok(viewer_system(t, &sys));
    for (int64_t row = 1; !failed(delivery_read_row(t, &sys, row, &d)); row++)
        found += str_eq(d->now.channel, str_of(channel));
    return found;
}

static void one_for_each_owner_and_kind(void **state)
{
    scene *s = *state;
    promote_item items[6] = { nation_item(
                                      s->a, "vulnerable-system", "open-rdp", SEVERITY_MEDIUM, 1),
        nation_item(s->b, "vulnerable-system", "open-rdp", SEVERITY_MEDIUM, 2),
        nation_item(s->a, "infected-system", "mirai", SEVERITY_HIGH, 3),
        nation_item(s->a, "vulnerable-system", "open-rdp", SEVERITY_LOW, 4),
        nation_item(0, "vulnerable-system", "open-rdp", SEVERITY_LOW, 5),
        nation_item(s->b, "scanner", "", SEVERITY_UNKNOWN, 6) };
    nation_promote(s->n, items, 6);
    desk_react(s->n);
    notices_are(s, 4);
    CLEANUP(txn_end_p) txn *t = nation_read(s->n);
    const notice_handle *h = desk_notice(t, 1);
    assert_str(h->now.number, "N-2026-000001");
    assert_str(h->now.state, "held");
    assert_int_equal(h->now.findings, 2);
    assert_int_equal(h->now.severity, SEVERITY_MEDIUM);
    assert_int_equal(h->owner, s->n->r.site_org);
    assert_int_equal(h->now.held_until.us, txn_now(t).us + HOLD_S * US_PER_S);
    assert_str(desk_notice(t, 4)->now.kind, "scanner");
    assert_int_equal(deliveries(s, "portal"), 4);
    assert_int_equal(deliveries(s, "mail"), 3); /* focal twice, technical for the high one */
}

/* As the outbox has it done when the hold is over. */
static err finish(txn *t, void *ctx)
{
    scene *s = ctx;
    notice_rules rules = desk_rules();
    return notice_finish(t, &s->n->r, &rules, 1);
}

static void joins_while_held(void **state)
{
    scene *s = *state;
    promote_item i = nation_item(s->a, "vulnerable-system", "open-rdp", SEVERITY_LOW, 1);
    nation_promote(s->n, &i, 1);
    desk_react(s->n);
    assert_int_equal(deliveries(s, "mail"), 1);
    promote_item more = nation_item(s->a, "vulnerable-system", "open-rdp", SEVERITY_CRITICAL, 2);
    nation_promote(s->n, &more, 1);
    desk_react(s->n);
    notices_are(s, 1);
    {
        CLEANUP(txn_end_p) txn *t = nation_read(s->n);
        const notice_handle *h = desk_notice(t, 1);
        assert_int_equal(h->now.findings, 2);
        assert_int_equal(h->now.severity, SEVERITY_CRITICAL);
        assert_int_equal(h->now.due.us, h->created.us + US_PER_DAY);
    }
    assert_int_equal(deliveries(s, "mail"), 2);
    nation_pass(s->n, HOLD_S + 1);
    assert_ok(store_write(s->n->ts->s, finish, s));
    {
        CLEANUP(txn_end_p) txn *t = nation_read(s->n);
        str body = texts_only(s->mem, desk_notice(t, 1)->now.body, LANG_EN);
        int64_t checked;
        assert_true(str_find(body, S("10.0.0.1,")) > 0 && str_find(body, S("10.0.0.2,")) > 0);
        assert_true(str_find(body, S("Severity: critical.")) > 0);
        assert_ok(record_verify(t, NULL, NULL, &checked));
    }
    promote_item late = nation_item(s->a, "vulnerable-system", "open-rdp", SEVERITY_LOW, 3);
    nation_promote(s->n, &late, 1);
    desk_react(s->n);
    notices_are(s, 2);
}

static void says_it_in_both_languages(void **state)
{
    scene *s = *state;
    promote_item items[25];
    for (uint32_t i = 0; i < 25; i++)
        items[i] = nation_item(s->a, "vulnerable-system", "open-rdp", SEVERITY_HIGH, i + 1);
    nation_promote(s->n, items, 25);
    desk_react(s->n);
    CLEANUP(txn_end_p) txn *t = nation_read(s->n);
    const notice_handle *h = desk_notice(t, 1);
    str en = texts_only(s->mem, h->now.body, LANG_EN),
        ur = texts_only(s->mem, h->now.body, LANG_UR);
    assert_true(str_starts(
            en, S("To: Ministry interior\n\nWhat was found: Remote control of a computer can be "
                  "reached from the whole internet (open-rdp). Severity: high.")));
    assert_true(str_find(en, S("Seen from 1 January 2026, 01:00 to 1 January 2026, 01:00.")) > 0);
    assert_true(str_find(en, S("10.0.0.20, port 3389, last seen")) > 0);
    assert_true(str_find(en, S("10.0.0.21")) < 0);
    assert_true(str_find(en, S("and 5 more in the portal")) > 0);
    assert_true(str_find(en, S("What to do now: Close the port at your firewall")) > 0);
    assert_true(str_find(en, S("open notice N-2026-000001 in the portal")) > 0);
    assert_true(str_find(en, S("{")) < 0);
    assert_true(str_starts(ur, S("بنام: وزارت interior")));
    assert_true(
            str_find(ur, S("\u206610.0.0.20\u2069، پورٹ 3389، آخری بار 1 جنوری 2026، 01:00 کو")) >
            0);
    assert_true(str_find(ur, S("{")) < 0);
    assert_str(texts_only(s->mem, h->now.subject, LANG_EN),
            "Remote control of a computer can be reached from the whole internet (25 findings)");
}

static void due_by_severity(void **state)
{
    scene *s = *state;
    notice_rules r = desk_rules();
    instant thursday = clock_now(&s->n->ts->clock); /* 2026-01-01 05:00 in Karachi */
    int64_t hour = 3600 * US_PER_S;
    assert_int_equal(notice_due(&r.cal, thursday, SEVERITY_CRITICAL).us, thursday.us + 24 * hour);
    assert_int_equal(notice_due(&r.cal, thursday, SEVERITY_HIGH).us, thursday.us + 72 * hour);
    /* Seven working days: Thursday, Friday, Monday to Friday of the week after, 17:00. */
    assert_int_equal(notice_due(&r.cal, thursday, SEVERITY_MEDIUM).us,
            thursday.us + 8 * 24 * hour + 12 * hour);
    r.cal.hours.weekend_bits = 0x7f;
    assert_int_equal(notice_due(&r.cal, thursday, SEVERITY_LOW).us, thursday.us + 30 * 24 * hour);
}

static void taken_back(void **state)
{
    scene *s = *state;
    promote_item items[2] = { nation_item(s->a, "vulnerable-system", "open-rdp", SEVERITY_LOW, 1),
        nation_item(s->a, "vulnerable-system", "open-rdp", SEVERITY_LOW, 2) };
    id128 id;
    nation_promote(s->n, items, 2);
    desk_react(s->n);
    {
        CLEANUP(txn_end_p) txn *t = nation_read(s->n);
        id = desk_notice(t, 1)->id.id;
    }
    asking undo = {
        .n = s->n, .person = s->coordinator, .fn = h_notice_undo, .id = id, .a = s->mem
    };
    assert_ok(desk_do(undo));
    assert_ok(desk_do(undo)); /* again changes nothing */
    {
        CLEANUP(txn_end_p) txn *t = nation_read(s->n);
        const delivery_handle *d;
        const finding_handle *f;
        viewer sys;
        assert_ok(viewer_system(t, &sys));
        assert_str(desk_notice(t, 1)->now.state, "undone");
        assert_ok(delivery_read_row(t, &sys, 1, &d));
        assert_str(d->now.state, "undone");
        assert_ok(finding_read_row(t, &sys, 2, &f));
        assert_false(f->now.has_notice);
    }
    CLEANUP(txn_end_p) txn *t = nation_read(s->n);
    int64_t checked;
    assert_ok(record_verify(t, NULL, NULL, &checked));
}

/* As the outbox does when the hold is over. */
static err leave(txn *t, void *ctx)
{
    const delivery_handle *d;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(delivery_hold_row(t, &sys, 1, &d));
    return delivery_send_portal(t, &sys, d);
}

static void acknowledged_in_the_portal(void **state)
{
    scene *s = *state;
    promote_item i = nation_item(s->a, "vulnerable-system", "open-rdp", SEVERITY_LOW, 1);
    id128 id;
    nation_promote(s->n, &i, 1);
    desk_react(s->n);
    {
        CLEANUP(txn_end_p) txn *t = nation_read(s->n);
        id = desk_notice(t, 1)->id.id;
    }
    asking read = { .n = s->n, .person = s->focal, .fn = h_notice_read, .id = id, .a = s->mem };
    assert_fails(desk_do(read), E_ABSENT, "error.store.absent");
    assert_ok(store_write(s->n->ts->s, leave, NULL));
    asking undo = {
        .n = s->n, .person = s->coordinator, .fn = h_notice_undo, .id = id, .a = s->mem
    };
    assert_fails(desk_do(undo), E_CONFLICT, "error.watch.notice_left");
    const json *j = desk_ask(read);
    assert_int_equal(json_get(j, S("deliveries"))->count, 2);
    assert_int_equal(json_get(j, S("items"))->count, 1);
    assert_str(json_get_text(j, S("state")), "sent");
    asking ack = {
        .n = s->n, .person = s->coordinator, .fn = h_notice_acknowledge, .id = id, .a = s->mem
    };
    assert_fails(desk_do(ack), E_DENIED, "error.access.not_owner");
    ack.person = s->technical;
    assert_ok(desk_do(ack));
    assert_ok(desk_do(ack));
    j = desk_ask(read);
    assert_str(json_get_text(j, S("state")), "acknowledged");
    assert_str(json_get_text(j, S("acknowledged_by")), "Bilal Khan");
    assert_str(json_get_text(json_at(json_get(j, S("deliveries")), 0), S("state")), "acknowledged");
    assert_str(json_get_text(json_at(json_get(j, S("deliveries")), 1), S("state")), "undone");
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
    const struct CMUnitTest tests[] = { BOTH(one_for_each_owner_and_kind), BOTH(joins_while_held),
        BOTH(says_it_in_both_languages), BOTH(due_by_severity), BOTH(taken_back),
        BOTH(acknowledged_in_the_portal) };
    if (!stores_have_pg()) return 77;
    int result = cmocka_run_group_tests_name("notice", tests, NULL, NULL);
    stores_over();
    return result;
}
