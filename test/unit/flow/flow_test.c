/* flow_test.c - runs: going on at every place, aggregation, snapshots swapped under way, JSON
 * lines, declared feeds, faults of the sink, and memory that does not grow with the input. */
#include "unit/flow/rows.h"

#include <malloc.h>
#include <stdatomic.h>

#include "engine/csv/csv.h"

static const char csv_yaml[] = "name: C\nformat: csv\ncomment: \"#\"\naggregate: {gap_s: 0}\n";

static str sample(arena *a, size_t rows)
{
    buf b = buf_new(a, rows * 60);
    buf_put(&b, S("# comment\ntimestamp;ip;port;note\n"));
    for (size_t i = 0; i < rows; i++) {
        if (i % 7 == 3) buf_put(&b, S("\r\n# again\n"));
        if (i % 11 == 5)
            buf_put(&b, S("2026-11-24 11:24:25;bad;443;\"two\nlines\"\n"));
        else
            buf_fmt(&b, "2026-11-24 11:24:%02zu;198.18.%zu.%zu;%zu;\"n \"\"%zu\"\"\"\r\n", i % 60,
                    i / 250 % 250, i % 250, i % 6000, i);
    }
    return buf_str(&b);
}

static str run_all(arena *a, const char *yaml, str text, flow_position from, rows_log *l)
{
    flow_run_result r;
    const flow_feed *f = rows_feed(a, yaml);
    assert_ok(rows_run(l, f, NULL, S("in.csv"), text, from, NULL, &r));
    return buf_str(&l->out);
}

/* The sink's position of every batch, and every row's own place, is one to go on from. */
static void goes_on_at_every_place(void **state)
{
    arena *a = *state;
    str text = sample(a, 60);
    rows_log whole = { .a = a };
    str want = run_all(a, csv_yaml, text, (flow_position){ 0 }, &whole);
    assert_int_equal(whole.rows + whole.rejects, 60);
    size_t at = 0, row = 1, lines = 0;
    csv *c = csv_new(a, ';', '#');
    csv_row cr;
    for (csv_result r; (r = csv_next(c, a, str_sub(text, at, text.n), true, &cr)) != CSV_END;
            lines++) {
        assert_int_equal(r, CSV_ROW);
        at += cr.used;
        row = (size_t)cr.number;
        rows_log tail = { .a = a };
        str rest = run_all(a, csv_yaml, text, (flow_position){ at, (int64_t)row }, &tail);
        assert_int_equal(tail.rows + tail.rejects, 60 - lines);
        assert_true(str_ends(want, rest));
    }
}

static void goes_on_in_a_large_file(void **state)
{
    arena *a = *state;
    str text = sample(a, 100000);
    rows_log whole = { .a = a };
    flow_position end[400];
    whole.end = end;
    str want = run_all(a, csv_yaml, text, (flow_position){ 0 }, &whole);
    assert_true(whole.n_end > 20);
    assert_int_equal(whole.rows + whole.rejects, 100000);
    assert_int_equal(end[whole.n_end - 1].offset, text.n);
    for (size_t i = 0; i < whole.n_end; i += 5) {
        rows_log tail = { .a = a };
        str rest = run_all(a, csv_yaml, text, end[i], &tail);
        assert_true(str_ends(want, rest));
        assert_int_equal((size_t)end[i].row - 1 + tail.rows + tail.rejects, 100000);
    }
}

static void a_sink_that_fails_ends_the_run(void **state)
{
    arena *a = *state;
    str text = sample(a, 50000);
    rows_log l = { .a = a, .fail_at = 3 };
    flow_run_result r;
    err e = rows_run(
            &l, rows_feed(a, csv_yaml), NULL, S("in.csv"), text, (flow_position){ 0 }, NULL, &r);
    assert_fails(e, E_IO, "error.flow.read");
    rows_log rest = { .a = a };
    flow_run_result q;
    assert_ok(rows_run(&rest, rows_feed(a, csv_yaml), NULL, S("in.csv"), text, r.at, NULL, &q));
    rows_log whole = { .a = a };
    flow_run_result w;
    assert_ok(rows_run(&whole, rows_feed(a, csv_yaml), NULL, S("in.csv"), text,
            (flow_position){ 0 }, NULL, &w));
    assert_int_equal(r.rows + q.rows, w.rows);
}

static void repeats_only_count(void **state)
{
    arena *a = *state;
    flow_aggregate *g = flow_aggregate_new(1024);
    buf b = buf_new(a, 4096);
    buf_put(&b, S("timestamp,ip,type\n"));
    for (int i = 0; i < 30; i++)
        buf_fmt(&b, "2026-11-24 %02d:00:00,198.18.1.%d,scanner\n", i / 3, i % 3);
    buf_put(&b, S("2026-11-25 08:00:00,198.18.1.0,scanner\n2026-11-25 "
                  "08:00:00,,scanner\n2026-11-25 08:00:00,,scanner\n"));
    rows_log l = { .a = a };
    flow_run_result r;
    assert_ok(rows_run(&l, rows_feed(a, "name: C\naggregate: {gap_s: 43200, span_s: 86400}\n"),
            NULL, S("x.csv"), buf_str(&b), (flow_position){ 0 }, g, &r));
    assert_int_equal(r.events, 6); /* three first ones, one after the gap, two of no place */
    assert_int_equal(r.repeats, 27);
    assert_int_equal(r.rows, 33);
    flow_aggregate_free(g);
}

static void groups_are_bounded(void **state)
{
    flow_aggregate *g = flow_aggregate_new(4096);
    for (uint64_t i = 1; i < 200000; i++)
        assert_true(flow_aggregate_take(
                g, i * UINT64_C(0x9e3779b97f4a7c15) | 1, (int64_t)i, 1000000, 0));
    assert_true(flow_aggregate_open(g) <= 4096);
    assert_true(flow_aggregate_evicted(g) > 190000);
    flow_aggregate_seed(g, 77, 10, 20);
    assert_false(flow_aggregate_take(g, 77, 25, 10, 0));
    assert_true(flow_aggregate_take(g, 77, 36, 10, 0));
    assert_true(flow_aggregate_take(g, 77, 40, 10, 4));
    flow_aggregate_free(g);
}

static void owners_by_rank_and_time(void **state)
{
    arena *a = *state;
    cidr wide = { 0 }, narrow = { 0 };
    assert_true(cidr_parse(S("198.18.0.0/15"), true, &wide) &&
                cidr_parse(S("198.18.4.0/24"), true, &narrow));
    const owner_org org[] = { { 11, { { 0 } } }, { 12, { { 0 } } }, { 13, { { 0 } } } };
    const owner_network net[] = { { wide, { 0, 0, 0 } }, { narrow, { 100, 200, 1 } },
        { narrow, { 150, 0, 2 } } };
    const owner_asn asn[] = { { 64500, { 0, 100, 1 } }, { 64500, { 100, 0, 2 } } };
    const owner_domain dom[] = { { S("Example."), { 0, 0, 0 } }, { S("a.example"), { 0, 0, 1 } },
        { S("bad name"), { 0, 0, 1 } } };
    const owner_country cc[] = { { { 'P', 'K' }, { 0, 0, 2 } } };
    owner_input in = { org, 3, net, 3, asn, 2, dom, 3, cc, 1 };
    size_t refused;
    owners *o = owners_build(&in, &refused);
    assert_int_equal(refused, 1);
    addr ip;
    assert_true(addr_parse(S("198.18.4.7"), &ip));
    const struct {
        owner_question q;
        int64_t row;
        uint8_t why;
        const char *text;
    } cases[] = {
        { { ip, 64500, S("a.example"), S("PK"), 50 }, 11, OWNER_NETWORK, "198.18.0.0/15" },
        { { ip, 0, S(""), S(""), 120 }, 12, OWNER_NETWORK, "198.18.4.0/24" },
        { { ip, 0, S(""), S(""), 160 }, 12, OWNER_NETWORK | OWNER_CONFLICT, "198.18.4.0/24" },
        { { ip, 0, S(""), S(""), 200 }, 13, OWNER_NETWORK, "198.18.4.0/24" },
        { { addr_v4(1), 64500, S("a.example"), S("PK"), 99 }, 12, OWNER_ASN, "AS64500" },
        { { addr_v4(1), 64500, S("a.example"), S("PK"), 100 }, 13, OWNER_ASN, "AS64500" },
        { { addr_v4(1), 64501, S("x.a.example"), S("PK"), 1 }, 12, OWNER_DOMAIN, "a.example" },
        { { addr_v4(1), 0, S("b.example"), S("PK"), 1 }, 11, OWNER_DOMAIN, "example" },
        { { addr_v4(1), 0, S("b.test"), S("PK"), 1 }, 13, OWNER_COUNTRY, "PK" },
        { { addr_v4(1), 0, S("b.test"), S("XX"), 1 }, 0, OWNER_NONE, "" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        owner_answer r = owners_find(o, a, &cases[i].q);
        assert_int_equal(r.org ? r.org->row : 0, cases[i].row);
        assert_int_equal(r.why, cases[i].why);
        assert_str(r.text, cases[i].text);
    }
    owners_free(o);
}

static void json_lines(void **state)
{
    arena *a = *state;
    str text = S("{\"__type\":\"Event\",\"source.ip\":\"198.18.7.9\",\"source.port\":443,\"time."
                 "source\":\"2026-11-24T11:24:25+00:00\","
                 "\"classification.type\":\"c&c\",\"extra.n\":[1, "
                 "2],\"extra\":{\"deep\":{\"x\":true}}}\n\n"
                 "{\"ip\":\"198.18.1.1\",\"password\":\"hunter2\",\"late\":\"x\",\"list\":[{"
                 "\"token\":\"hunter3\"}]}\n"
                 "[1]\n{\"ip\":\n{\"ip\":\"198.18.1.2\",\"pass\":\"hunter4\"\n");
    rows_log l = { .a = a };
    flow_run_result r;
    assert_ok(rows_run(&l, rows_feed(a, "name: J\nformat: jsonl\naggregate: {gap_s: 0}\n"), NULL,
            S("x.jsonl"), text, (flow_position){ 0 }, NULL, &r));
    str out = buf_str(&l.out);
    assert_int_equal(l.rows, 2);
    assert_int_equal(l.rejects, 3);
    assert_true(str_find(out, S("ip=198.18.7.9 port=443 asn=0 t=1795519465 type=c2-server")) > 0);
    assert_true(str_find(out, S("\"extra.n\":[1, 2]")) > 0 &&
                str_find(out, S("\"extra.deep.x\":true")) > 0);
    assert_true(str_find(out, S("hunter")) < 0);
    assert_true(str_find(out, S("\"extra.late\":\"x\"")) > 0);
}

static void feeds_are_checked(void **state)
{
    static const struct {
        const char *yaml, *key;
    } bad[] = {
        { "format: csv\n", "error.flow.feed.name" },
        { "name: x\nformat: xml\n", "error.flow.feed.format" },
        { "name: x\ncolumns: {a: nothing.such}\n", "error.flow.feed.key" },
        { "name: x\ncolumns: {a: {to: source.ip, requierd: true}}\n", "error.flow.feed.unknown" },
        { "name: x\ncolumns: {a: {to: source.ip, convert: magic}}\n", "error.flow.feed.converter" },
        { "name: x\nheader: false\n", "error.flow.feed.no_columns" },
        { "name: x\nseparator: abc\n", "error.flow.feed.separator" },
        { "name: x\naccuracy: 101\n", "error.flow.feed.accuracy" },
        { "name: x\naggregate: {gap_s: -1}\n", "error.flow.feed.seconds" },
        { "name: x\nbogus: 1\n", "error.flow.feed.unknown" },
    };
    const flow_feed *f;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_fails(flow_feed_read(*state, str_of(bad[i].yaml), S("f"), &f), E_CONFIG, bad[i].key);
    f = rows_feed(*state, "name: x\nheader: false\nguess: false\nsealed: [note]\ncolumns:\n"
                          "  ip: {to: source.ip, required: true}\n  note: extra.\nconstants: "
                          "{classification.type: blacklist}\n");
    rows_log l = { .a = *state };
    flow_run_result r;
    assert_ok(rows_run(
            &l, f, NULL, S("list"), S("198.18.7.1,hello\n"), (flow_position){ 0 }, NULL, &r));
    assert_true(str_find(buf_str(&l.out), S("type=blacklist")) > 0 &&
                str_find(buf_str(&l.out), S("hello")) < 0);
}

static void declared_files_are_right(void **state)
{
    static const char *const files[] = { "shadowserver", "generic-csv", "generic-jsonl",
        "address-list" };
    const char *root = getenv("MINAR_SOURCE");
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char text[8192], *path = str_z(*state, str_fmt(*state, "%s/data/feeds/%s.yaml",
                                                       root ? root : ".", files[i]));
        FILE *in = fopen(path, "rb");
        assert_non_null(in);
        size_t n = fread(text, 1, sizeof text, in);
        fclose(in);
        const flow_feed *f;
        assert_ok(flow_feed_read(*state, (str){ text, n }, str_of(path), &f));
        assert_true(f->name.n > 0);
    }
}

/* 64 MB of rows made on the way, so that nothing but the run itself takes memory. */
static err endless(void *ctx, uint64_t offset, char *p, size_t cap, size_t *n)
{
    static const char head[] = "timestamp,ip,port,user,password\n",
                      row[] = "2026-11-24 11:24:25,198.18.1.1,443,someone,secret__\n";
    size_t k = 0;
    *n = 0;
    if (offset > (uint64_t)64 << 20) return OK;
    while (k < cap) {
        uint64_t at = offset + k;
        p[k++] = at < sizeof head - 1 ? head[at] : row[(at - sizeof head + 1) % (sizeof row - 1)];
    }
    *n = k;
    return OK;
}

static err nothing(void *ctx, const flow_batch *b)
{
    size_t *most = ctx, n = flow_batch_bytes(b);
    if (n > *most) *most = n;
    return OK;
}

static void memory_is_bounded(void **state)
{
    flow_snapshot_slot *t = rows_country();
    size_t most = 0;
    struct mallinfo2 before = mallinfo2();
    flow_run_input in = { .feed = rows_feed(*state, csv_yaml),
        .file = S("x.csv"),
        .input = { endless, NULL },
        .snapshots = t,
        .seal = &rows_key,
        .now = { 1 },
        .sink = nothing,
        .sink_ctx = &most };
    flow_run_result r;
    assert_ok(flow_run(&in, &r));
    assert_true(r.rows > 1000000);
    struct mallinfo2 after = mallinfo2();
    print_message("%lu rows, a batch at most %zu KB\n", (unsigned long)r.rows, most >> 10);
    assert_true(most < (size_t)12 << 20);
    assert_true(
            after.uordblks + after.hblkhd <= before.uordblks + before.hblkhd + ((size_t)8 << 20));
    flow_snapshot_slot_free(t);
}

static err swapping(void *ctx, const flow_batch *b)
{
    flow_snapshot *s;
    snapshot_input in = { .made = { b->to.row } };
    TRY(flow_snapshot_make(&in, &s));
    flow_snapshot_swap(ctx, s);
    return OK;
}

static void snapshots_are_swapped_under_way(void **state)
{
    str text = sample(*state, 100000);
    flow_snapshot_slot *t = rows_country();
    _Atomic bool stop = false;
    flow_run_input in = { .feed = rows_feed(*state, csv_yaml),
        .file = S("x.csv"),
        .input = flow_input_memory(&text),
        .snapshots = t,
        .seal = &rows_key,
        .sink = swapping,
        .sink_ctx = t,
        .stop = &stop };
    flow_run_result r;
    assert_ok(flow_run(&in, &r));
    assert_true(r.owned > 0 && r.owned < 100000);
    flow_snapshot *s = flow_snapshot_take(t);
    assert_true(flow_snapshot_made(s).us > 1);
    flow_snapshot_release(s);
    stop = true;
    assert_ok(flow_run(&in, &r));
    assert_true(r.rows < 100000);
    flow_snapshot_slot_free(t);
}

static void every_class_has_its_taxonomy(void **state)
{
    assert_int_equal(FLOW_CLASSES - 1, 44);
    assert_str(flow_classes[flow_class_find(S("botnet drone"))].name, "infected-system");
    assert_str(flow_classes[flow_class_find(S("c&c"))].name, "c2-server");
    assert_str(flow_classes[flow_class_find(S("scanner"))].taxonomy, "information-gathering");
    assert_int_equal(flow_class_find(S("nothing")), 0);
    for (size_t i = 1; i < FLOW_CLASSES; i++)
        assert_int_equal(flow_class_find(flow_classes[i].name), i);
    for (size_t i = 1; i < FLOW_KEYS; i++)
        assert_int_equal(flow_key_find(flow_keys[i].name), i);
    assert_int_equal(flow_key_guess(S("Source IP")), FLOW_SOURCE_IP);
    assert_int_equal(flow_key_guess(S("dst_port")), FLOW_DESTINATION_PORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(goes_on_at_every_place),
        UNIT(goes_on_in_a_large_file),
        UNIT(a_sink_that_fails_ends_the_run),
        UNIT(repeats_only_count),
        UNIT(groups_are_bounded),
        UNIT(owners_by_rank_and_time),
        UNIT(json_lines),
        UNIT(feeds_are_checked),
        UNIT(declared_files_are_right),
        UNIT(memory_is_bounded),
        UNIT(snapshots_are_swapped_under_way),
        UNIT(every_class_has_its_taxonomy),
    };
    return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
