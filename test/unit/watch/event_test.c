/* event_test.c - feeds, events, indicators and the one box through the interface: what goes in
 * comes out again, as its reader may see it, with errors that say where. */
#include "unit/unit.h"

#include "base/json.h"
#include "support/world_api.h"

typedef struct {
    world w;
    world_api api;
    arena *a;
} fixture;

static const char declared[] =
        "name: List\\nformat: csv\\ncolumns:\\n  when: time.source\\n  victim: source.ip\\n"
        "  host: source.fqdn\\n"
        "constants:\\n  classification.type: infected-system\\n"
        "  classification.identifier: example-bot\\n";

static api_answer call_ok(fixture *x, const char *method, const char *path, str body)
{
    api_answer r = world_call(&x->api, x->a, method, path, body);
    if (r.status >= 300) fail_msg("%s %s: %d %.*s", method, path, r.status, STR_ARG(r.body));
    return r;
}

static const json *get(fixture *x, const char *path)
{
    const json *j;
    assert_ok(json_parse(x->a, call_ok(x, "GET", path, (str){ 0 }).body, NULL, &j));
    return j;
}

static int open_fixture(void **state)
{
    fixture *x = calloc(1, sizeof *x);
    x->a = arena_new((size_t)512 << 20);
    world_folder(&x->w, "event");
    world_open(&x->w);
    world_org(&x->w, "bank", "198.18.0.0/16");
    world_org(&x->w, "telecom", "198.19.0.0/16");
    world_flow(&x->w);
    world_api_open(&x->api, &x->w);
    call_ok(x, "POST", "/api/feeds",
            str_fmt(x->a, "{\"key\":\"list\",\"format\":\"csv\",\"declaration\":\"%s\"}",
                    declared));
    *state = x;
    return 0;
}

static int close_fixture(void **state)
{
    fixture *x = *state;
    world_api_close(&x->api);
    world_close(&x->w);
    world_remove(&x->w);
    arena_free(x->a);
    free(x);
    return 0;
}

static void brought(fixture *x, const char *rows)
{
    str text = str_fmt(x->a, "when,victim,host\n%s", rows);
    api_answer r = call_ok(x, "POST", "/api/feeds/list/files?name=a.csv&wait=true", text);
    assert_int_equal(r.status, 200);
    assert_true(str_find(r.body, S("\"state\":\"done\"")) > 0);
}

static const char three[] =
        "2026-11-20T10:00:00Z,198.18.0.1,\n2026-11-21T10:00:00Z,198.19.0.1,a.evil.example\n"
        "2026-11-22T10:00:00Z,203.0.113.9,\n";

static int64_t number(const json *j, const char *key)
{
    int64_t n = -1;
    assert_true(json_i64(json_get(j, str_of(key)), &n));
    return n;
}

/* ---- feeds ---- */

static void a_feed_and_its_health(void **state)
{
    fixture *x = *state;
    const json *f = get(x, "/api/feeds/list");
    assert_str(json_get_text(f, S("health")), "new");
    brought(x, three);
    f = json_at(json_get(get(x, "/api/feeds"), S("items")), 0);
    assert_str(json_get_text(f, S("health")), "alive");
    assert_int_equal(number(f, "events_24h"), 3);
    assert_int_equal(json_get(f, S("hours"))->count, 24);
    double pct;
    assert_true(json_f64(json_get(f, S("owned_pct")), &pct) && pct > 66 && pct < 67);
}

static void wrong(fixture *x, const char *method, const char *path, const char *body, int status,
        const char *holds)
{
    api_answer r = world_call(&x->api, x->a, method, path, str_of(body));
    if (r.status != status || str_find(r.body, str_of(holds)) < 0)
        fail_msg("%s %s: %d %.*s", method, path, r.status, STR_ARG(r.body));
}

static void feeds_refuse(void **state)
{
    fixture *x = *state;
    wrong(x, "POST", "/api/feeds", "{\"key\":\"list\",\"format\":\"csv\"}", 409,
            "\"pointer\":\"/key\"");
    wrong(x, "POST", "/api/feeds", "{\"key\":\"A b\",\"format\":\"csv\"}", 422, "error.feed.key");
    wrong(x, "POST", "/api/feeds",
            "{\"key\":\"b\",\"format\":\"csv\",\"declaration\":\"name: B\\nformat: jsonl\\n\"}",
            422, "/declaration/format");
    wrong(x, "POST", "/api/feeds",
            "{\"key\":\"b\",\"format\":\"csv\",\"declaration\":\"name: B\\nsurprise: 1\\n\"}", 422,
            "/declaration/surprise");
    wrong(x, "POST", "/api/feeds",
            "{\"key\":\"b\",\"format\":\"csv\",\"declaration\":\"name: [\\n\"}", 422, "\"row\":");
    wrong(x, "POST", "/api/feeds", "{\"key\":\"b\",\"format\":\"csv\",\"url\":\"ftp://x\"}", 422,
            "/url");
    wrong(x, "POST", "/api/feeds", "{\"key\":\"b\",\"format\":\"csv\",\"tlp\":\"RED\"}", 422,
            "/tlp");
    wrong(x, "GET", "/api/feeds/none", "", 404, "");
    call_ok(x, "PATCH", "/api/feeds/list", S("{\"state\":\"paused\"}"));
    wrong(x, "POST", "/api/feeds/list/files?name=a.csv", "when,victim\n", 409, "error.feed.paused");
}

static void a_file_twice(void **state)
{
    fixture *x = *state;
    brought(x, three);
    str text = str_fmt(x->a, "when,victim,host\n%s", three);
    api_answer r = call_ok(x, "POST", "/api/feeds/list/files?name=b.csv", text);
    assert_true(str_find(r.body, S("\"already\":true")) > 0);
    assert_true(str_find(r.body, S("\"rows_same\":3")) > 0);
    assert_int_equal(number(get(x, "/api/events/summary"), "count"), 3);
    r = call_ok(x, "POST", "/api/feeds/list/files?name=c.csv&dry_run=true",
            S("when,victim,host\n,198.18.0.1,\n"));
    assert_true(str_find(r.body, S("\"state\":\"preview\"")) > 0);
}

/* ---- events ---- */

static void events_by_filter(void **state)
{
    fixture *x = *state;
    brought(x, three);
    static const struct {
        const char *query;
        size_t n;
    } asked[] = { { "", 3 }, { "q=198.18.0.0/15", 2 }, { "q=198.19.0.1", 1 },
        { "q=evil.example", 1 }, { "unowned=true", 1 }, { "type=infected-system", 3 },
        { "type=scanner", 0 }, { "feed=list", 3 }, { "feed=none", 0 },
        { "from=2026-11-21T00:00:00Z", 2 }, { "to=2026-11-21T00:00:00Z", 1 },
        { "org=00000000-0000-4000-8000-000000000000", 0 }, { "limit=2", 2 } };
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        const json *j = get(x, str_z(x->a, str_fmt(x->a, "/api/events?%s", asked[i].query)));
        if (json_get(j, S("items"))->count != asked[i].n)
            fail_msg("%s gives %zu", asked[i].query, json_get(j, S("items"))->count);
    }
    wrong(x, "GET", "/api/events?q=what%20is%20this", "", 422, "\"pointer\":\"/q\"");
}

static void pages_go_on(void **state)
{
    fixture *x = *state;
    brought(x, three);
    const json *one = get(x, "/api/events?limit=2");
    str next = json_get_text(one, S("next"));
    assert_true(next.n > 0);
    const json *two =
            get(x, str_z(x->a, str_fmt(x->a, "/api/events?limit=2&cursor=%.*s", STR_ARG(next))));
    assert_int_equal(json_get(two, S("items"))->count, 1);
    assert_true(json_is_null(json_get(two, S("next"))));
}

static void one_event_whole(void **state)
{
    fixture *x = *state;
    brought(x, three);
    const json *e = json_at(json_get(get(x, "/api/events?q=198.18.0.1"), S("items")), 0);
    const json *whole = get(
            x, str_z(x->a, str_fmt(x->a, "/api/events/%.*s", STR_ARG(json_get_text(e, S("id"))))));
    assert_str(json_get_text(whole, S("header")), "when,victim,host");
    assert_str(json_get_text(whole, S("raw")), "2026-11-20T10:00:00Z,198.18.0.1,");
    assert_str(json_get_text(json_get(whole, S("owner")), S("key")), "bank");
    assert_true(str_find(json_get_text(whole, S("why")), S("198.18.0.0/16")) > 0);
    assert_str(json_get_text(whole, S("tlp")), "AMBER+STRICT");
}

static void a_summary(void **state)
{
    fixture *x = *state;
    brought(x, three);
    const json *s = get(x, "/api/events/summary?type=infected-system"),
               *facets = json_get(s, S("facets"));
    assert_int_equal(number(s, "count"), 3);
    int64_t sum = 0, n;
    for (const json *b = json_get(s, S("histogram"))->first; b; b = b->next)
        if (json_i64(b, &n)) sum += n;
    assert_int_equal(sum, 3);
    assert_int_equal(number(json_at(json_get(facets, S("type")), 0), "count"), 3);
    assert_int_equal(json_get(facets, S("owner"))->count, 3);
    assert_str(json_get_text(json_at(json_get(facets, S("feed")), 0), S("value")), "list");
}

/* ---- indicators ---- */

static void indicators_are_recognised(void **state)
{
    fixture *x = *state;
    call_ok(x, "POST", "/api/indicators",
            S("{\"value\":\"evil[.]example\",\"why\":\"seen in a report\",\"days\":10}"));
    wrong(x, "POST", "/api/indicators", "{\"value\":\"EVIL.example\",\"why\":\"again\"}", 409,
            "error.indicator.taken");
    wrong(x, "POST", "/api/indicators", "{\"value\":\"no value at all\",\"why\":\"x\"}", 422,
            "\"pointer\":\"/value\"");
    const json *j = json_at(json_get(get(x, "/api/indicators?q=evil.example"), S("items")), 0);
    assert_str(json_get_text(j, S("kind")), "domain");
    assert_str(json_get_text(j, S("value")), "evil.example");
    assert_false(json_is_null(json_get(j, S("valid_until"))));
}

static void a_list_of_indicators(void **state)
{
    fixture *x = *state;
    str list = S("# a list\n192.0.2.1\nhxxp://bad[.]example/x\nnot a value\n192.0.2.0/24 ; SBL1\n");
    api_answer r = call_ok(x, "POST", "/api/imports/indicators?name=l.txt&source=test", list);
    assert_true(str_find(r.body, S("\"rows_done\":3")) > 0);
    assert_true(str_find(r.body, S("\"rows_bad\":1")) > 0);
    assert_true(str_find(r.body, S("\"row\":4")) > 0);
    r = call_ok(x, "POST", "/api/imports/indicators?name=l.txt&source=test", list);
    assert_true(str_find(r.body, S("\"rows_same\":3")) > 0);
    str table = S("indicator,confidence,comment\n203.0.113.77,80,scanner\nx.example,high,\n");
    r = call_ok(x, "POST", "/api/imports/indicators?name=t.csv", table);
    assert_true(str_find(r.body, S("\"rows_done\":1")) > 0);
    assert_true(str_find(r.body, S("confidence")) > 0);
}

static void matched_in_passing(void **state)
{
    fixture *x = *state;
    call_ok(x, "POST", "/api/indicators", S("{\"value\":\"evil.example\",\"why\":\"bad\"}"));
    assert_ok(flow_settle(x->w.r, 10000));
    brought(x, three);
    assert_int_equal(json_get(get(x, "/api/events?matched=true"), S("items"))->count, 1);
}

/* ---- the one box ---- */

static const json *look(fixture *x, const char *q)
{
    return get(x, str_z(x->a, str_fmt(x->a, "/api/lookup?q=%s", q)));
}

static void lookups(void **state)
{
    fixture *x = *state;
    call_ok(x, "POST", "/api/indicators", S("{\"value\":\"198.18.0.1\",\"why\":\"bad\"}"));
    brought(x, three);
    const json *j = look(x, "198.18.0.1");
    assert_str(json_get_text(j, S("recognised")), "ip");
    assert_int_equal(number(j, "seen"), 1);
    assert_str(json_get_text(json_get(j, S("owner")), S("key")), "bank");
    assert_true(str_starts(json_get_text(j, S("words")), S("Seen once,")));
    assert_int_equal(json_get(j, S("hits"))->count, 2); /* the indicator and the finding */
    j = look(x, "198.18.0.0%2F15");
    assert_true(str_starts(
            json_get_text(j, S("words")), S("Seen 2 times since 20 November 2026 at 2 bodies")));
    assert_int_equal(json_get(j, S("days"))->count, 30);
    assert_true(str_starts(json_get_text(look(x, "192.0.2.200"), S("words")), S("Not seen")));
    j = look(x, "bank");
    assert_str(json_get_text(j, S("recognised")), "text");
    assert_str(json_get_text(json_at(json_get(j, S("hits")), 0), S("kind")), "organisation");
    assert_str(json_get_text(look(x, "n-2026-000001"), S("recognised")), "number");
    assert_true(str_starts(
            json_get_text(look(x, "nothing%20like%20this"), S("words")), S("Nothing found")));
}

static void status_counts(void **state)
{
    fixture *x = *state;
    brought(x, three);
    const json *j = get(x, "/api/status");
    assert_int_equal(number(j, "feeds_alive"), 1);
    assert_int_equal(number(j, "events_24h"), 3);
    assert_false(json_is_null(json_get(j, S("last_event"))));
}

static void a_mapping(void **state)
{
    fixture *x = *state;
    wrong(x, "PUT", "/api/shadowserver/mapping", "{\"scan_x\":1}", 422, "error.flow.mapping.type");
    api_answer r = call_ok(x, "PUT", "/api/shadowserver/mapping",
            S("{\"_meta\":{\"date_created\":\"2026-11-01T00:00:00Z\"},\"scan_x\":{\"file_name\":"
              "\"scan_x\"}}"));
    assert_true(str_find(r.body, S("\"types\":1")) > 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(a_feed_and_its_health), TEST(feeds_refuse),
        TEST(a_file_twice), TEST(events_by_filter), TEST(pages_go_on), TEST(one_event_whole),
        TEST(a_summary), TEST(indicators_are_recognised), TEST(a_list_of_indicators),
        TEST(matched_in_passing), TEST(lookups), TEST(status_counts), TEST(a_mapping) };
    return cmocka_run_group_tests_name("watch event", tests, NULL, NULL);
}
