/* flow.c - events a second from Shadowserver scan rows to marked batches, stage by stage on one
 * thread, then the whole run with its own threads. usage: flow-bench [MAPPING [ADDRESS_DIR]] ;
 * without a mapping the tests' fictional one is used. Prints one figure a line. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/time.h"
#include "engine/csv/csv.h"
#include "flow/parse.h"
#include "flow/pipeline.h"
#include "flow/shadowserver.h"

enum { ROWS = 1000000, INDICATORS = 1000000, PREFIXES = 200000 };

static uint64_t seed = 88172645463325252u;

static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static str file_read(arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    ASSERT(f != NULL);
    size_t cap = (size_t)8 << 20, n;
    char *p = arena_alloc(a, cap);
    n = fread(p, 1, cap, f);
    fclose(f);
    return (str){ p, n };
}

/* The columns of an SMB scan report (19, all quoted). */
static str rows_make(void)
{
    static const char head[] = "\"timestamp\",\"severity\",\"ip\",\"protocol\",\"port\","
                               "\"hostname\",\"tag\",\"asn\",\"geo\",\"region\","
                               "\"city\",\"naics\",\"hostname_source\",\"sector\",\"smb_implant\","
                               "\"arch\",\"key\",\"smbv1_support\","
                               "\"smb_version_string\"\n";
    size_t cap = (size_t)ROWS * 330 + sizeof head, n = sizeof head - 1;
    char *p = malloc(cap);
    ASSERT(p != NULL);
    memcpy(p, head, n);
    for (size_t i = 0; i < ROWS; i++) {
        uint32_t r = (uint32_t)next();
        n += (size_t)snprintf(p + n, cap - n,
                "\"2026-11-%02u "
                "%02u:%02u:%02u\",\"high\",\"198.%u.%u.%u\",\"tcp\",\"445\",\"host-%u.isp%u."
                "example\",\"smb;cve-2020-0796\","
                "\"%u\",\"PK\",\"PUNJAB\",\"LAHORE\",\"517311\",\"ptr\",\"Communications, Service "
                "Provider, and Hosting Service\",\"N\",\"\","
                "\"0x00\",\"Y\",\"SMB 1.0 Windows 7 Professional 7601\"\n",
                1 + r % 28, r >> 5 & 15, r >> 9 & 31, r >> 14 & 31, 18 + (r & 1), r >> 8 & 255,
                r >> 16 & 255, r & 0xfffff, r >> 20 & 63, 64496 + (r >> 24) % 16);
    }
    return (str){ p, n };
}

static flow_snapshot *country(const char *addresses)
{
    arena *a = arena_new((size_t)2 << 30);
    flow_indicator *ind = NEW_ARRAY(a, flow_indicator, INDICATORS);
    for (size_t i = 0; i < INDICATORS; i++) {
        uint32_t r = (uint32_t)next();
        str v = i % 3 ? str_fmt(a, "d%u.bad%u.example", r, r & 0xfff)
                      : str_fmt(a, "198.%u.%u.%u", 18 + (r & 1), r >> 8 & 255, r >> 16 & 255);
        ind[i] = (flow_indicator){ i % 3 ? MATCH_DOMAIN_TREE : MATCH_IP, v, (int64_t)i + 1 };
        if (i % 3 == 0 && i % 9000)
            ind[i].value = str_fmt(a, "2001:db8:%x:%x::%x", r & 0xffff, r >> 16, (unsigned)i);
    }
    owner_org *org = NEW_ARRAY(a, owner_org, 5000);
    for (size_t i = 0; i < 5000; i++)
        org[i].row = (int64_t)i + 1;
    owner_network *net = NEW_ARRAY(a, owner_network, PREFIXES);
    for (size_t i = 0; i < PREFIXES; i++) {
        addr ip = i % 2 ? addr_v4(0xc6120000u | ((uint32_t)next() & 0x1ffff))
                        : (addr){ UINT64_C(0x20010db800000000) | (next() >> 32), 0 };
        net[i] = (owner_network){ cidr_make(ip, (uint8_t)(i % 2 ? 112 + next() % 17 : 64)),
            { 0, 0, (uint32_t)(next() % 5000) } };
    }
    snapshot_input in = { .owners = { org, 5000, net, PREFIXES, NULL, 0, NULL, 0, NULL, 0 },
        .indicator = ind,
        .n_indicator = INDICATORS };
    flow_snapshot *s;
    if (addresses && failed(flow_geo_load(addresses, &in.geo))) exit(1);
    int64_t t = monotonic_us();
    if (failed(flow_snapshot_make(&in, &s))) exit(1);
    printf("snapshot build          %8.2f s, %zu MB\n", (double)(monotonic_us() - t) / 1e6,
            flow_snapshot_stat(s).bytes >> 20);
    arena_free(a);
    return s;
}

static void csv_alone(str text)
{
    arena *a = arena_new((size_t)64 << 20), *life = arena_new((size_t)64 << 20);
    csv *c = csv_new(life, ',', 0);
    csv_row row;
    size_t n = text.n, cells = 0;
    int64_t t = monotonic_us();
    while (csv_next(c, a, text, true, &row) == CSV_ROW) {
        cells += row.n;
        text = str_sub(text, row.used, text.n);
    }
    double s = (double)(monotonic_us() - t) / 1e6;
    printf("csv scan                %8.0f MB/s, %.0f rows/s, %zu cells\n", (double)n / 1e6 / s,
            ROWS / s, cells);
    arena_free(a);
    arena_free(life);
}

typedef struct {
    int64_t parse, geo, owner, group, match, finish;
    size_t rows, owned, matched;
} spent;

static void stages(flow_snapshot *s, flow_aggregate *g, flow_batch *b, spent *x)
{
    int64_t t0 = monotonic_us();
    flow_geo_batch(flow_snapshot_geo(s), b);
    int64_t t1 = monotonic_us();
    owners_batch(flow_snapshot_owners(s), b);
    int64_t t2 = monotonic_us();
    if (g) flow_aggregate_batch(g, b, 1, 0);
    int64_t t3 = monotonic_us();
    flow_match_batch(s, NULL, b);
    int64_t t4 = monotonic_us();
    flow_mark_batch(b);
    flow_batch_finish(b);
    x->geo += t1 - t0;
    x->owner += t2 - t1;
    x->group += t3 - t2;
    x->match += t4 - t3;
    x->finish += monotonic_us() - t4;
    for (size_t i = 0; i < b->n; i++) {
        x->owned += b->owner[i] != 0;
        x->matched += b->hits[i].n > 0;
    }
}

static void one_thread(const flow_feed *f, const ss_mapping *m, str text, flow_snapshot *s)
{
    static const flow_seal_key key;
    flow_parser *p =
            flow_parser_new(f, m, S("2026-11-24-scan_smb-pk-asn.csv"), (flow_position){ 0 }, &key);
    flow_batch *b = flow_batch_new(FLOW_BATCH_ROWS);
    flow_block *block = malloc(sizeof *block);
    flow_aggregate *g = flow_aggregate_new(1 << 20);
    spent x = { 0 };
    ASSERT(block != NULL);
    int64_t start = monotonic_us();
    for (size_t at = 0; at < text.n || at == 0; at += block->n) {
        str part = str_sub(text, at, FLOW_BLOCK_BYTES);
        memcpy(flow_block_data(block), part.p, part.n);
        block->offset = at;
        block->n = part.n;
        block->last = at + part.n == text.n;
        block->jump = block->begun = false;
        for (bool more = true; more;) {
            int64_t t = monotonic_us();
            flow_batch_clear(b);
            more = flow_parser_fill(p, block, b);
            x.parse += monotonic_us() - t;
            x.rows += b->n;
            stages(s, g, b, &x);
        }
    }
    double all = (double)(monotonic_us() - start) / 1e6;
    const struct {
        const char *name;
        int64_t us;
    } lines[] = { { "parse + normalise", x.parse }, { "enrich", x.geo }, { "owner", x.owner },
        { "aggregate", x.group }, { "match", x.match }, { "mark + extra as JSON", x.finish } };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        printf("%-23s %8.0f ns/row\n", lines[i].name, (double)lines[i].us * 1000 / (double)x.rows);
    printf("parse..match, one core  %8.0f events/s (%zu rows, %zu owned, %zu matched)\n",
            (double)x.rows / all, x.rows, x.owned, x.matched);
    flow_aggregate_free(g);
    flow_parser_free(p);
    flow_batch_free(b);
    free(block);
}

static err discard(void *ctx, const flow_batch *b)
{
    return OK;
}

static void whole_run(const flow_feed *f, const ss_mapping *m, str text, flow_snapshot *s)
{
    static const flow_seal_key key;
    flow_snapshot_slot *slot = flow_snapshot_slot_new(s);
    flow_run_input in = { .feed = f,
        .mapping = m,
        .file = S("2026-11-24-scan_smb-pk-asn.csv"),
        .input = flow_input_memory(&text),
        .snapshots = slot,
        .seal = &key,
        .sink = discard };
    flow_run_result r;
    int64_t t = monotonic_us();
    if (failed(flow_run(&in, &r))) exit(1);
    double all = (double)(monotonic_us() - t) / 1e6;
    printf("flow_run, its threads   %8.0f events/s (%lu rows, %lu rejects)\n", (double)r.rows / all,
            (unsigned long)r.rows, (unsigned long)r.rejects);
    flow_snapshot_slot_free(slot);
}

int main(int argc, char **argv)
{
    arena *a = arena_new((size_t)256 << 20);
    const ss_mapping *m;
    const flow_feed *f;
    size_t unknown;
    struct rusage u;
    str yaml = S("name: bench\nformat: shadowserver\naggregate: {gap_s: 0}\n");
    const char *path = argc > 1 ? argv[1] : "test/unit/flow/mapping.json";
    if (failed(ss_mapping_read(a, file_read(a, path), str_of(path), &m, &unknown))) return 1;
    if (failed(flow_feed_read(a, yaml, S("bench.yaml"), &f))) return 1;
    str text = rows_make();
    printf("input                   %8.0f MB, %d rows\n", (double)text.n / 1e6, ROWS);
    csv_alone(text);
    flow_snapshot *s = country(argc > 2 ? argv[2] : NULL);
    one_thread(f, m, text, s);
    whole_run(f, m, text, s);
    free(text.p ? (void *)(uintptr_t)text.p : NULL);
    getrusage(RUSAGE_SELF, &u);
    printf("most memory             %8ld MB (the input's %zu MB included)\n", u.ru_maxrss >> 10,
            text.n >> 20);
    return 0;
}
