/* history_test.c - taking in and asking. */
#include "fixture.h"

/* ---- taking in ---- */
static void what_was_appended_is_there_after_reopening(void **state)
{
    arena *a = *state;
    with w = start(a);
    input_position p;
    assert_fails(history_position_read(w.h, a, S("in"), &p), E_ABSENT, "error.history.position");
    assert_int_equal(count_all(w.h, a, NULL), 0);
    commit_simple(w.h, a, NOVEMBER, 5000, &w.serial);
    commit_simple(w.h, a, NOVEMBER + 5, 1, &w.serial);
    again(&w);
    assert_int_equal(count_all(w.h, a, NULL), 5001);
    assert_ok(history_position_read(w.h, a, S("in"), &p));
    assert_int_equal(p.place, 5001);
    assert_str(p.mark, "m");
    assert_int_equal(p.moved.us, NOVEMBER + 5);
    int64_t third = commit_simple(w.h, a, NOVEMBER + 9, 10, &w.serial);
    assert_int_equal(third, 3);
    history_batches_row *b = NULL;
    size_t n = 0;
    assert_ok(history_batches(w.h, a, 3, 0, 10, &b, &n));
    assert_int_equal(n, 3);
    assert_int_equal(b[0].n_rows, 10);
    assert_str(b[2].header, "a,b,\xFF");
    end(&w);
}

static void dropped_leaves_nothing(void **state)
{
    arena *a = *state;
    with w = start(a);
    str names[] = { S("x"), S("y") };
    event_batch rows = { .n = 2, .identifier = names };
    history_txn *t = NULL;
    commit_simple(w.h, a, NOVEMBER, 3, &w.serial);
    assert_ok(history_begin(w.h, (instant){ NOVEMBER }, &t));
    assert_ok(history_append(t, &(batch_head){ .feed = 1 }, &rows, NULL, 0, NULL));
    history_drop(t);
    assert_int_equal(count_all(w.h, a, NULL), 3);
    commit_simple(w.h, a, NOVEMBER, 2, &w.serial);
    assert_int_equal(count_all(w.h, a, NULL), 5);
    end(&w);
}

static void all_columns_come_back(void **state)
{
    arena *a = *state;
    with w = start(a);
    uint32_t feed = 7, asn = UINT32_MAX, dasn = 2, count = 12;
    uint16_t port = 65535;
    uint8_t severity = 5;
    int64_t owner = 9, source = -5, aud = 0;
    uint64_t hi = 0x20010DB800000000u, lo = UINT64_MAX, finding = UINT64_MAX;
    str url = S("https://example.com/\xD8\xA7"), cve = S("CVE-2026-1;CVE-2026-2"),
        raw = S("\xFF\x00z");
    event_batch b = { .n = 1,
        .time_source = &source,
        .feed = &feed,
        .owner = &owner,
        .audience = &aud,
        .severity = &severity,
        .source_ip_hi = &hi,
        .source_ip_lo = &lo,
        .source_port = &port,
        .source_asn = &asn,
        .destination_asn = &dasn,
        .source_url = &url,
        .product_vulnerabilities = &cve,
        .count = &count,
        .finding = &finding,
        .raw = &raw };
    reject r = {
        .row_no = 2, .reason = S("error.csv.width"), .place = S("ip"), .raw = S("a,\xFE")
    };
    history_txn *t = NULL;
    int64_t batch;
    assert_ok(history_begin(w.h, (instant){ NOVEMBER }, &t));
    assert_ok(history_append(t, &(batch_head){ .feed = 7 }, &b, &r, 1, &batch));
    assert_ok(history_commit(t, NULL, 0));
    event e;
    assert_ok(history_event(w.h, a, &sees_all, history_id(w.h, batch, 1), &e));
    assert_true(e.feed == 7 && e.source_asn == asn && e.destination_asn == 2 && e.count == 12);
    assert_true(e.source_port == port && e.severity == 5 && e.owner == 9 && e.time_source == -5);
    assert_true(e.source_ip_hi == hi && e.source_ip_lo == lo && e.finding == finding);
    assert_true(e.time_observation == NOVEMBER && e.destination_port == 0 && e.status.n == 0);
    assert_true(str_eq(e.source_url, url) && str_eq(e.raw, raw) &&
                str_eq(e.product_vulnerabilities, cve));
    assert_true(id_eq(e.id, history_id(w.h, batch, 1)));
    history_rejects_row *rejects = NULL;
    size_t n = 0;
    assert_ok(history_rejects(w.h, a, batch, 10, &rejects, &n));
    assert_int_equal(n, 1);
    assert_str(rejects[0].reason, "error.csv.width");
    assert_true(str_eq(rejects[0].raw, r.raw));
    assert_int_equal(count_all(w.h, a, &(event_filter){ .finding = finding }), 1);
    assert_int_equal(count_all(w.h, a, &(event_filter){ .vulnerability = S("CVE-2026-2") }), 1);
    end(&w);
}

static void big_and_bad_values(void **state)
{
    arena *a = *state;
    with w = start(a);
    str big = { arena_alloc(a, HISTORY_VALUE_MAX + 1), HISTORY_VALUE_MAX };
    memset((char *)(uintptr_t)big.p, 'x', big.n + 1);
    str texts[8];
    for (int i = 0; i < 8; i++)
        texts[i] = big;
    history_txn *t = NULL;
    assert_ok(history_begin(w.h, (instant){ NOVEMBER }, &t));
    assert_ok(history_append(t, &(batch_head){ 0 },
            &(event_batch){ .n = 8, .extra = texts, .raw = texts }, NULL, 0, NULL));
    assert_ok(history_commit(t, NULL, 0));
    again(&w);
    event_list l;
    assert_ok(history_search(w.h, a, &sees_all, NULL, NULL, 10, &l));
    assert_int_equal(l.n, 8);
    assert_true(str_eq(l.rows[7].raw, big) && str_eq(l.rows[0].extra, big));
    texts[5].n++;
    assert_ok(history_begin(w.h, (instant){ NOVEMBER }, &t));
    assert_fails(history_append(t, &(batch_head){ 0 }, &(event_batch){ .n = 8, .raw = texts }, NULL,
                         0, NULL),
            E_TOO_LARGE, "error.history.value");
    history_drop(t);
    texts[5] = S("\xC3(");
    assert_ok(history_begin(w.h, (instant){ NOVEMBER }, &t));
    err e = history_append(
            t, &(batch_head){ 0 }, &(event_batch){ .n = 6, .type = texts }, NULL, 0, NULL);
    assert_fails(e, E_INVALID, "error.history.utf8");
    assert_int_equal(e.f->row, 6);
    assert_str(e.f->args[0], "type");
    history_drop(t);
    assert_int_equal(count_all(w.h, a, NULL), 8);
    end(&w);
}

/* ---- asking ---- */
static void pages_have_no_gap_and_no_double(void **state)
{
    arena *a = *state;
    with w = start(a);
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 5; i++)
            commit_simple(
                    w.h, a, NOVEMBER + k * 31 * US_PER_DAY + i, (size_t)(37 * i + 1), &w.serial);
    int64_t next = w.serial;
    id128 last;
    event_list l = { .more = true };
    for (int pages = 0; l.more; pages++) {
        assert_ok(history_search(
                w.h, a, &sees_all, NULL, pages ? &last : NULL, 1 + (size_t)(pages % 60), &l));
        for (size_t i = 0; i < l.n; i++)
            assert_str(l.rows[i].identifier, str_z(a, str_fmt(a, "s%lld", (long long)--next)));
        assert_true(l.n > 0);
        last = l.rows[l.n - 1].id;
    }
    assert_int_equal(next, 0);
    assert_ok(history_search(w.h, a, &sees_all, NULL, &last, 5, &l));
    assert_true(l.n == 0 && !l.more);
    id128 strange = { { 1, 2, 3 } };
    assert_ok(history_search(w.h, a, &sees_all, NULL, &strange, 5, &l));
    assert_fails(
            history_search(w.h, a, &sees_all, NULL, NULL, 0, &l), E_INVALID, "error.history.limit");
    end(&w);
}

static void filters_find_by_network_name_and_text(void **state)
{
    arena *a = *state;
    with w = start(a);
    uint64_t hi[4] = { 0, 0, 0x20010DB8000000FFu, 0 };
    uint64_t lo[4] = { 0xFFFFC0000201u, 0xFFFFC0000301u, 1, 0 };
    str names[4] = { S("a.example.org"), S("example.org"), S("notexample.org"), { 0 } };
    event_batch b = { .n = 4, .source_ip_hi = hi, .source_ip_lo = lo, .source_fqdn = names };
    history_txn *t = NULL;
    assert_ok(history_begin(w.h, (instant){ NOVEMBER }, &t));
    assert_ok(history_append(t, &(batch_head){ 0 }, &b, NULL, 0, NULL));
    assert_ok(history_commit(t, NULL, 0));
    static const struct {
        const char *net;
        int n;
    } nets[] = { { "192.0.2.1", 1 }, { "192.0.2.0/23", 2 }, { "192.0.2.0/24", 1 },
        { "0.0.0.0/0", 2 }, { "2001:db8::/32", 1 }, { "2001:db8:0:ff::/64", 1 },
        { "2001:db8:0:ff::1", 1 }, { "2001:db8:0:ff::2/127", 0 }, { "::/0", 4 } };
    for (size_t i = 0; i < ARRAY_LEN(nets); i++) {
        event_filter f = { 0 };
        assert_true(event_net_parse(str_of(nets[i].net), &f.source_net));
        assert_int_equal(count_all(w.h, a, &f), nets[i].n);
        event_filter any = { .any_net = f.source_net };
        assert_true(count_all(w.h, a, &any) >= nets[i].n);
    }
    assert_int_equal(count_all(w.h, a, &(event_filter){ .fqdn = S("example.org") }), 2);
    assert_int_equal(count_all(w.h, a, &(event_filter){ .words = S("xample.o") }), 3);
    assert_int_equal(count_all(w.h, a, &(event_filter){ .words = S("' OR 1=1 --") }), 0);
    assert_int_equal(count_all(w.h, a, &(event_filter){ .from = { NOVEMBER + 1 } }), 0);
    assert_int_equal(count_all(w.h, a, &(event_filter){ .to = { NOVEMBER } }), 0);
    assert_int_equal(
            count_all(w.h, a, &(event_filter){ .unowned = true, .from = { NOVEMBER } }), 4);
    end(&w);
}

static void numbers_add_up(void **state)
{
    arena *a = *state;
    with w = start(a);
    commit_simple(w.h, a, NOVEMBER, 70, &w.serial);
    commit_simple(w.h, a, NOVEMBER + 3600 * US_PER_S, 7, &w.serial);
    history_facet_row *facet = NULL;
    history_histogram_row *hours = NULL;
    history_facet_ip_row *ips = NULL;
    size_t n = 0;
    assert_ok(history_facet(w.h, a, &sees_all, NULL, EV_IDENTIFIER, 5, &facet, &n));
    assert_true(n == 5 && facet[0].n_rows == 1);
    history_facet_row facet_first = facet[0];
    assert_ok(history_facet(w.h, a, &sees_all, NULL, EV_FEED, 5, &facet, &n));
    assert_true(n == 1 && facet[0].n_rows == 77);
    assert_str(facet[0].value, "0");
    assert_fails(history_facet(w.h, a, &sees_all, NULL, EV_RAW, 5, &facet, &n), E_INVALID,
            "error.history.facet");
    event_column by[] = { EV_FEED, EV_IDENTIFIER, EV_SOURCE_CC };
    history_values of[3];
    assert_ok(history_facets(w.h, a, &sees_all, NULL, by, 3, 5, of));
    assert_true(of[0].n == 1 && of[0].rows[0].n_rows == 77 && of[1].n == 5 && of[2].n == 1);
    assert_str(of[0].rows[0].value, "0");
    assert_true(str_eq(of[1].rows[0].value, facet_first.value));
    assert_ok(history_facets(w.h, a, &sees_all, &(event_filter){ .feed = 9 }, by, 3, 5, of));
    assert_true(of[0].n == 0 && of[1].n == 0 && of[2].n == 0);
    assert_fails(history_facets(w.h, a, &sees_all, NULL, (event_column[]){ EV_RAW }, 1, 5, of),
            E_INVALID, "error.history.facet");
    assert_ok(history_facet_ip(w.h, a, &sees_all, NULL, true, 5, &ips, &n));
    assert_true(n == 1 && ips[0].n_rows == 77);
    assert_ok(history_histogram(
            w.h, a, &sees_all, NULL, EV_TIME_OBSERVATION, 3600 * US_PER_S, &hours, &n));
    assert_true(n == 2 && hours[0].n_rows == 70 && hours[1].n_rows == 7);
    assert_int_equal(hours[1].at - hours[0].at, 3600 * US_PER_S);
    uint64_t findings[] = { UINT64_MAX, UINT64_MAX - 3, 5 };
    event_list l;
    assert_ok(history_last_of(w.h, a, &sees_all, NULL, findings, 3, 2, &l));
    assert_int_equal(l.n, 4);
    assert_str(l.rows[0].identifier, "s73");
    history_feeds_row *feeds = NULL;
    history_feed_hours_row *fh = NULL;
    assert_ok(history_feeds(w.h, a, (instant){ 0 }, &feeds, &n));
    assert_true(n == 1 && feeds[0].feed == 3 && feeds[0].n_rows == 77);
    assert_ok(history_feed_hours(w.h, a, 3, (instant){ NOVEMBER }, &fh, &n));
    assert_true(n == 2 && fh[1].n_rows == 7);
    end(&w);
}

/* ---- many at once ---- */

/* Four events on two days; the last one is not for everybody. */
static void give_four(with *w)
{
    enum { N = 4, V4 = 0xC6120000 };
    const uint64_t base = UINT64_C(0xffff00000000);
    uint64_t hi[N] = { 0 }, dst_hi[N] = { 0 };
    uint64_t lo[N] = { base | (V4 + 1), base | (V4 + 1), base | (V4 + 2), base | (V4 + 1) };
    uint64_t dst_lo[N] = { 0, base | (V4 + 2), base | (V4 + 2), 0 };
    int64_t time[N] = { NOVEMBER, NOVEMBER, NOVEMBER + US_PER_DAY, NOVEMBER };
    int64_t audience[N] = { LABEL_CLEAR, LABEL_CLEAR, LABEL_CLEAR, LABEL_AMBER };
    int64_t owner[N] = { 9, 9, 9, 9 };
    uint32_t asn[N] = { 64500, 64500, 64501, 64500 };
    str fqdn[N] = { S("www.bad.example"), S("bad.example"), S("notbad.example"), S("") };
    str rdns[N] = { S("bad.example"), S(""), S("x.bad.example"), S("bad.example") };
    str cve[N] = { S("CVE-2026-1234;CVE-2026-12345"), S("CVE-2026-1234"), S(""), S("") };
    event_batch b = { .n = N,
        .time_source = time,
        .audience = audience,
        .owner = owner,
        .source_ip_hi = hi,
        .source_ip_lo = lo,
        .destination_ip_hi = dst_hi,
        .destination_ip_lo = dst_lo,
        .source_asn = asn,
        .source_fqdn = fqdn,
        .source_reverse_dns = rdns,
        .product_vulnerabilities = cve };
    history_txn *t = NULL;
    assert_ok(history_begin(w->h, (instant){ NOVEMBER + US_PER_DAY }, &t));
    assert_ok(history_append(t, &(batch_head){ .feed = 1 }, &b, NULL, 0, NULL));
    assert_ok(history_commit(t, NULL, 0));
}

static event_net net_of(const char *text)
{
    event_net n;
    assert_true(event_net_parse(str_of(text), &n));
    return n;
}

static void many_addresses_at_once(void **state)
{
    arena *a = *state;
    with w = start(a);
    const sight anybody = { .now = { NOVEMBER } };
    event_net nets[] = { net_of("198.18.0.2"), net_of("198.18.0.1"), net_of("198.18.0.0/16"),
        net_of("2001:db8::/32") };
    history_count_nets_row *rows;
    size_t n;
    int64_t of[4] = { 0 }, days[4] = { 0 };
    give_four(&w);
    assert_ok(history_count_nets(w.h, a, &anybody, NULL, nets, 4, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        of[rows[i].no] = rows[i].n_rows;
        days[rows[i].no] = rows[i].n_days;
    }
    assert_true(n == 3 && of[0] == 2 && of[1] == 2 && of[2] == 3 && of[3] == 0);
    assert_true(days[0] == 2 && days[1] == 1 && days[2] == 2);
    event_filter late = { .source_from = { NOVEMBER + US_PER_DAY } };
    assert_ok(history_count_nets(w.h, a, &anybody, &late, nets, 4, &rows, &n));
    assert_int_equal(n, 2);
    const sight owner = { .org = 9, .now = { NOVEMBER } };
    assert_ok(history_count_nets(w.h, a, &owner, NULL, nets + 1, 1, &rows, &n));
    assert_true(n == 1 && rows[0].n_rows == 3 && rows[0].last == NOVEMBER);
    assert_fails(history_count_nets(w.h, a, &sees_all, NULL, nets, HISTORY_MANY_MAX + 1, &rows, &n),
            E_TOO_LARGE, "error.history.list");
    end(&w);
}

static void many_names_and_values_at_once(void **state)
{
    arena *a = *state;
    with w = start(a);
    const sight anybody = { .now = { NOVEMBER } };
    str names[] = { S("bad.example"), S("www.bad.example"), S("it's.example"), S("ample") };
    str asns[] = { S("64500"), S("64999") }, cves[] = { S("CVE-2026-1234"), S("CVE-2026-12") };
    history_count_names_row *rows;
    history_count_values_row *values;
    history_count_listed_row *listed;
    size_t n;
    give_four(&w);
    assert_ok(history_count_names(w.h, a, &anybody, NULL, names, 4, &rows, &n));
    assert_int_equal(n, 2);
    const history_count_names_row *all = &rows[rows[0].n_rows != 3],
                                  *one = &rows[rows[0].n_rows == 3];
    assert_str(all->value, "bad.example");
    assert_true(all->n_rows == 3 && all->n_days == 2);
    assert_str(one->value, "www.bad.example");
    assert_true(one->n_rows == 1 && one->n_days == 1);
    assert_ok(history_count_values(w.h, a, &anybody, NULL, EV_SOURCE_ASN, asns, 2, &values, &n));
    assert_true(n == 1 && values[0].n_rows == 2);
    assert_ok(history_count_listed(
            w.h, a, &anybody, NULL, EV_PRODUCT_VULNERABILITIES, cves, 2, &listed, &n));
    assert_true(n == 1 && listed[0].n_rows == 2);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(what_was_appended_is_there_after_reopening),
        UNIT(dropped_leaves_nothing),
        UNIT(all_columns_come_back),
        UNIT(big_and_bad_values),
        UNIT(pages_have_no_gap_and_no_double),
        UNIT(filters_find_by_network_name_and_text),
        UNIT(numbers_add_up),
        UNIT(many_addresses_at_once),
        UNIT(many_names_and_values_at_once),
    };
    return cmocka_run_group_tests_name("events history", tests, NULL, NULL);
}
