/* intake_test.c - files read in through a running pipeline: events, owners, findings; the same file
 * twice, rejects, drift, other formats; and a program killed in the middle, again and again: every
 * row once. usage: intake_test | intake_test --work DIR (reads in what is left there, until it is
 * killed) */
#include "unit/unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "events/history.h"
#include "flow/crash.h"
#include "flow/intake.h"
#include "flow/promote.h"
#include "store/conn.h"
#include "store/store.h"
#include "support/world.h"

#define HEAD                                                                                       \
    "\"timestamp\",\"severity\",\"ip\",\"protocol\",\"port\",\"hostname\",\"tag\",\"asn\","        \
    "\"geo\"\n"
#define ROW(ip)                                                                                    \
    "\"2026-11-23 04:05:06\",\"high\",\"" ip                                                       \
    "\",\"tcp\",\"445\",\"h.isp.example\",\"widget\",\"64500\",\"PK\"\n"
static const char widgets[] =
        HEAD ROW("198.18.7.9") ROW("198.18.7.10") ROW("198.18.7.9") ROW("203.0.113.5");

static str mapping_text(arena *a)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/test/unit/flow/mapping.json", getenv("MINAR_SOURCE"));
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *p = arena_alloc(a, 1 << 20);
    size_t n = fread(p, 1, 1 << 20, f);
    fclose(f);
    return (str){ p, n };
}

/* ---- one world for the plain tests ---- */

typedef struct {
    world w;
    arena *a;
    int64_t feed, csv, jsonl, org;
} fixture;

static int open_fixture(void **state)
{
    fixture *x = calloc(1, sizeof *x);
    x->a = arena_new((size_t)512 << 20);
    world_folder(&x->w, "intake");
    world_open(&x->w);
    x->org = world_org(&x->w, "bank", "198.18.0.0/16");
    x->feed = world_feed(&x->w, "shadow", "shadowserver", "");
    x->csv = world_feed(&x->w, "list", "csv",
            "name: List\nformat: csv\ncolumns:\n  when: { to: time.source, required: true }\n  "
            "victim: source.ip\n"
            "constants:\n  classification.type: infected-system\n");
    x->jsonl = world_feed(&x->w, "lines", "jsonl", "name: Lines\nformat: jsonl\n");
    world_flow(&x->w);
    world_mapping(&x->w, mapping_text(x->a));
    *state = x;
    return 0;
}

static int close_fixture(void **state)
{
    fixture *x = *state;
    world_close(&x->w);
    world_remove(&x->w);
    arena_free(x->a);
    free(x);
    return 0;
}

static str report_list(fixture *x, str report, const char *key)
{
    const json *j;
    assert_ok(json_parse(x->a, report, NULL, &j));
    const json *list = json_get(j, str_of(key));
    assert_non_null(list);
    return list->raw;
}

static void events_owners_findings(void **state)
{
    fixture *x = *state;
    int64_t seen;
    int64_t row = world_import(&x->w, x->feed, "2026-11-23-scan_widget-pk.csv", str_of(widgets));
    world_run r = world_run_of(&x->w, x->a, row);
    assert_string_equal(r.state, "done");
    assert_int_equal(r.read, 4);
    assert_int_equal(r.done, 4);
    assert_int_equal(r.bad, 0);
    assert_int_equal(world_events(&x->w), 4);
    assert_int_equal(
            world_findings(&x->w, &seen), 2); /* two machines of the bank; nobody's is none */
    assert_int_equal(seen, 3);
}

static void same_file_twice(void **state)
{
    fixture *x = *state;
    int64_t first = world_import(&x->w, x->feed, "2026-11-23-scan_widget-pk.csv", str_of(widgets));
    int64_t again = world_import(&x->w, x->feed, "renamed.csv", str_of(widgets));
    int64_t seen;
    assert_int_equal(first, again);
    assert_int_equal(world_events(&x->w), 4);
    assert_int_equal(world_findings(&x->w, &seen), 2);
    assert_int_equal(seen, 3);
    int64_t other = world_import(&x->w, x->csv, "other-feed.csv", str_of(widgets));
    assert_int_not_equal(first, other); /* of another feed it is another input */
}

static void rejects_and_drift(void **state)
{
    fixture *x = *state;
    str text = S("\"timestamp\",\"ip\",\"port\",\"surprise\"\n\"2026-11-23 "
                 "04:05:06\",\"198.18.7.9\",\"445\",\"a\"\n"
                 "\"2026-11-23 04:05:06\",\"not an "
                 "address\",\"445\",\"b\"\n\"\",\"198.18.7.9\",\"445\",\"c\"\n");
    int64_t row = world_import(&x->w, x->feed, "2026-11-23-scan_widget-pk.csv", text);
    world_run r = world_run_of(&x->w, x->a, row);
    assert_string_equal(r.state, "done");
    assert_int_equal(r.read, 3);
    assert_int_equal(r.done, 1);
    assert_int_equal(r.bad, 2);
    str errors = report_list(x, r.report, "errors"), drift = report_list(x, r.report, "drift");
    assert_true(str_find(errors, S("\"row\":3")) > 0);
    assert_true(str_find(errors, S("not an address")) > 0);
    assert_true(str_find(drift, S("surprise")) > 0);
    history_batches_row *b;
    history_rejects_row *bad;
    size_t n;
    assert_ok(history_batches(x->w.r->history, x->a, (uint32_t)x->feed, 0, 10, &b, &n));
    assert_int_equal(n, 1);
    assert_ok(history_rejects(x->w.r->history, x->a, b[0].batch, 10, &bad, &n));
    assert_int_equal(n, 2);
}

static void unknown_type_is_kept(void **state)
{
    fixture *x = *state;
    int64_t row =
            world_import(&x->w, x->feed, "2026-11-23-scan_nobody_knows-pk.csv", str_of(widgets));
    world_run r = world_run_of(&x->w, x->a, row);
    assert_string_equal(r.state, "done");
    assert_int_equal(r.done, 4);
    assert_true(str_find(r.report, S("\"quarantined\":true")) > 0);
}

static void declared_csv(void **state)
{
    fixture *x = *state;
    int64_t seen;
    int64_t row = world_import(&x->w, x->csv, "x.csv",
            S("when;victim;note\n2026-11-23T01:02:03Z;198.18.9.9;first\n2026-11-23T01:02:03Z;198."
              "18.9.10;\n"));
    assert_int_equal(world_run_of(&x->w, x->a, row).done, 2);
    assert_int_equal(world_findings(&x->w, &seen), 2);
}

static void json_lines(void **state)
{
    fixture *x = *state;
    int64_t row = world_import(&x->w, x->jsonl, "x.jsonl",
            S("{\"time.source\":\"2026-11-23T01:02:03+00:00\",\"source.ip\":\"198.18.9.9\","
              "\"classification.type\":\"c2-server\"}\nno json\n"));
    world_run r = world_run_of(&x->w, x->a, row);
    assert_int_equal(r.done, 1);
    assert_int_equal(r.bad, 1);
}

static void empty_file(void **state)
{
    fixture *x = *state;
    int64_t row = world_import(
            &x->w, x->feed, "2026-11-23-scan_widget-pk.csv", S("\"timestamp\",\"ip\"\n"));
    world_run r = world_run_of(&x->w, x->a, row);
    assert_string_equal(r.state, "done");
    assert_int_equal(r.read, 0);
}

static void preview_writes_nothing(void **state)
{
    fixture *x = *state;
    char path[1200];
    jsonw w = jsonw_new(x->a, 1024);
    snprintf(path, sizeof path, "%s/preview", x->w.dir);
    FILE *f = fopen(path, "wb");
    fputs(widgets, f);
    fclose(f);
    jw_obj(&w);
    assert_ok(intake_preview(x->w.r,
            &(intake_file){ x->feed, S("2026-11-23-scan_widget-pk.csv"), path, LANG_EN }, x->a,
            &w));
    jw_end_obj(&w);
    str out = jsonw_done(&w);
    assert_true(str_find(out, S("\"rows_done\":4")) > 0);
    assert_true(str_find(out, S("\"promoted\":3")) > 0);
    assert_int_equal(world_events(&x->w), 0);
}

static void new_owner_is_heard_of(void **state)
{
    fixture *x = *state;
    int64_t seen;
    world_org(&x->w, "late", "203.0.113.0/24");
    assert_ok(flow_settle(x->w.r, 10000));
    world_import(&x->w, x->feed, "2026-11-23-scan_widget-pk.csv", str_of(widgets));
    assert_int_equal(world_findings(&x->w, &seen), 3);
}

static void inventories_are_no_findings(void **state)
{
    assert_true(promote_wanted(false, true, 0));
    assert_true(promote_wanted(false, true, 2));
    assert_false(promote_wanted(false, true, 1));
    assert_true(promote_wanted(true, false, 1));
    assert_false(promote_wanted(false, false, 5));
}

/* ---- killed ---- */

enum { BIG = 1200000, MACHINES = 3000 };

static str big_text(arena *a)
{
    buf b = buf_new(a, (size_t)BIG * 110);
    buf_put(&b, S(HEAD));
    for (int i = 0; i < BIG; i++) /* each hundredth row is the bank's */
        buf_fmt(&b,
                "\"2026-11-23 "
                "%02d:%02d:%02d\",\"high\",\"%s.%d.%d\",\"tcp\",\"445\",\"h%d.example\",\"w\","
                "\"64500\",\"PK\"\n",
                i % 24, i % 60, i % 59, i % 100 ? "192.0" : "198.18", i / 100 % 12, i / 1200 % 250,
                i);
    return buf_str(&b);
}

static int work(const char *dir)
{
    world w = { 0 };
    snprintf(w.dir, sizeof w.dir, "%s", dir);
    world_open(&w);
    world_flow(&w);
    bool over = intake_wait(w.r, 1, 120000);
    world_close(&w);
    return over ? 0 : 3;
}

/* The child opens the folder, goes on with import 1, and ends by itself with 0 when it is done. */
static int run_child(const char *dir, int kill_after_ms)
{
    pid_t child = fork();
    int status;
    assert_true(child >= 0);
    if (child == 0) {
        execl("/proc/self/exe", "intake_test", "--work", dir, (char *)NULL);
        _exit(9);
    }
    if (kill_after_ms >= 0) {
        nanosleep(
                &(struct timespec){ kill_after_ms / 1000, kill_after_ms % 1000 * 1000000L }, NULL);
        kill(child, SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) return -1;
    return WEXITSTATUS(status);
}

static void registered(world *w, arena *a)
{
    char path[1200];
    intake_ticket ticket;
    txn *t;
    str text = big_text(a);
    world_open(w);
    world_org(w, "bank", "198.18.0.0/16");
    int64_t feed = world_feed(w, "shadow", "shadowserver", "");
    world_flow(w);
    world_mapping(w, mapping_text(a));
    snprintf(path, sizeof path, "%s/incoming", w->dir);
    FILE *f = fopen(path, "wb");
    assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
    fclose(f);
    assert_ok(txn_read(w->r->store, 0, &t));
    viewer v = world_viewer(t);
    txn_end(t);
    assert_ok(intake_add(w->r, &v,
            &(intake_file){ feed, S("2026-11-23-scan_widget-pk.csv"), path, LANG_EN }, &ticket));
    assert_int_equal(ticket.row, 1);
    world_close(w); /* ends after the batch in hand */
}

static int64_t added(world *w, int64_t feed, const char *name, str text)
{
    char path[1200];
    intake_ticket ticket;
    txn *t;
    snprintf(path, sizeof path, "%s/incoming", w->dir);
    FILE *f = fopen(path, "wb");
    assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
    fclose(f);
    assert_ok(txn_read(w->r->store, 0, &t));
    viewer v = world_viewer(t);
    txn_end(t);
    assert_ok(intake_add(w->r, &v, &(intake_file){ feed, str_of(name), path, LANG_EN }, &ticket));
    return ticket.row;
}

/* Two large files and a small one behind them: all come whole, in turns. */
static void files_take_turns(void **state)
{
    fixture *x = *state;
    arena *a = arena_new((size_t)1 << 30);
    str text = big_text(a);
    int64_t first = added(&x->w, x->feed, "2026-11-23-scan_widget-a.csv", text);
    str more = str_cat(a, text, S(ROW("192.0.2.1")));
    int64_t second = added(&x->w, x->feed, "2026-11-23-scan_widget-b.csv", more);
    int64_t small = added(&x->w, x->feed, "2026-11-23-scan_widget-c.csv", str_of(widgets));
    assert_true(intake_wait(x->w.r, small, 120000));
    assert_string_equal(world_run_of(&x->w, a, second).state, "running");
    assert_true(intake_wait(x->w.r, first, 240000));
    assert_true(intake_wait(x->w.r, second, 240000));
    assert_int_equal(world_run_of(&x->w, a, first).done, BIG);
    assert_int_equal(world_run_of(&x->w, a, second).done, BIG + 1);
    assert_int_equal(world_run_of(&x->w, a, small).done, 4);
    arena_free(a);
}

static void killed_again_and_again(void **state)
{
    world w;
    arena *a = *state;
    int64_t seen;
    int kills = 0, status = -1;
    unsigned seed = (unsigned)time(NULL);
    world_folder(&w, "killed");
    registered(&w, a);
    for (int i = 0; i < 40 && status == -1; i++) {
        status = run_child(w.dir, i < 25 ? 250 + rand_r(&seed) % 700 : -1);
        kills += status == -1;
    }
    assert_int_equal(status, 0);
    print_message("killed %d times\n", kills);
    world_open(&w);
    world_run r = world_run_of(&w, a, 1);
    assert_string_equal(r.state, "done");
    assert_int_equal(r.read, BIG);
    assert_int_equal(r.done, BIG);
    assert_int_equal(world_events(&w), BIG);
    assert_int_equal(world_findings(&w, &seen), BIG / 100 < MACHINES ? BIG / 100 : MACHINES);
    assert_int_equal(seen, BIG / 100);
    world_close(&w);
    world_remove(&w);
}

/* ---- crashed ---- */

static void crashes_are_marked(void **state)
{
    char path[1200];
    snprintf(path, sizeof path, "%s/crash-%d", getenv("MINAR_TMP"), (int)getpid());
    for (int i = 1; i <= 2; i++) {
        pid_t child = fork();
        if (child == 0) {
            (void)crash_on(path);
            abort();
        }
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_int_equal(crash_count(path), i);
    }
    pid_t child = fork();
    if (child == 0) {
        crash_got_on(crash_on(path));
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(crash_count(path), 0);
    child = fork();
    if (child == 0) {
        (void)crash_on(path);
        store_stop(); /* not the file's doing */
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(crash_count(path), 0);
    crash_forget(path);
}

#define WORLD(fn) cmocka_unit_test_setup_teardown(fn, open_fixture, close_fixture)

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--work") == 0) return work(argv[2]);
    const struct CMUnitTest tests[] = { WORLD(events_owners_findings), WORLD(same_file_twice),
        WORLD(rejects_and_drift), WORLD(unknown_type_is_kept), WORLD(declared_csv),
        WORLD(json_lines), WORLD(empty_file), WORLD(preview_writes_nothing),
        WORLD(new_owner_is_heard_of), cmocka_unit_test(inventories_are_no_findings),
        cmocka_unit_test(crashes_are_marked), WORLD(files_take_turns),
        UNIT(killed_again_and_again) };
    return cmocka_run_group_tests_name("flow intake", tests, NULL, NULL);
}
