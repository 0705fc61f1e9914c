/* crash_test.c - a process killed in the middle of appending: what was told to be committed is
 * there with its position, and no batch is there by half. */
#include "fixture.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

enum { ROUNDS = 12, ROWS = 3000 };

/* Appends until it is killed; says after each commit, through the pipe, how far it got. */
static void append_for_ever(const char *dir, int say)
{
    history *h = NULL;
    arena *a = arena_new((size_t)256 << 20);
    err o = history_open(dir, &(history_options){ .threads = 1 }, &h);
    if (failed(o)) {
        fprintf(stderr, "open: %s %.*s\n", o.f->key, STR_ARG(o.f->args[0]));
        _exit(3);
    }
    input_position p = { .place = 0 };
    err e = history_position_read(h, a, S("in"), &p);
    int64_t serial = failed(e) ? 0 : p.place;
    for (int64_t now = NOVEMBER + serial * 1000000;; now += 20 * US_PER_DAY) {
        commit_simple(h, a, now, ROWS, &serial);
        if (write(say, &serial, sizeof serial) != sizeof serial) _exit(4);
        arena_reset(a);
    }
}

static int64_t run_and_kill(const char *dir, int wait_us, void (*work)(const char *, int))
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        work(dir, ends[1]);
    }
    close(ends[1]);
    int64_t told = 0, one;
    ssize_t n = read(ends[0], &one, sizeof one);
    if (n == (ssize_t)sizeof one) told = one;
    usleep((useconds_t)wait_us);
    kill(child, SIGKILL);
    while (read(ends[0], &one, sizeof one) == (ssize_t)sizeof one)
        told = one;
    int status = 0;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    close(ends[0]);
    return told;
}

static void all_whole(history *h, arena *a, int64_t told)
{
    input_position p = { 0 };
    assert_ok(history_position_read(h, a, S("in"), &p));
    assert_true(p.place >= told);
    assert_int_equal(count_all(h, a, NULL), p.place);
    history_batches_row *b = NULL;
    size_t n = 0;
    assert_ok(history_batches(h, a, 3, 0, 1000, &b, &n));
    assert_int_equal(b[0].place, p.place);
    for (size_t i = 0; i < n && i < 20; i++)
        assert_int_equal(count_all(h, a, &(event_filter){ .batch = b[i].batch }), b[i].n_rows);
}

static void killed_while_appending(void **state)
{
    arena *a = arena_new((size_t)256 << 20);
    char *dir = dir_make(*state);
    srand(5);
    for (int i = 0; i < ROUNDS; i++) {
        int64_t told = run_and_kill(dir, rand() % 150000, append_for_ever);
        history *h = open_it(dir);
        all_whole(h, a, told);
        history_close(h);
        arena_reset(a);
    }
    dir_remove(dir);
    arena_free(a);
}

/* ---- one month that grows, so that the engine packs its log now and then; others read beside ----
 */

typedef struct {
    history *h;
    _Atomic bool over;
} reading;

static void *read_for_ever(void *ctx)
{
    reading *x = ctx;
    arena *a = arena_new((size_t)64 << 20);
    while (!x->over) {
        (void)count_all(x->h, a, NULL);
        arena_reset(a);
    }
    return NULL;
}

/* Each commit is an input of its own, whose one batch is whole or not there. */
static void commit_input(history *h, arena *a, int64_t serial)
{
    static char raw[200];
    memset(raw, 'a' + (int)(serial % 26), sizeof raw);
    str *raws = NEW_ARRAY(a, str, ROWS), *names = NEW_ARRAY(a, str, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        raws[i] = str_fmt(a, "%lld,%zu,%.*s", (long long)serial, i, (int)(i % sizeof raw), raw);
        names[i] = str_fmt(a, "s%lld-%zu", (long long)serial, i);
    }
    event_batch rows = { .n = ROWS, .identifier = names, .raw = raws };
    str input = str_fmt(a, "in/%lld", (long long)serial);
    batch_head head = { .feed = 3, .file = input, .input = input, .place = 0, .header = S("a,b") };
    history_txn *t = NULL;
    int64_t batch = 0;
    assert_ok(history_begin(h, (instant){ NOVEMBER + serial * 1000 }, &t));
    assert_ok(history_append(t, &head, &rows, NULL, 0, &batch));
    input_position p = { .input = input, .place = ROWS, .mark = S("m") };
    assert_ok(history_commit(t, &p, 1));
}

static void take_for_ever(const char *dir, int say)
{
    history *h = NULL;
    arena *a = arena_new((size_t)256 << 20);
    reading x = { 0 };
    pthread_t reader;
    if (failed(history_open(dir, &(history_options){ .threads = 2 }, &h))) _exit(3);
    x.h = h;
    if (pthread_create(&reader, NULL, read_for_ever, &x) != 0) _exit(4);
    int64_t serial = 0;
    input_position p;
    while (!failed(history_position_read(h, a, str_fmt(a, "in/%lld", (long long)serial), &p)))
        serial++;
    for (;; serial++) {
        commit_input(h, a, serial);
        if (write(say, &serial, sizeof serial) != sizeof serial) _exit(4);
        arena_reset(a);
    }
}

static void each_once(history *h, arena *a, int64_t told)
{
    int64_t n = 0;
    input_position p;
    while (!failed(history_position_read(h, a, str_fmt(a, "in/%lld", (long long)n), &p))) {
        n++;
        if (n % 64 == 0) arena_reset(a);
    }
    assert_true(n > told);
    assert_int_equal(count_all(h, a, NULL), n * ROWS);
}

static void killed_while_packing(void **state)
{
    arena *a = arena_new((size_t)256 << 20);
    const char *rounds = getenv("MINAR_KILLS");
    char *dir = dir_make(*state);
    srand(7);
    for (int i = 0; i < (rounds ? atoi(rounds) : ROUNDS); i++) {
        if (i % 40 == 39) {
            dir_remove(dir);
            dir = dir_make(*state);
        }
        int64_t told = run_and_kill(dir, rand() % 400000, take_for_ever);
        history *h = open_it(dir);
        each_once(h, a, told);
        history_close(h);
        arena_reset(a);
    }
    dir_remove(dir);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(killed_while_appending), UNIT(killed_while_packing) };
    return cmocka_run_group_tests_name("events crash", tests, NULL, NULL);
}
