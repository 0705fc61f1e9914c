/* metrics.c - figures for whoever runs the machine, in Prometheus' text format 0.0.4. Counts and
 * times alone: no name of an organisation, person, feed or network is a label or a value. Runs in
 * the pool.
 */
#include "api/app.h"
#include "api/counts.h"
#include "desk/watch/feed.h"
#include "flow/flow.h"
#include "flow/reference.h"
#include "events/history.h"
#include "common/backup/follow.h"
#include "gen/common/backup/queries.h"
#include "gen/common/outbox/queries.h"
#include "gen/routes_handlers.h"
#include "gen/store/queries.h"
#include "ledger/ledger.h"
#include "ledger/publish.h"
#include "net/http.h"
#include "store/store.h"
#include <stdio.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void family(buf *b, const char *name, const char *type, const char *help)
{
    buf_fmt(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(buf *b, const char *name, const char *help, double value)
{
    family(b, name, "gauge", help);
    buf_fmt(b, "%s %.17g\n", name, value);
}

static double seconds(int64_t us)
{
    return (double)us / (double)US_PER_S;
}

static void put_answers(buf *b)
{
    count_figures f = count_now();
    family(b, "minar_http_answers_total", "counter", "Answers by the class of their status.");
    for (int i = 1; i < COUNT_CLASSES; i++)
        buf_fmt(b, "minar_http_answers_total{class=\"%dxx\"} %lld\n", i, (long long)f.answers[i]);
    family(b, "minar_http_answer_seconds", "histogram", "How long answers took.");
    int64_t so_far = 0;
    for (int i = 0; i < COUNT_BOUNDS; i++) {
        so_far += f.within[i];
        buf_fmt(b, "minar_http_answer_seconds_bucket{le=\"%g\"} %lld\n",
                seconds(count_bounds_us[i]), (long long)so_far);
    }
    buf_fmt(b, "minar_http_answer_seconds_bucket{le=\"+Inf\"} %lld\n", (long long)f.all);
    buf_fmt(b, "minar_http_answer_seconds_sum %.6f\n", seconds(f.took_us));
    buf_fmt(b, "minar_http_answer_seconds_count %lld\n", (long long)f.all);
}

static err put_feeds(call *c, buf *b)
{
    static const char *const names[FEED_STATES] = { "alive", "late", "silent", "new", "paused" };
    int64_t n[FEED_STATES];
    TRY(feed_counts(c, n));
    family(b, "minar_feeds", "gauge", "Feeds by how they are.");
    for (int i = 0; i < FEED_STATES; i++)
        buf_fmt(b, "minar_feeds{state=\"%s\"} %lld\n", names[i], (long long)n[i]);
    return OK;
}

static err put_work(call *c, buf *b)
{
    job_counts_row *jobs;
    delivery_counts_row *d;
    size_t n;
    TRY(job_counts(c->t, c->a, &jobs, &n));
    family(b, "minar_jobs", "gauge", "Slow work by its state.");
    for (size_t i = 0; i < n; i++)
        buf_fmt(b, "minar_jobs{state=\"%.*s\"} %lld\n", STR_ARG(jobs[i].state),
                (long long)jobs[i].n);
    TRY(delivery_counts(c->t, c->a, &d, &n));
    family(b, "minar_deliveries", "gauge", "Messages of notices by channel and state.");
    for (size_t i = 0; i < n; i++)
        buf_fmt(b, "minar_deliveries{channel=\"%.*s\",state=\"%.*s\"} %lld\n",
                STR_ARG(d[i].channel), STR_ARG(d[i].state), (long long)d[i].n);
    return OK;
}

static err put_ledger(call *c, buf *b)
{
    ledger_head head = ledger_head_now(c->realm->ledger);
    published last = { 0 };
    publish_halt halt;
    err e = published_last(c->t, &last);
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    TRY(published_halt(c->t, &halt));
    gauge(b, "minar_ledger_entries", "Sealed entries of the ledger.", (double)head.size);
    gauge(b, "minar_ledger_sealed_time_seconds", "When the last entry was sealed, Unix time.",
            seconds(head.sealed.us));
    gauge(b, "minar_ledger_proved_entries", "Entries under the last signed checkpoint.",
            (double)last.head.size);
    gauge(b, "minar_ledger_proved_time_seconds", "When it was signed, Unix time; 0: never.",
            seconds(last.at.us));
    gauge(b, "minar_ledger_halted", "1: what is stored does not fit, so nothing is signed.",
            halt.key != NULL);
    return OK;
}

static err put_history(call *c, buf *b)
{
    history_stats s;
    TRY(history_stat(c->realm->history, c->a, &s));
    gauge(b, "minar_events", "Events in the history.", (double)s.n_rows);
    gauge(b, "minar_events_bytes", "Bytes of its files.", (double)s.n_bytes);
    gauge(b, "minar_events_months", "Months in it.", (double)s.n);
    gauge(b, "minar_snapshot_age_seconds", "Age of what the pipeline knows; -1: it does not run.",
            (double)flow_snapshot_age_s(c->realm));
    return OK;
}

/* Nothing when no second machine is copied to. */
static void put_copy(call *c, buf *b)
{
    follow_state s;
    instant now = clock_now(&clock_system);
    if (failed(follow_read(c->a, c->app->data_dir, &s))) return;
    gauge(b, "minar_copy_age_seconds",
            "Age of the copy on a second machine, which is what may be lost; -1: none was made.",
            (double)follow_age_s(&s, now));
    gauge(b, "minar_copy_late", "1: it is older than it should be, or nobody makes it any more.",
            (double)follow_late(&s, now));
    gauge(b, "minar_copy_duration_seconds", "What the last copy took.", (double)s.took_ms / 1000);
    gauge(b, "minar_standby_heard_time_seconds",
            "When the second machine was last heard, Unix time; 0: never.",
            seconds(s.standby_at.us));
}

static err put_backup(call *c, buf *b)
{
    backup_last_row *last;
    TRY(backup_last(c->t, c->a, &last));
    gauge(b, "minar_backup_last_good_time_seconds",
            "When the last backup was made, Unix time; 0: never.", seconds(last->made.us));
    gauge(b, "minar_backup_last_drill_time_seconds",
            "When a backup was last restored as a drill, Unix time; 0: never.",
            seconds(last->drilled.us));
    gauge(b, "minar_backup_last_drill_good", "1: what it restored was good.",
            (double)(last->drill_good > 0));
    put_copy(c, b);
    gauge(b, "minar_restored_held", "1: restored from a backup, and sends nothing yet.",
            (double)c->app->held);
    return OK;
}

/* Of each kind its newest part; nothing of what no bundle brought. */
static err put_data(call *c, buf *b)
{
    reference_state s;
    TRY(reference_read(c->t, c->a, &s));
    family(b, "minar_data_time_seconds", "gauge", "Of when data from bundles is, Unix time.");
    for (size_t i = 0; i < s.n; i++)
        if (!i || s.row[i].part.kind != s.row[i - 1].part.kind)
            buf_fmt(b, "minar_data_time_seconds{kind=\"%s\"} %.17g\n",
                    bundle_kind_name(s.row[i].part.kind), seconds(s.row[i].part.date.us));
    family(b, "minar_data_in_use", "gauge", "1: the pipeline and lookups use it.");
    for (size_t i = 0; i < s.n; i++)
        if (!i || s.row[i].part.kind != s.row[i - 1].part.kind)
            buf_fmt(b, "minar_data_in_use{kind=\"%s\"} %d\n", bundle_kind_name(s.row[i].part.kind),
                    reference_in_use(c->realm, &s.row[i]));
    return OK;
}

static double resident_bytes(void)
{
    char text[128];
    int64_t pages = 0;
    str all, kept, rest = { text, 0 };
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f) return 0;
    rest.n = fread(text, 1, sizeof text, f);
    fclose(f);
    if (!str_split(&rest, ' ', &all) || !str_split(&rest, ' ', &kept)) return 0;
    return str_to_i64(kept, &pages) ? (double)pages * (double)sysconf(_SC_PAGESIZE) : 0;
}

static void put_machine(call *c, buf *b)
{
    struct statvfs v;
    struct rusage u;
    gauge(b, "process_resident_memory_bytes", "Memory of the server.", resident_bytes());
    if (getrusage(RUSAGE_SELF, &u) == 0) {
        family(b, "process_cpu_seconds_total", "counter", "Processor time of the server.");
        buf_fmt(b, "process_cpu_seconds_total %.3f\n",
                (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                        (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
    }
    if (statvfs(c->app->data_dir, &v) != 0) return;
    gauge(b, "minar_disk_bytes", "Room of the data folder's file system.",
            (double)v.f_blocks * (double)v.f_frsize);
    gauge(b, "minar_disk_free_bytes", "What of it is free.",
            (double)v.f_bavail * (double)v.f_frsize);
    gauge(b, "minar_disk_free_inodes", "Files that may still be made there.", (double)v.f_favail);
}

err h_metrics(call *c)
{
    buf b = buf_new(c->a, 8192);
    family(&b, "minar_info", "gauge", "The version and the kind of store.");
    buf_fmt(&b, "minar_info{version=\"%s\",store=\"%s\"} 1\n", MINAR_VERSION,
            store_is_pg(c->realm->store) ? "postgresql" : "sqlite");
    gauge(&b, "minar_http_connections", "Open connections.",
            c->app->http ? (double)http_connections(c->app->http) : 0);
    put_answers(&b);
    TRY(put_feeds(c, &b));
    TRY(put_work(c, &b));
    TRY(put_ledger(c, &b));
    TRY(put_history(c, &b));
    TRY(put_backup(c, &b));
    TRY(put_data(c, &b));
    put_machine(c, &b);
    c->raw = buf_str(&b);
    c->type = S("text/plain; version=0.0.4; charset=utf-8");
    return OK;
}
