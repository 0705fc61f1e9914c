/* intake.c - a Shadowserver file through the whole pipeline into a realm: owned, matched against a
 * million indicators that were read in as a list, durable, raw rows kept, findings promoted. usage:
 * bench-intake [-n ROWS] [-i INDICATORS] [-p PROMOTED_PER_THOUSAND] [-d DIR] Prints rates, peak
 * memory, and what stands in the way. Not part of the program. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "flow/intake.h"
#include "store/store.h"
#include "support/world_api.h"

static const char head[] =
        "\"timestamp\",\"severity\",\"ip\",\"protocol\",\"port\",\"hostname\",\"tag\",\"asn\","
        "\"geo\",\"region\",\"city\",\"naics\",\"hostname_source\",\"sector\",\"smb_implant\","
        "\"arch\",\"key\",\"smbv1_support\",\"smb_version_string\"\n";
static const char mapping[] =
        "{\"scan_smb\":{\"feed_name\":\"Open-SMB\",\"file_name\":\"scan_smb\",\"constant_fields\":"
        "{\"classification.identifier\":\"open-smb\",\"classification.taxonomy\":\"vulnerable\","
        "\"classification.type\":\"vulnerable-system\",\"protocol.application\":\"smb\"},"
        "\"required_fields\":"
        "[[\"time.source\",\"timestamp\",\"add_UTC_to_timestamp\"],[\"source.ip\",\"ip\","
        "\"validate_ip\"],"
        "[\"source.port\",\"port\",\"convert_int\"]],\"optional_fields\":[[\"severity\","
        "\"severity\",\"validate_to_none\"],"
        "[\"protocol.transport\",\"protocol\"],[\"source.reverse_dns\",\"hostname\"],[\"extra.\","
        "\"tag\",\"validate_to_none\"],"
        "[\"source.asn\",\"asn\",\"invalidate_zero\"],[\"source.geolocation.cc\",\"geo\"],"
        "[\"source.geolocation.region\",\"region\"],[\"source.geolocation.city\",\"city\"],"
        "[\"extra.source.naics\",\"naics\",\"invalidate_zero\"],[\"extra.\",\"hostname_source\","
        "\"validate_to_none\"],"
        "[\"extra.source.sector\",\"sector\",\"validate_to_none\"],[\"extra.\",\"smb_implant\","
        "\"convert_bool\"],"
        "[\"extra.\",\"arch\",\"validate_to_none\"],[\"extra.\",\"key\",\"validate_to_none\"],"
        "[\"extra.\",\"smbv1_support\",\"convert_bool\"],[\"extra.\",\"smb_version_string\","
        "\"validate_to_none\"]]}}";

static uint64_t seed = 88172645463325252u;

static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static double seconds(int64_t since)
{
    return (double)(monotonic_us() - since) / 1e6;
}

static long peak_mb(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss / 1024;
}

static void memory_now(const char *when)
{
    char line[200];
    FILE *f = fopen("/proc/self/status", "r");
    printf("memory      %s:", when);
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "VmRSS", 5) || !strncmp(line, "RssAnon", 7) ||
                !strncmp(line, "RssFile", 7)) {
            line[strcspn(line, "\n")] = 0;
            printf(" %s", line);
        }
    if (f) fclose(f);
    printf("\n");
}

static double cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void indicators_write(const char *path, int n)
{
    FILE *f = fopen(path, "wb");
    ASSERT(f != NULL);
    for (int i = 0; i < n; i++) {
        uint32_t r = (uint32_t)next();
        if (i % 3 == 0)
            fprintf(f, "2001:db8:%x:%x::%x\n", r & 0xffff, r >> 16, i);
        else if (i % 3 == 1)
            fprintf(f, "d%u-%d.bad%u.example\n", r, i, r & 0xfff);
        else
            fprintf(f, "%08x%08x%08x%08x%08x%08x%08x%08x\n", r, i, (uint32_t)next(), r, 7, 8, 9,
                    10);
    }
    fclose(f);
}

/* Addresses below 198.18/15 are owned; severity info keeps the rest of them from being findings. */
static void rows_write(const char *path, int64_t n, int per_thousand)
{
    FILE *f = fopen(path, "wb");
    ASSERT(f != NULL);
    fputs(head, f);
    for (int64_t i = 0; i < n; i++) {
        uint32_t r = (uint32_t)next();
        bool wanted = (int)(next() % 1000) < per_thousand;
        fprintf(f,
                "\"2026-11-%02u "
                "%02u:%02u:%02u\",\"%s\",\"198.%u.%u.%u\",\"tcp\",\"%u\",\"host-%u.isp%u.example\","
                "\"smb;cve-2020-0796\",\"%u\",\"PK\",\"PUNJAB\",\"LAHORE\",\"517311\",\"ptr\","
                "\"Communications, "
                "Service Provider, and Hosting Service\",\"N\",\"\",\"0x00\",\"Y\",\"SMB 1.0 "
                "Windows 7 Professional "
                "7601\"\n",
                1 + r % 23, r >> 5 & 15, r >> 9 & 31, r >> 14 & 31, wanted ? "high" : "info",
                18 + (r & 1), r >> 8 & 255, r >> 16 & 255, 1 + (unsigned)(next() % 60000),
                r & 0xfffff, r >> 20 & 63, 64496 + (r >> 24) % 16);
    }
    fclose(f);
}

static long file_bytes(const char *path)
{
    FILE *f = fopen(path, "rb");
    ASSERT(f && fseek(f, 0, SEEK_END) == 0);
    long n = ftell(f);
    fclose(f);
    return n;
}

static void indicators_read(world_api *x, const char *path, int n)
{
    arena *a = arena_new((size_t)1 << 30);
    api_answer r;
    api_request q = { .method = S("POST"),
        .path = S("/api/imports/indicators"),
        .query = S("name=list.txt&source=bench"),
        .local_uid = (int64_t)getuid(),
        .spool = path,
        .spool_bytes = file_bytes(path) };
    int64_t t = monotonic_us();
    double c = cpu();
    api_run(&x->app, a, &q, &r);
    printf("indicators  %9d in %6.1f s, %.0f/s, %.1f CPU s (status %d)\n", n, seconds(t),
            n / seconds(t), cpu() - c, r.status);
    t = monotonic_us();
    if (failed(flow_settle(x->w->r, 120000))) printf("the snapshot did not settle\n");
    printf("snapshot    fresh after %.1f s, peak %ld MB\n", seconds(t), peak_mb());
    memory_now("indicators there");
    arena_free(a);
}

static void rows_read(world *w, int64_t feed, const char *path, int64_t n)
{
    intake_ticket ticket;
    txn *t;
    ASSERT(!failed(txn_read(w->r->store, 0, &t)));
    viewer v = world_viewer(t);
    txn_end(t);
    intake_file in = { feed, S("2026-11-23-scan_smb-pk-asn.csv"), path, LANG_EN };
    int64_t begun = monotonic_us();
    double c = cpu();
    ASSERT(!failed(intake_add(w->r, &v, &in, &ticket)));
    double kept = seconds(begun);
    begun = monotonic_us();
    ASSERT(intake_wait(w->r, ticket.row, 3600000));
    double s = seconds(begun);
    int64_t seen, findings = world_findings(w, &seen);
    arena *a = arena_new(64 << 20);
    world_run r = world_run_of(w, a, ticket.row);
    printf("kept        %9.1f MB hashed and kept in %.2f s\n", (double)file_bytes(path) / 1e6,
            kept);
    printf("read in     %9lld rows in %6.1f s, %.0f events/s, %.1f CPU s (%s, %lld events, %lld "
           "bad)\n",
            (long long)n, s, (double)n / s, cpu() - c, r.state, (long long)r.done,
            (long long)r.bad);
    printf("findings    %9lld of %lld events, %.0f/s\n", (long long)findings, (long long)seen,
            (double)findings / s);
    printf("memory      %9ld MB peak\n", peak_mb());
    memory_now("rows there");
    arena_free(a);
}

int main(int argc, char **argv)
{
    int64_t rows = 2000000;
    int indicators = 1000000, per_thousand = 10, opt;
    world w = { 0 };
    world_api x;
    char list[1200], file[1200];
    while ((opt = getopt(argc, argv, "n:i:p:d:")) != -1) {
        if (opt == 'n')
            rows = atoll(optarg);
        else if (opt == 'i')
            indicators = atoi(optarg);
        else if (opt == 'p')
            per_thousand = atoi(optarg);
        else if (opt == 'd')
            setenv("MINAR_TMP", optarg, 1);
        else
            return 2;
    }
    world_folder(&w, "bench");
    snprintf(list, sizeof list, "%s/list.txt", w.dir);
    snprintf(file, sizeof file, "%s/rows.csv", w.dir);
    indicators_write(list, indicators);
    rows_write(file, rows, per_thousand);
    world_open(&w);
    for (int i = 0; i < 200; i++) {
        char key[32], net[32];
        snprintf(key, sizeof key, "org%d", i);
        snprintf(net, sizeof net, "198.18.%d.0/24", i);
        world_org(&w, key, net);
    }
    world_org(&w, "isp", "198.18.0.0/15");
    int64_t feed = world_feed(&w, "shadow", "shadowserver", "");
    world_flow(&w);
    world_mapping(&w, str_of(mapping));
    world_api_open(&x, &w);
    if (indicators) indicators_read(&x, list, indicators);
    rows_read(&w, feed, file, rows);
    world_api_close(&x);
    world_close(&w);
    world_remove(&w);
    return 0;
}
