/* err_test.c - faults: their ring, their places, their copies; assertions; the log's lines. */
#include "unit/unit.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

static err fails(void)
{
    return ERR2(E_ABSENT, "error.json.word", S("one"), S("two"));
}

static err tries(bool *reached)
{
    TRY(fails());
    *reached = true;
    return OK;
}

static void try_hands_the_fault_on(void **state)
{
    bool reached = false;
    err e = tries(&reached);
    assert_true(failed(e) && !reached);
    assert_int_equal(err_code_of(e), E_ABSENT);
    assert_int_equal(err_code_of(OK), E_OK);
    assert_str(e.f->args[1], "two");
    assert_string_equal(err_code_name(E_TOO_LARGE), "too_large");
}

static void places_leave_the_first_fault_alone(void **state)
{
    err e = fails(), placed = err_at_row(err_at_pointer(e, S("/a")), S("f"), 2, 3);
    assert_str(e.f->pointer, "");
    assert_str(placed.f->pointer, "/a");
    assert_str(placed.f->file, "f");
    assert_str(placed.f->args[0], "one");
    assert_true(placed.f->row == 2 && placed.f->col == 3);
    assert_false(failed(err_at_pointer(OK, S("/a"))));
}

static void a_copy_outlives_the_ring(void **state)
{
    err e = err_at_pointer(fails(), S("/keep"));
    const fault *kept = fault_copy(*state, e.f);
    for (int i = 0; i < 200; i++)
        e = err_at_pointer(ERR1(E_BUSY, "error.json.memory", S("x")), S("/y"));
    assert_str(kept->pointer, "/keep");
    assert_str(kept->args[0], "one");
    assert_int_equal(kept->code, E_ABSENT);
}

static void long_text_is_cut_between_characters(void **state)
{
    char text[999];
    text[0] = 'x';
    for (size_t i = 1; i < sizeof text; i += 2)
        memcpy(text + i, "\xD8\xA7", 2);
    err e = ERR1(E_INVALID, "error.json.word", ((str){ text, sizeof text }));
    assert_true(e.f->args[0].n > 100 && e.f->args[0].n < 300);
    assert_true(str_is_utf8(e.f->args[0]));
}

static void errno_becomes_words(void **state)
{
    errno = ENOENT;
    err e = err_errno("error.conf.read", S("x"));
    assert_int_equal(e.f->code, E_IO);
    assert_str(e.f->args[1], "No such file or directory");
}

/* Runs one of the functions below in a child whose stderr is read here. */
static int child(void (*run)(void), char *out, size_t cap)
{
    int fds[2], status;
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], STDERR_FILENO);
        run();
        _exit(0);
    }
    close(fds[1]);
    size_t n = 0;
    ssize_t got;
    while (n < cap - 1 && (got = read(fds[0], out + n, cap - 1 - n)) > 0)
        n += (size_t)got;
    out[n] = 0;
    close(fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void breaks_an_invariant(void)
{
    int two = 2;
    ASSERT(two == 3);
}

static void over_the_limit(void)
{
    arena_alloc(arena_new(1000), 2000);
}

static void assertions_stop_the_process(void **state)
{
    char out[512];
    int status = child(breaks_an_invariant, out, sizeof out);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(out, "two == 3"));
    status = child(over_the_limit, out, sizeof out);
    assert_true(WIFSIGNALED(status));
}

static void logs(void)
{
    log_set_process("tester");
    log_info("unit.line", "text=\"%s\"", "a\nlevel=error\x1b[31m اردو");
    log_line(LOG_DEBUG, "unit.hidden", "x=1");
    log_err("unit.fault", fails());
}

static void log_lines_cannot_be_forged(void **state)
{
    char out[2048];
    assert_int_equal(child(logs, out, sizeof out), 0);
    assert_non_null(strstr(out,
            "level=info process=tester what=unit.line text=\"a\\x0alevel=error\\x1b[31m اردو\"\n"));
    assert_null(strstr(out, "unit.hidden"));
    assert_non_null(strstr(out, "code=absent key=error.json.word"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(try_hands_the_fault_on),
        UNIT(places_leave_the_first_fault_alone),
        UNIT(a_copy_outlives_the_ring),
        UNIT(long_text_is_cut_between_characters),
        UNIT(errno_becomes_words),
        UNIT(assertions_stop_the_process),
        UNIT(log_lines_cannot_be_forged),
    };
    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
