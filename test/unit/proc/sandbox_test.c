/* sandbox_test.c - the sandbox as a process of its own: it answers, an opener that dies is an
 * answer, one that is too slow too, and a peer that talks nonsense harms nobody. */
#include "proc/sandbox.h"
#include "proc/pass.h"
#include "proc/sandbox_main.h"
#include "proc/sandbox_wire.h"
#include "unit.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static arena *m;
static pid_t pid;
static int control;
static sandbox *door;

static void link_give(int fd)
{
    char bytes[FRAME_HEAD_BYTES + 64];
    buf b = buf_new(m, 16);
    field_put_i64(&b, PROC_SERVER);
    frame_head_put((uint8_t *)bytes, (frame_head){ .kind = CONTROL_LINK, .length = (uint32_t)b.n });
    memcpy(bytes + FRAME_HEAD_BYTES, b.p, b.n);
    assert_true(pass_send(control, (str){ bytes, FRAME_HEAD_BYTES + b.n }, &fd, 1, 0));
}

static void link_fresh(void)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    link_give(pair[0]);
    close(pair[0]);
    sandbox_link(door, pair[1]);
}

/* As the supervisor does it, without the exec. */
static void process_start(void)
{
    int pair[2];
    child *c;
    char ready[64];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(pair[1], CHILD_CONTROL_FD);
        close_range(CHILD_CONTROL_FD + 1, ~0U, 0);
        if (failed(child_open(PROC_SANDBOX, &c))) _exit(9);
        _exit(sandbox_main(c));
    }
    close(pair[1]);
    control = pair[0];
    assert_true(recv(control, ready, sizeof ready, 0) > 0);
}

static int file_of(str s, off_t length)
{
    char path[4096];
    const char *below = getenv("MINAR_TMP");
    snprintf(path, sizeof path, "%s/sandbox-XXXXXX", below ? below : "/tmp");
    int to = mkstemp(path);
    assert_true(to >= 0);
    assert_int_equal(write(to, s.p, s.n), s.n);
    if (length) assert_int_equal(ftruncate(to, length), 0);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    close(to);
    unlink(path);
    return fd;
}

static void an_input_is_identified(void **state)
{
    open_identity i;
    int fd = file_of(S("abc"), 0);
    assert_ok(sandbox_identify(door, fd, 3, m, &i));
    assert_str(i.mime, "text/plain");
    assert_int_equal(i.sha256[0], 0xba);
    close(fd);
}

static void no_archive_is_an_empty_list(void **state)
{
    open_listing l;
    int fd = file_of(S("abc"), 0);
    assert_ok(sandbox_list(door, fd, 3, m, &l));
    assert_str(l.stopped, "broken");
    assert_int_equal(l.n, 0);
    close(fd);
}

static pid_t opener_of(pid_t parent)
{
    char path[64], text[64] = "";
    long found = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    for (int i = 0; i < 200 && !found; i++) {
        FILE *f = fopen(path, "r");
        if (f && fgets(text, sizeof text, f)) found = strtol(text, NULL, 10);
        if (f) fclose(f);
        usleep(5000);
    }
    return (pid_t)found;
}

static void *kill_opener(void *ctx)
{
    pid_t opener = opener_of(pid);
    if (opener > 0) kill(opener, SIGSEGV);
    *(bool *)ctx = opener > 0;
    return NULL;
}

static void a_crash_is_an_answer(void **state)
{
    open_identity i;
    pthread_t t;
    bool killed = false;
    off_t large = (off_t)64 << 30; /* a hole: seconds of hashing */
    int fd = file_of(S("abc"), large);
    usleep(300000); /* those before it are buried */
    assert_int_equal(pthread_create(&t, NULL, kill_opener, &killed), 0);
    assert_int_equal(err_code_of(sandbox_identify(door, fd, large, m, &i)), E_INVALID);
    pthread_join(t, NULL);
    assert_true(killed);
    close(fd);
    an_input_is_identified(state);
}

static void time_is_bounded(void **state)
{
    open_identity i;
    off_t large = (off_t)1 << 40;
    int fd = file_of(S("abc"), large);
    sandbox_hurry(door, 1000);
    assert_int_equal(err_code_of(sandbox_identify(door, fd, large, m, &i)), E_INVALID);
    close(fd);
}

static void nonsense_ends_the_channel_and_not_the_process(void **state)
{
    int pair[2];
    char one;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    link_give(pair[0]);
    close(pair[0]);
    assert_int_equal(send(pair[1], "nonsense", 8, 0), 8);
    assert_true(recv(pair[1], &one, 1, 0) <= 0);
    close(pair[1]);
    link_fresh();
    an_input_is_identified(state);
}

/* ---- a sandbox that lies ---- */

typedef struct {
    int fd;
    str says;
} liar;

static void *lie(void *ctx)
{
    liar *l = ctx;
    char bytes[SANDBOX_JOB_BYTES];
    int fds[PASS_MAX];
    if (pass_receive(l->fd, bytes, sizeof bytes, fds) > 0) {
        (void)!write(fds[1], l->says.p, l->says.n);
        close(fds[0]);
        close(fds[1]);
    }
    return NULL;
}

static void lies(str says)
{
    int pair[2];
    pthread_t t;
    open_identity i;
    sandbox *s = sandbox_new();
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    sandbox_link(s, pair[1]);
    liar l = { pair[0], says };
    assert_int_equal(pthread_create(&t, NULL, lie, &l), 0);
    int fd = file_of(S("abc"), 0);
    assert_int_equal(err_code_of(sandbox_identify(s, fd, 3, m, &i)), E_INVALID);
    pthread_join(t, NULL);
    close(fd);
    close(pair[0]);
    sandbox_free(s);
}

static void what_makes_no_sense_is_unsafe(void **state)
{
    uint8_t head[FRAME_HEAD_BYTES + 4] = { 0 };
    frame_head_put(head, (frame_head){ .kind = SANDBOX_DONE, .length = 4 });
    lies(S(""));
    lies(S("no frame at all, however long it is"));
    lies((str){ (char *)head, FRAME_HEAD_BYTES });
    lies((str){ (char *)head, sizeof head });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_input_is_identified),
        cmocka_unit_test(no_archive_is_an_empty_list),
        cmocka_unit_test(a_crash_is_an_answer),
        cmocka_unit_test(nonsense_ends_the_channel_and_not_the_process),
        cmocka_unit_test(what_makes_no_sense_is_unsafe),
        cmocka_unit_test(time_is_bounded),
    };
    signal(SIGPIPE, SIG_IGN);
    m = arena_new((size_t)1 << 28);
    process_start();
    door = sandbox_new();
    link_fresh();
    int rc = cmocka_run_group_tests_name("sandbox", tests, NULL, NULL), status;
    sandbox_free(door);
    close(control);
    waitpid(pid, &status, 0);
    arena_free(m);
    return rc || !WIFEXITED(status);
}
