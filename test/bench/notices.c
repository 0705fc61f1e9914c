/* notices.c - figures of the way from findings to notices: new findings a second through promote,
 * repeats a second, and findings a second until the notices that tell of them are durable, with
 * promote and the reaction sharing the one writer. The cost of one fsync stands beside them. usage:
 * bench-notices [sqlite|pg] [findings] [findings there before] */
#include "base/time.h"
#include "common/reaction/reaction.h"
#include "desk/watch/notice.h"
#include "support/nation.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { ORGS = 100, SLICE = 256, KINDS = 5 };

static const char *const kinds[KINDS] = { "open-rdp", "open-smb", "open-mongodb", "ssl-poodle",
    "open-telnet" };
static int64_t orgs[ORGS];
static uint32_t next_at;

static void fsync_cost(void)
{
    char path[300], page[4096] = { 1 };
    const char *tmp = getenv("MINAR_TMP");
    snprintf(path, sizeof path, "%s/fsync-%d", tmp ? tmp : "/tmp", (int)getpid());
    int fd = open(path, O_CREAT | O_RDWR, 0600);
    int64_t begin = monotonic_us();
    for (int i = 0; i < 200; i++)
        if (pwrite(fd, page, sizeof page, 0) < 0 || fdatasync(fd)) exit(1);
    printf("fsync: %.2f ms each\n", (double)(monotonic_us() - begin) / 200 / 1000);
    close(fd);
    unlink(path);
}

/* Promotes n findings in slices, one waiting for the other, as flow's promote step does. */
static void promote(nation *n, uint32_t from, uint32_t count)
{
    static promote_item items[SLICE];
    for (uint32_t done = 0; done < count;) {
        size_t slice = 0;
        for (; slice < SLICE && done < count; slice++, done++) {
            uint32_t at = from + done;
            items[slice] = nation_item(orgs[at % ORGS], "vulnerable-system",
                    kinds[at / ORGS % KINDS], (int64_t)(2 + at % 3), at);
        }
        nation_promote(n, items, slice);
    }
}

/* The process's own CPU time since the last call: what a busy machine or a slow disk does not
 * change. */
static double cpu_s(void)
{
    static double last;
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    double now = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                 (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6,
           since = now - last;
    last = now;
    return since;
}

static void report(const char *what, uint32_t count, int64_t began)
{
    double s = (double)(monotonic_us() - began) / 1e6;
    printf("%s: %u in %.2f s, %.0f a second, %.0f us CPU each\n", what, count, s, count / s,
            cpu_s() / count * 1e6);
    fflush(stdout);
}

static void fill(nation *n)
{
    char key[40], mail[60];
    for (int i = 0; i < ORGS; i++) {
        snprintf(key, sizeof key, "org-%d", i);
        orgs[i] = nation_org(n, key, i % 2 ? "en" : "ur");
        snprintf(mail, sizeof mail, "focal@%s.example", key);
        nation_person(n, orgs[i], mail, i % 2 ? "en" : "ur", "focal", "active");
        snprintf(mail, sizeof mail, "tech@%s.example", key);
        nation_person(n, orgs[i], mail, "en", "technical", "active");
    }
}

int main(int argc, char **argv)
{
    bool pg = argc > 1 && !strcmp(argv[1], "pg");
    uint32_t count = argc > 2 ? (uint32_t)atoi(argv[2]) : 20000,
             before = argc > 3 ? (uint32_t)atoi(argv[3]) : 50000;
    notice_rules rules = { .hold_us = 30 * US_PER_S,
        .cal.hours = { .weekend_bits = 0x60, .from_min = 540, .to_min = 1020 } };
    reaction_def defs[WATCH_REACTIONS];
    reactions *x;
    if (failed(zone_find(S("Asia/Karachi"), &rules.cal.zone)) || (pg && !stores_have_pg()))
        return 1;
    nation *n = nation_new(pg, REALM_LIVE);
    clock_freeze(&n->ts->clock, (instant){ 0 });
    fill(n);
    promote(n, 0, before);
    next_at = before;
    printf("store: %s, %d organisations, %u findings before\n", pg ? "postgresql" : "sqlite", ORGS,
            before);
    fsync_cost();
    (void)cpu_s();
    int64_t began = monotonic_us();
    promote(n, next_at, count);
    report("new findings", count, began);
    began = monotonic_us();
    promote(n, next_at, count);
    report("seen again", count, began);
    next_at += count;
    watch_reactions(&rules, defs);
    if (failed(reactions_start(&n->r, defs, WATCH_REACTIONS, NULL, &x))) return 1;
    began = monotonic_us();
    bool settled = reactions_settle(x, 3600000);
    report("findings that waited, put into notices", before + count, began);
    began = monotonic_us();
    promote(n, next_at, count);
    settled &= reactions_settle(x, 3600000);
    report("new findings and their notices together", count, began);
    reactions_stop(x);
    nation_free(n);
    stores_over();
    return settled ? 0 : 1;
}
