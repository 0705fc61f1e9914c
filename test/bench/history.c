/* history.c - how fast the history takes events in, how large they are, how fast it answers.
 *
 * usage: bench-history [-n MILLIONS] [-b ROWS_PER_COMMIT] [-m MONTHS] [-t THREADS] [-d DIR] [-w]
 *
 * -w: take in only. Fictional events in the shape of a port scan report: raw row of about 300
 * bytes, extra of about 150. Prints rows/s with every commit durable, what one commit costs, bytes
 * a row, and the time of each question (best and worst of ten). Not part of the program. */
#include "base/time.h"
#include "events/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { POOL = 65536, WORDS = 40 };

/* A pool of rows made once, so that making them is not measured; every batch takes a stretch of
 * it. */
static int64_t time_source[POOL], owner[POOL], audience[POOL];
static uint64_t ip_hi[POOL], ip_lo[POOL], finding[POOL];
static uint32_t feed[POOL], asn[POOL], count[POOL];
static uint16_t port[POOL];
static uint8_t severity[POOL], why[POOL];
static str taxonomy[POOL], type[POOL], identifier[POOL], cc[POOL], fqdn[POOL], rdns[POOL],
        network[POOL];
static str transport[POOL], application[POOL], tlp[POOL], extra[POOL], raw[POOL];
static uint64_t seed = 88172645463325252u;

static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static void row_texts(arena *a, int i, int word, uint32_t v4)
{
    static const char *const types[] = { "vulnerable-system", "infected-system", "scanner",
        "other" };
    static const uint16_t ports[WORDS] = { 21, 22, 23, 25, 53, 80, 110, 111, 123, 139, 143, 161,
        389, 443, 445, 502, 554, 623, 873, 1433, 1883, 1900, 2375, 3306, 3389, 5060, 5432, 5683,
        5900, 5985, 6379, 7547, 8080, 8443, 9200, 10001, 11211, 27017, 37215, 47808 };
    port[i] = ports[word];
    taxonomy[i] = word % 4 == 1 ? S("malicious-code") : S("vulnerable");
    type[i] = str_of(types[word % 4]);
    identifier[i] = str_fmt(a, "open-service-%d", port[i]);
    cc[i] = next() % 20 ? S("PK") : S("AE");
    network[i] = str_fmt(a, "%u.%u.%u.0/24", v4 >> 24, v4 >> 16 & 255, v4 >> 8 & 255);
    rdns[i] = str_fmt(a, "host-%u-%u.pool.isp%u.example", v4 >> 8 & 255, v4 & 255, asn[i] % 90);
    fqdn[i] =
            next() % 4 ? (str){ 0 } : str_fmt(a, "www%u.agency%u.gov.example", v4 & 7, v4 % 3000);
    transport[i] = word % 3 ? S("tcp") : S("udp");
    application[i] = word % 2 ? S("http") : S("snmp");
    tlp[i] = S("AMBER");
    extra[i] = str_fmt(a,
            "{\"tag\":\"%.*s\",\"naics\":%d,\"sector\":\"Communications\",\"city\":\"Islamabad\","
            "\"banner\":\"srv/%u.%u build %llu\",\"cert\":\"%016llx\"}",
            STR_ARG(identifier[i]), 517311 + word, v4 % 7, v4 % 11,
            (unsigned long long)(next() % 5000), (unsigned long long)next());
    raw[i] = str_fmt(a,
            "\"2026-11-24 %02d:%02d:%02d\",\"high\",\"%u.%u.%u.%u\",\"tcp\",\"%u\",\"%.*s\","
            "\"%.*s\",\"%u\",\"PK\",\"Islamabad\",\"Islamabad\",\"517311\",\"ptr\","
            "\"Communications, "
            "Service Provider, and Hosting "
            "Service\",\"srv/%u.%u\",\"%016llx\",\"%llu\",\"200\",\"OK\"",
            i % 24, i % 60, i % 59, v4 >> 24, v4 >> 16 & 255, v4 >> 8 & 255, v4 & 255, port[i],
            STR_ARG(rdns[i]), STR_ARG(identifier[i]), asn[i], v4 % 7, v4 % 11,
            (unsigned long long)next(), (unsigned long long)(next() % 100000));
}

static void pool_make(arena *a)
{
    for (int i = 0; i < POOL; i++) {
        uint32_t v4 =
                (uint32_t)(0xCB000000u | (next() % 2000 * 97 << 8 & 0xFFFF00) | next() % 256);
        time_source[i] = INT64_C(1795000000000000) + (int64_t)(next() % 86400) * US_PER_S;
        ip_lo[i] = UINT64_C(0xFFFF00000000) | v4;
        asn[i] = (uint32_t)(9000 + v4 / 4096 % 400);
        owner[i] = next() % 3 ? (int64_t)(v4 % 800 + 1) : 0;
        audience[i] = (int64_t)(owner[i] << 3 | 2);
        feed[i] = (uint32_t)(next() % 3 + 1);
        severity[i] = (uint8_t)(next() % 5 + 1);
        why[i] = owner[i] ? 1 : 0;
        count[i] = 1;
        finding[i] = v4 * UINT64_C(0x9E3779B97F4A7C15);
        row_texts(a, i, (int)(next() % WORDS), v4);
    }
}

static event_batch stretch(size_t from, size_t n)
{
    return (event_batch){ .n = n,
        .time_source = time_source + from,
        .feed = feed + from,
        .owner = owner + from,
        .owner_why = why + from,
        .audience = audience + from,
        .taxonomy = taxonomy + from,
        .type = type + from,
        .identifier = identifier + from,
        .severity = severity + from,
        .source_ip_hi = ip_hi + from,
        .source_ip_lo = ip_lo + from,
        .source_port = port + from,
        .source_asn = asn + from,
        .source_cc = cc + from,
        .source_network = network + from,
        .source_fqdn = fqdn + from,
        .source_reverse_dns = rdns + from,
        .protocol_transport = transport + from,
        .protocol_application = application + from,
        .tlp = tlp + from,
        .count = count + from,
        .finding = finding + from,
        .extra = extra + from,
        .raw = raw + from };
}

static void must(err e)
{
    if (!failed(e)) return;
    fprintf(stderr, "bench-history: %s %.*s\n", e.f->key, STR_ARG(e.f->args[0]));
    exit(1);
}

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void commit_rows(history *h, int64_t left, instant now)
{
    history_txn *t = NULL;
    must(history_begin(h, now, &t));
    while (left > 0) {
        size_t from = next() % (POOL / 2), n = left < POOL / 2 ? (size_t)left : POOL / 2;
        event_batch rows = stretch(from, n);
        batch_head head = { .feed = 1,
            .file = S("2026-11-24-scan_http-rest.csv"),
            .input = S("bench"),
            .header = S("\"timestamp\",\"severity\",\"ip\"") };
        must(history_append(t, &head, &rows, NULL, 0, NULL));
        left -= (int64_t)n;
    }
    input_position p = { .input = S("bench"), .place = now.us, .mark = S("x") };
    must(history_commit(t, &p, 1));
}

static void take_in(history *h, int64_t total, int64_t per_commit, int months)
{
    int64_t begin = monotonic_us(), worst = 0;
    double cpu = cpu_s();
    for (int64_t done = 0; done < total; done += per_commit) {
        int64_t month = done * months / total;
        int64_t one = monotonic_us();
        commit_rows(h, total - done < per_commit ? total - done : per_commit,
                (instant){ INT64_C(1795000000000000) + month * 31 * US_PER_DAY + done });
        if (monotonic_us() - one > worst) worst = monotonic_us() - one;
    }
    double s = (double)(monotonic_us() - begin) / 1e6;
    printf("take in   %8lld rows, %lld a commit: %.0f rows/s (%.2f s, %.0f rows per CPU second), "
           "slowest commit %.0f ms\n",
            (long long)total, (long long)per_commit, (double)total / s, s,
            (double)total / (cpu_s() - cpu), (double)worst / 1e3);
}

static void sizes(history *h)
{
    arena *a = arena_new(1 << 20);
    history_stats st;
    must(history_stat(h, a, &st));
    printf("size      %8lld rows in %zu months: %.1f bytes a row\n", (long long)st.n_rows, st.n,
            (double)st.n_bytes / (double)st.n_rows);
    arena_free(a);
}

/* ---- questions ---- */
typedef size_t question(history *h, arena *a, const sight *s);

static size_t q_newest(history *h, arena *a, const sight *s)
{
    event_list l;
    must(history_search(h, a, s, NULL, NULL, 50, &l));
    return l.n;
}

static size_t q_deep_page(history *h, arena *a, const sight *s)
{
    event_list l;
    id128 before = history_id(h, 2, 100);
    must(history_search(h, a, s, NULL, &before, 50, &l));
    return l.n;
}

static size_t search(history *h, arena *a, const sight *s, const event_filter *f)
{
    event_list l;
    must(history_search(h, a, s, f, NULL, 50, &l));
    return l.n;
}

static size_t q_ip(history *h, arena *a, const sight *s)
{
    event_filter f = { .source_net = { 0, ip_lo[POOL / 2 + 7], 128, true } };
    return search(h, a, s, &f);
}

static size_t q_absent_ip(history *h, arena *a, const sight *s)
{
    event_filter f = { .source_net = { 0, UINT64_C(0xFFFF0A000001), 128, true } };
    return search(h, a, s, &f);
}

static size_t q_cidr(history *h, arena *a, const sight *s)
{
    event_filter f = { .source_net = { 0, ip_lo[POOL / 2 + 7], 112, true } };
    return search(h, a, s, &f);
}

static size_t q_fqdn(history *h, arena *a, const sight *s)
{
    event_filter f = { .fqdn = S("agency77.gov.example") };
    return search(h, a, s, &f);
}

static size_t q_absent_name(history *h, arena *a, const sight *s)
{
    event_filter f = { .fqdn = S("nowhere.example") };
    return search(h, a, s, &f);
}

static size_t q_owner(history *h, arena *a, const sight *s)
{
    event_filter f = { .owner = 12 };
    return search(h, a, s, &f);
}

static size_t q_words(history *h, arena *a, const sight *s)
{
    event_filter f = { .words = S("agency123") };
    return search(h, a, s, &f);
}

static size_t q_event(history *h, arena *a, const sight *s)
{
    event e;
    must(history_event(h, a, s, history_id(h, 3, 777), &e));
    return 1;
}

static size_t q_count(history *h, arena *a, const sight *s)
{
    history_total_row r;
    must(history_count(h, a, s, &(event_filter){ .severity_min = 4 }, &r));
    return (size_t)r.n_rows;
}

static size_t q_facets(history *h, arena *a, const sight *s)
{
    history_facet_row *r = NULL;
    size_t n;
    must(history_facet(h, a, s, NULL, EV_IDENTIFIER, 20, &r, &n));
    return n;
}

static size_t q_facet_ips(history *h, arena *a, const sight *s)
{
    history_facet_ip_row *r = NULL;
    size_t n;
    must(history_facet_ip(h, a, s, NULL, false, 20, &r, &n));
    return n;
}

static size_t q_hours(history *h, arena *a, const sight *s)
{
    history_histogram_row *r = NULL;
    size_t n;
    must(history_histogram(h, a, s, NULL, EV_TIME_SOURCE, 3600 * US_PER_S, &r, &n));
    return n;
}

static size_t q_findings(history *h, arena *a, const sight *s)
{
    event_list l;
    must(history_last_of(h, a, s, NULL, finding, 100, 3, &l));
    return l.n;
}

static void ask(history *h, const char *name, question *q, const sight *s)
{
    int64_t best = INT64_MAX, worst = 0;
    size_t n = 0;
    arena *a = arena_new((size_t)1 << 30);
    for (int i = 0; i < 10; i++) {
        int64_t t = monotonic_us();
        n = q(h, a, s);
        t = monotonic_us() - t;
        if (t < best) best = t;
        if (t > worst) worst = t;
        arena_reset(a);
    }
    arena_free(a);
    printf("ask       %-22s %7.1f ms to %7.1f ms  (%zu)\n", name, (double)best / 1e3,
            (double)worst / 1e3, n);
}

static void ask_all(history *h)
{
    static int64_t audiences[800];
    for (int i = 0; i < 800; i++)
        audiences[i] = (int64_t)(i << 3 | 2);
    const sight national = {
        .audiences = audiences, .n_audiences = 800, .org = 1, .community = true
    };
    const sight one = { .org = 12, .community = true };
    static const struct {
        const char *name;
        question *q;
    } all[] = { { "newest page", q_newest }, { "page far down", q_deep_page },
        { "one address", q_ip }, { "address not there", q_absent_ip }, { "network /16", q_cidr },
        { "name and below", q_fqdn }, { "name not there", q_absent_name }, { "owner", q_owner },
        { "words", q_words }, { "one event", q_event }, { "count severe", q_count },
        { "top identifiers", q_facets }, { "top addresses", q_facet_ips }, { "hours", q_hours },
        { "last 3 of 100 findings", q_findings } };
    printf("          as the national CERT (800 audiences):\n");
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        ask(h, all[i].name, all[i].q, &national);
    printf("          as one organisation:\n");
    ask(h, "newest page", q_newest, &one);
    ask(h, "count severe", q_count, &one);
    ask(h, "top identifiers", q_facets, &one);
}

int main(int argc, char **argv)
{
    int64_t total = 1000000, per_commit = 122880;
    int months = 1, c;
    char made[] = "/tmp/bench-history-XXXXXX";
    history_options o = { .threads = 2, .query_ms = 60000 };
    const char *dir = NULL;
    bool ask_too = true;
    while ((c = getopt(argc, argv, "n:b:m:t:d:w")) != -1) {
        if (c == 'n')
            total = (int64_t)(atof(optarg) * 1e6);
        else if (c == 'b')
            per_commit = atoll(optarg);
        else if (c == 'm')
            months = atoi(optarg);
        else if (c == 't')
            o.threads = atoi(optarg);
        else if (c == 'd')
            dir = optarg;
        else if (c == 'w')
            ask_too = false;
        else
            return 2;
    }
    if (dir == NULL) dir = mkdtemp(made);
    arena *a = arena_new((size_t)1 << 30);
    pool_make(a);
    history *h = NULL;
    int64_t t = monotonic_us();
    must(history_open(dir, &o, &h));
    printf("open      %.0f ms (new), in %s\n", (double)(monotonic_us() - t) / 1e3, dir);
    take_in(h, total, per_commit, months);
    t = monotonic_us();
    history_close(h);
    printf("close     %.0f ms\n", (double)(monotonic_us() - t) / 1e3);
    t = monotonic_us();
    must(history_open(dir, &o, &h));
    printf("open      %.0f ms (again)\n", (double)(monotonic_us() - t) / 1e3);
    sizes(h);
    if (ask_too) ask_all(h);
    history_close(h);
    arena_free(a);
    return 0;
}
