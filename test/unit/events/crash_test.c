/* crash_test.c - a process killed in the middle of appending: what was told to be committed is
 * there with its position, and no batch is there by half. */
#include "fixture.h"

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

static int64_t run_and_kill(const char *dir, int wait_us)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        append_for_ever(dir, ends[1]);
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
        int64_t told = run_and_kill(dir, rand() % 150000);
        history *h = open_it(dir);
        all_whole(h, a, told);
        history_close(h);
        arena_reset(a);
    }
    dir_remove(dir);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(killed_while_appending) };
    return cmocka_run_group_tests_name("events crash", tests, NULL, NULL);
}
