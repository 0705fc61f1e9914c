/* log_test.c - the log's lines in both forms and as RFC 5424 messages: nothing in a value is taken
 * for a pair, a line or a command; whatever it holds, a JSON line is JSON. */
#include "unit/unit.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/log_pairs.h"

static str taken(char *out, size_t cap, bool as_json, const char *fmt, ...) PRINTF_LIKE(4, 5);

static str taken(char *out, size_t cap, bool as_json, const char *fmt, ...)
{
    log_pairs p;
    log_out o = { .p = out, .cap = cap };
    p.n = p.used = 0;
    va_list ap;
    va_start(ap, fmt);
    log_pairs_take(&p, fmt, ap);
    va_end(ap);
    if (as_json)
        log_out_json(&o, &p);
    else
        log_out_logfmt(&o, &p);
    return (str){ out, o.n };
}

static void values_stay_values(void **state)
{
    char out[1024];
    assert_str(taken(out, sizeof out, false, "a=%s b=\"%.*s\" c=%lld d=http://h:%d e=\"two words\"",
                       "x level=error", 3, "abcdef", -5LL, 80),
            "a=\"x level=error\" b=\"abc\" c=-5 d=http://h:80 e=\"two words\"");
    assert_str(taken(out, sizeof out, false, "a=%s b=%zu", "q\" what=\"x\\", (size_t)7),
            "a=\"q\\\" what=\\\"x\\\\\" b=7");
    assert_str(taken(out, sizeof out, true, "a=%s n=%d m=\"%d\" at=%d:%u", "1\n\x7f", 2, 3, 4, 5u),
            "\"a\":\"1\\u000a\\u007f\",\"n\":2,\"m\":\"3\",\"at\":\"4:5\"");
    assert_str(taken(out, sizeof out, false, "a=%.3s x=%x", "ab\xff\xd8z", 255u),
            "a=ab\xef\xbf\xbd x=ff");
}

static void no_room_leaves_pairs_out(void **state)
{
    char out[64], much[200];
    memset(much, '\n', sizeof much);
    much[sizeof much - 1] = 0;
    assert_str(taken(out, sizeof out, false, "a=%d big=%s c=%d", 1, much, 2), "a=1 c=2 cut=1");
    assert_str(taken(out, sizeof out, true, "a=%d big=%s c=%d", 1, much, 2),
            "\"a\":1,\"c\":2,\"cut\":1");
}

static void any_bytes_are_json(void **state)
{
    CLEANUP(arena_free_p) arena *a = arena_new(64 << 20);
    srand(7);
    for (int round = 0; round < 2000; round++) {
        char bytes[700], out[4096];
        size_t n = (size_t)rand() % sizeof bytes;
        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)rand();
        str s = taken(out, sizeof out, true, "a=\"%.*s\" b=%d", (int)n, bytes, round);
        const json *j;
        err e = json_parse(a, str_fmt(a, "{%.*s}", STR_ARG(s)), NULL, &j);
        assert_false(failed(e));
        assert_str(json_get(j, S("b"))->raw, str_z(a, str_fmt(a, "%d", round)));
        arena_reset(a);
    }
}

/* What one line leaves on stderr and in the syslog. */
static void say(log_form form, char *line, char *message, size_t cap)
{
    int err_pipe[2], sys[2], kept = dup(STDERR_FILENO);
    assert_int_equal(pipe(err_pipe), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, sys), 0);
    log_set_process("tester");
    log_set_form(form);
    log_set_syslog(sys[0], "host.example");
    dup2(err_pipe[1], STDERR_FILENO);
    log_set_request(S("r-1"));
    log_warn("unit.line", "text=\"%s\" n=%d", "a b", 4);
    log_set_request((str){ 0 });
    dup2(kept, STDERR_FILENO);
    log_set_syslog(-1, "");
    log_set_form(LOG_LOGFMT);
    ssize_t n = read(err_pipe[0], line, cap - 1), m = recv(sys[1], message, cap - 1, 0);
    assert_true(n > 0 && m > 0);
    line[n] = message[m] = 0;
    int fds[] = { err_pipe[0], err_pipe[1], sys[0], sys[1], kept };
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        close(fds[i]);
}

static void lines_and_messages(void **state)
{
    char line[1024], message[1024], want[1024];
    say(LOG_LOGFMT, line, message, sizeof line);
    static const char pairs[] =
            "level=warn process=tester what=unit.line request=r-1 text=\"a b\" n=4";
    snprintf(want, sizeof want, "%s\n", pairs);
    assert_string_equal(line + 25, want);
    assert_int_equal(strncmp(message, "<28>1 20", 8), 0);
    snprintf(want, sizeof want, " host.example minar %d unit.line - %s", (int)getpid(), pairs);
    assert_string_equal(message + 6 + 24, want);
    say(LOG_JSON, line, message, sizeof line);
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    const json *j;
    assert_false(failed(json_parse(a, str_trim(str_of(line)), NULL, &j)));
    assert_str(json_get_text(j, S("what")), "unit.line");
    assert_str(json_get_text(j, S("text")), "a b");
    assert_int_equal(json_get_text(j, S("time")).n, 24);
    assert_non_null(strstr(message, " unit.line - {\"level\":\"warn\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(values_stay_values),
        UNIT(no_room_leaves_pairs_out),
        UNIT(any_bytes_are_json),
        UNIT(lines_and_messages),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
