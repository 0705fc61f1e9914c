/* shadowserver_test.c - Shadowserver's mapping: every converter's edge cases on a fictional mapping
 * in the publisher's format; with MINAR_DATA also rows for each of the published report types. */
#include "unit/flow/rows.h"

#include "flow/when.h"

static str file_text(arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s", path);
    char *p = arena_alloc(a, 4 << 20);
    size_t n = fread(p, 1, 4 << 20, f);
    fclose(f);
    return (str){ p, n };
}

static const ss_mapping *fictional(arena *a)
{
    const ss_mapping *m;
    size_t unknown;
    char *root = getenv("MINAR_SOURCE");
    char *path = str_z(a, str_fmt(a, "%s/test/unit/flow/mapping.json", root ? root : "."));
    assert_ok(ss_mapping_read(a, file_text(a, path), S("mapping.json"), &m, &unknown));
    assert_int_equal(unknown, 1); /* future.key */
    return m;
}

static const char feed_yaml[] = "name: S\nformat: shadowserver\naggregate: {gap_s: 0}\n";

/* One row through the whole pipeline; its line. */
static str one(arena *a, const char *file, const char *text)
{
    rows_log l = { .a = a };
    flow_run_result r;
    assert_ok(rows_run(&l, rows_feed(a, feed_yaml), fictional(a), str_of(file), str_of(text),
            (flow_position){ 0 }, NULL, &r));
    return buf_str(&l.out);
}

static void report_names(void **state)
{
    str t;
    assert_true(ss_report_type(S("2026-11-24-scan_smb-pk-asn.csv"), &t));
    assert_str(t, "scan_smb");
    assert_true(ss_report_type(S("in/2026-11-24-blocklist.csv"), &t));
    assert_str(t, "blocklist");
    assert_true(ss_report_type(S("scan_smb.csv"), &t));
    assert_str(t, "scan_smb");
    assert_false(ss_report_type(S("2026-11-24-.csv"), &t));
    assert_false(ss_report_type(S("2026-11-24-scan_smb.txt"), &t));
    assert_false(ss_report_type(S("scan smb.csv"), &t));
}

typedef struct {
    const char *column, *cell, *want; /* want: a part of the line; with '!' before it: not a part */
} conv_case;

static const conv_case cases[] = {
    { "tag", "a;b", "\"extra.tag\":\"a;b\"" },
    { "tag", "unknown", "!extra.tag" },
    { "tag", "0", "!extra.tag" },
    { "tag", "Unknown", "\"extra.tag\":\"Unknown\"" },
    { "protocol", "TCP", "!extra.protocol" },
    { "protocol", "nonsense", "\"extra.protocol\":\"nonsense\"" },
    { "hostname", "-", "!extra" },
    { "hostname", "N/A", "!extra" },
    { "hostname", "bad host/", "\"extra.hostname\":\"bad host/\"" },
    { "asn", "0", "asn=0" },
    { "asn", "64500", "asn=64500" },
    { "asn", "x", "\"extra.asn\":\"x\"" },
    { "asn", "4294967296", "\"extra.asn\":\"4294967296\"" },
    { "geo", "pk", "own=101/4" },
    { "geo", "PAK", "\"extra.geo\":\"PAK\"" },
    { "city", "Lahore", "\"source.geolocation.city\":\"Lahore\"" },
    { "naics", "0", "!naics" },
    { "naics", "518210", "\"extra.source.naics\":518210" },
    { "size", "0", "\"extra.size\":0" },
    { "size", " 42 ", "\"extra.size\":42" },
    { "size", "1_000", "\"extra.size\":1000" },
    { "size", "+7", "\"extra.size\":7" },
    { "size", "007", "\"extra.size\":7" },
    { "size", "-3", "\"extra.size\":-3" },
    { "size", "1.5", "\"extra.size\":\"1.5\"" },
    { "size", "123456789012345678901234", "\"extra.size\":123456789012345678901234" },
    { "ratio", "1.50", "\"extra.ratio\":1.50" },
    { "ratio", "1e5", "\"extra.ratio\":1e5" },
    { "ratio", ".5", "\"extra.ratio\":0.5" },
    { "ratio", "nan", "\"extra.ratio\":\"nan\"" },
    { "ratio", "x", "\"extra.ratio\":\"x\"" },
    { "secure", "Y", "\"extra.secure\":true" },
    { "secure", "disabled", "\"extra.secure\":false" },
    { "secure", "maybe", "!secure" },
    { "seen", "Sun, 06 Nov 1994 08:49:37 GMT", "\"extra.seen\":\"1994-11-06T08:49:37+00:00\"" },
    { "seen", "Sunday, 06-Nov-94 08:49:37 GMT", "\"extra.seen\":\"1994-11-06T08:49:37+00:00\"" },
    { "seen", "Sun Nov  6 08:49:37 1994", "\"extra.seen\":\"1994-11-06T08:49:37+00:00\"" },
    { "seen", "2026-11-24T10:00:00+05:00", "\"extra.seen\":\"2026-11-24T05:00:00+00:00\"" },
    { "seen", "soon", "!seen" },
    { "ended", "2026-11-24 10:00:00", "\"extra.ended\":\"2026-11-24T10:00:00+00:00\"" },
    { "body", "hello", "\"extra.body\":\"aGVsbG8=\"" },
    { "body", "aGVsbG8=", "\"extra.body\":\"aGVsbG8=\"" },
    { "body", "ab", "\"extra.body\":\"YWI=\"" },
    { "network", "198.18.0.1", "!network" },
    { "network", "198.18.0.0/99", "!network" },
    { "fqdn", "not a name", "!fqdn" },
    { "fqdn", "x.evil.example", "m=9002 p=2" },
    { "http_url", "GET /a/b HTTP/1.1", "\"destination.url\":\"http://192.0.2.1/a/b\"" },
    { "category", "phishing", "\"event_description.text\":\"phishing\"" },
    { "tag", "b;cve-2024-2;cve-2023-1;cve-x;cve-2024-2",
            "\"extra.tag\":\"b;cve-2024-2;cve-2023-1;cve-x;cve-2024-2\"" },
    { "internal", "x", "!internal" },
    { "future", "x", "\"extra.future.key\":\"x\"" },
    { "new_column", "x", "\"extra.new_column\":\"x\"" },
    { "new_column", "", "!new_column" },
    { "severity", "bad", "\"extra.severity\":\"bad\"" },
    { "tag", "q\"\"uo\\te", "\"extra.tag\":\"q\\\"uo\\\\te\"" },
};

static void converters(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const conv_case *c = &cases[i];
        str text =
                str_fmt(*state, "timestamp,ip,port,%s\n2026-11-24 11:24:25,192.0.2.1,443,\"%s\"\n",
                        c->column, c->cell);
        str line = one(*state, "2026-11-24-scan_widget-pk.csv", str_z(*state, text));
        bool not = c->want[0] == '!';
        if ((str_find(line, str_of(c->want + not )) >= 0) == not )
            fail_msg("%s \"%s\": want %s in\n%.*s", c->column, c->cell, c->want, STR_ARG(line));
        assert_true(str_find(line, S("type=vulnerable-system id=open-widget")) > 0);
        assert_true(str_find(line, S("t=1795519465")) > 0);
    }
}

static void required_values(void **state)
{
    static const struct {
        const char *row, *want;
    } rows[] = {
        { "2026-11-24 11:24:25,198.18.7.9,443", "own=102/1 m=9001 p=3" },
        { "2026-11-24 11:24:25,198.18.9.9,", "port=0" },
        { "2026-11-24 11:24:25,192.0.2.1,http", "! error.flow.row.required_wrong port" },
        { "2026-11-24 11:24:25,192.0.2.1,70000", "! error.flow.row.required_wrong port" },
        { "2026-11-24 11:24:25,0.0.0.0,443", "! error.flow.row.required_wrong ip" },
        { "2026-11-24 11:24:25,192.0.2.0/24,443", "! error.flow.row.required_wrong ip" },
        { "2026-11-24 11:24:25,,443", "! error.flow.row.required_empty ip" },
        { "2026-02-30 11:24:25,192.0.2.1,443", "! error.flow.row.required_wrong timestamp" },
        { ",192.0.2.1,443", "! error.flow.row.required_empty timestamp" },
        { "2026-11-24 11:24:25", "! error.flow.row.no_column source.ip [2026-11-24 11:24:25]" },
        { "2026-11-24 11:24:25,2001:DB8::0:1,443,more", "ip=2001:db8::1 port=443" },
        { "2026-11-24 11:24:25,192.0.2.1,443,more", "\"extra.column_4\":\"more\"" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        str text = str_fmt(*state, "timestamp,ip,port\n%s\n", rows[i].row);
        str line = one(*state, "scan_widget.csv", str_z(*state, text));
        if (str_find(line, str_of(rows[i].want)) < 0)
            fail_msg("%s: %.*s", rows[i].row, STR_ARG(line));
    }
}

static void old_exchange_rules(void **state)
{
    str line = one(*state, "scan_mail.csv",
            "timestamp,ip,tag\n2026-11-24 11:24:25,192.0.2.1,exchange;webshell\n"
            "2026-11-24 11:24:25,192.0.2.1,exchange;cve-2021-1\n");
    assert_true(str_find(line, S("type=system-compromise id=exchange-server-webshell")) > 0);
    assert_true(str_find(line, S("type=infected-system id=vulnerable-exchange-server")) > 0);
}

static void secrets_are_sealed(void **state)
{
    const char *text =
            "timestamp,src_ip,username,password\n2026-11-24 11:24:25,192.0.2.1,root,hunter2\n"
            "2026-11-24 11:24:25,bad,root,hunter2\n2026-11-24 11:24:25,\"192.0.2.1,root,hunter2\n";
    str line = one(*state, "event4_login.csv", text);
    assert_true(str_find(line, S("hunter2")) < 0 && str_find(line, S("root")) < 0);
    assert_true(str_find(line, S("\"extra.password\":\"sealed:")) > 0);
    assert_true(str_find(line, S("\"source.account\":\"sealed:")) > 0);
    str x = flow_seal(*state, &rows_key, S("hunter2")),
        y = flow_seal(*state, &(flow_seal_key){ { 8 } }, S("hunter2"));
    assert_true(str_find(line, x) > 0 && !str_eq(x, y));
}

static void unknown_types_are_quarantined(void **state)
{
    rows_log l = { .a = *state };
    flow_run_result r;
    str text = S("timestamp,ip,port,odd\n2026-11-24 11:24:25,198.18.7.1,443,x\n");
    assert_ok(rows_run(&l, rows_feed(*state, feed_yaml), fictional(*state),
            S("2026-11-24-scan_new-pk.csv"), text, (flow_position){ 0 }, NULL, &r));
    assert_true(l.quarantined);
    assert_true(str_find(buf_str(&l.out), S("ip=198.18.7.1 port=443")) > 0);
    assert_true(str_find(buf_str(&l.out), S("\"extra.odd\":\"x\"")) > 0);
}

static void drift_is_told(void **state)
{
    str header[] = { S("timestamp"), S("ip"), S("fresh"), S("tag"), S("tag") };
    const flow_feed *f = rows_feed(*state, feed_yaml);
    const flow_plan *p =
            ss_plan(*state, fictional(*state), f, S("scan_widget.csv"), header, 5, S("h"));
    const flow_source_info *s = flow_plan_source(p);
    size_t missing = 0, required = 0, fresh = 0, twice = 0;
    for (size_t i = 0; i < s->n_drift; i++) {
        missing += s->drift[i].kind == DRIFT_MISSING;
        required += s->drift[i].kind == DRIFT_MISSING_REQUIRED;
        fresh += s->drift[i].kind == DRIFT_NEW && str_eq(s->drift[i].column, S("fresh"));
        twice += s->drift[i].kind == DRIFT_TWICE;
    }
    assert_int_equal(required, 1);
    assert_int_equal(fresh, 1);
    assert_int_equal(twice, 1);
    assert_true(missing > 10);
}

/* Values for any column, one set of edge cases after the other. */
static const char *const edges[] = { "", "0", "unknown", "-", "443", "1.5", "true", "198.18.7.9",
    "2001:db8::1", "x.example", "a;cve-2024-1", "\xd9\xbe\xd8\xa7\xda\xa9", "bad\x01", "N/A",
    "2026-11-24 00:00:00" };

static str generated(arena *a, const ss_mapping *m, size_t type, const json *columns, size_t *rows)
{
    buf b = buf_new(a, 65536);
    size_t n = 0;
    for (const json *c = columns->first; c; c = c->next)
        buf_fmt(&b, n++ ? ",\"%.*s\"" : "\"%.*s\"", STR_ARG(json_text(c)));
    buf_byte(&b, '\n');
    *rows = ARRAY_LEN(edges) * 2;
    for (size_t e = 0; e < *rows; e++) {
        size_t i = 0;
        for (const json *c = columns->first; c; c = c->next, i++) {
            str name = json_text(c);
            const char *v = edges[e / 2];
            bool sane = e % 2 == 0; /* required ones are right in every second row */
            if (sane && str_eq(name, S("timestamp"))) v = "2026-11-24 11:24:25";
            if (sane && (str_eq(name, S("ip")) || str_eq(name, S("src_ip")))) v = "198.18.7.9";
            if (sane && (str_eq(name, S("port")) || str_eq(name, S("src_port")) ||
                                str_ends(name, S("_port"))))
                v = "443";
            buf_fmt(&b, i ? ",\"%s\"" : "\"%s\"", v);
        }
        buf_byte(&b, '\n');
    }
    return buf_str(&b);
}

static void all_published_types(void **state)
{
    arena *a = *state;
    const char *data = getenv("MINAR_DATA");
    if (!data) {
        print_message("[  SKIPPED ] all_published_types: MINAR_DATA is not set\n");
        skip();
    }
    const ss_mapping *m;
    const json *reports;
    size_t unknown, types = 0, events = 0;
    str map = file_text(a, str_z(a, str_fmt(a, "%s/shadowserver/intelmq.json", data)));
    str rep = file_text(a, str_z(a, str_fmt(a, "%s/shadowserver/reports.json", data)));
    assert_ok(ss_mapping_read(a, map, S("intelmq.json"), &m, &unknown));
    assert_ok(json_parse(a, rep, &(json_limits){ .max_bytes = 4 << 20 }, &reports));
    assert_int_equal(unknown, 0);
    for (const json *r = reports->first; r; r = r->next) {
        rows_log l = { .a = a };
        flow_run_result res;
        size_t rows;
        str text = generated(a, m, types, json_get(r, S("fields")), &rows);
        str type = r->key;
        if (str_starts(type, S("event_")))
            type = str_cat(a, S("event4_"), str_sub(type, 6, type.n));
        str file = str_fmt(a, "2026-11-24-%.*s-pk-geo.csv", STR_ARG(type));
        assert_ok(rows_run(
                &l, rows_feed(a, feed_yaml), m, file, text, (flow_position){ 0 }, NULL, &res));
        if (l.quarantined) print_message("%.*s has no mapping\n", STR_ARG(type));
        assert_int_equal(l.rows + l.rejects, rows);
        assert_true(l.rows >= rows / 2);
        assert_true(str_is_utf8(buf_str(&l.out)));
        types++;
        events += l.rows;
    }
    print_message("%zu types of %zu mapped, %zu events\n", types, ss_mapping_types(m), events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(report_names),
        UNIT(converters),
        UNIT(required_values),
        UNIT(old_exchange_rules),
        UNIT(secrets_are_sealed),
        UNIT(unknown_types_are_quarantined),
        UNIT(drift_is_told),
        UNIT(all_published_types),
    };
    return cmocka_run_group_tests_name("shadowserver", tests, NULL, NULL);
}
