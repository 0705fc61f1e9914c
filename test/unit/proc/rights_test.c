/* rights_test.c - what a process can no longer do once its rights are gone, tried in a child. */
#include "unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "proc/rights.h"
#include "proc/supervise.h"

static char folder[4096];
static int listener, listener_port;

/* Runs fn with the rights of kind in a child; fn gives the number of the first thing that went
 * wrong, or 0. */
static void in_child(proc_kind kind, const rights_grant *grant, int (*fn)(const rights_report *))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        rights_report report;
        log_set_level(LOG_ERROR);
        if (failed(rights_apply(kind, grant, &report))) _exit(99);
        _exit(fn(&report));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static bool refused(long rc)
{
    return rc < 0 && (errno == EPERM || errno == EACCES);
}

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static long bind_any(void)
{
    struct sockaddr_in to = loopback(0);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd < 0 ? fd : bind(fd, (struct sockaddr *)&to, sizeof to);
}

static long connect_to(int port)
{
    struct sockaddr_in to = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd < 0 ? fd : connect(fd, (struct sockaddr *)&to, sizeof to);
}

static int exec_is_refused(void)
{
    char *const argv[] = { (char[]){ "true" }, NULL };
    if (!refused(execv("/bin/true", argv))) return 1;
    if (!refused(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, NULL, 0))) return 2;
    return 0;
}

static void *nothing(void *ctx)
{
    return ctx;
}

static int courier_tries(const rights_report *report)
{
    pthread_t thread;
    char path[4200];
    if (exec_is_refused()) return 1;
    if (!refused(fork())) return 2;
    if (!refused(bind_any())) return 3;
    if (!refused(listen(listener, 1))) return 4;
    if (!refused(accept(listener, NULL, NULL))) return 5;
    if (!refused(socket(AF_UNIX, SOCK_STREAM, 0))) return 6;
    snprintf(path, sizeof path, "%s/new", folder);
    if (!refused(open(path, O_WRONLY | O_CREAT, 0600))) return 7;
    if (!refused(unlink(path)) || !refused(mkdir(path, 0700))) return 8;
    if (report->landlock_abi && !refused(open("/etc/passwd", O_RDONLY))) return 9;
    if (!refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL))) return 10;
    if (!refused(kill(getppid(), 0))) return 11;
    if (connect_to(listener_port) != 0) return 12;
    if (pthread_create(&thread, NULL, nothing, NULL) != 0) return 13;
    pthread_join(thread, NULL);
    return 0;
}

static void courier_only_connects(void **state)
{
    (void)state;
    in_child(PROC_COURIER, NULL, courier_tries);
}

static int resolver_reads(const rights_report *report)
{
    int fd = open("/etc/hosts", O_RDONLY);
    if (fd < 0) return 1;
    if (report->landlock_abi && !refused(open("/etc/shadow", O_RDONLY))) return 2;
    return 0;
}

static void courier_reads_what_is_granted(void **state)
{
    (void)state;
    const rights_root roots[] = { { "/etc/hosts", false }, { "/no/such/file", false } };
    in_child(PROC_COURIER, &(rights_grant){ .roots = roots, .n_roots = 2 }, resolver_reads);
}

static int server_tries(const rights_report *report)
{
    char path[4200];
    struct rlimit core;
    snprintf(path, sizeof path, "%s/data", folder);
    if (exec_is_refused()) return 1;
    if (open(path, O_RDWR | O_CREAT, 0600) < 0 || unlink(path) != 0) return 2;
    if (bind_any() != 0) return 3;
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0) return 4;
    if (!refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL))) return 5;
    if (!refused(syscall(SYS_bpf, 0, NULL, 0))) return 6;
    if (!report->landlock_abi) return 0;
    if (!refused(open("/etc/passwd", O_RDONLY))) return 7;
    if (!refused(open("/tmp/minar-rights-test", O_WRONLY | O_CREAT, 0600))) return 8;
    if (report->ports_fenced && !refused(connect_to(listener_port))) return 9;
    return 0;
}

static void server_stays_in_its_folder(void **state)
{
    (void)state;
    const rights_root roots[] = { { folder, true } };
    const uint16_t any[] = { 0 };
    in_child(PROC_SERVER,
            &(rights_grant){
                    .roots = roots, .n_roots = 1, .listen_ports = any, .n_listen_ports = 1 },
            server_tries);
}

static int store_connects(const rights_report *report)
{
    (void)report;
    return connect_to(listener_port) == 0 ? 0 : 1;
}

static void server_reaches_its_store(void **state)
{
    (void)state;
    const uint16_t port[] = { (uint16_t)listener_port };
    in_child(PROC_SERVER, &(rights_grant){ .connect_ports = port, .n_connect_ports = 1 },
            store_connects);
}

static int row_with_nothing(const rights_report *report)
{
    (void)report;
    if (exec_is_refused()) return 1;
    if (!refused(socket(AF_INET, SOCK_STREAM, 0))) return 2;
    if (!refused(open("/dev/null", O_RDONLY))) return 3;
    return write(STDERR_FILENO, "", 0) == 0 ? 0 : 4;
}

static void an_empty_row_grants_nothing(void **state)
{
    (void)state;
    in_child(PROC_SANDBOX, NULL, row_with_nothing);
    in_child(PROC_KEYS, NULL, row_with_nothing);
}

static void kinds_have_names(void **state)
{
    (void)state;
    proc_kind kind;
    assert_true(proc_parse(S("courier"), &kind));
    assert_int_equal(kind, PROC_COURIER);
    assert_false(proc_parse(S("couriers"), &kind));
}

static void restarts_back_off(void **state)
{
    (void)state;
    static const int32_t want[] = { 0, 1000, 2000, 4000, 8000, 16000, 30000, 30000 };
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_int_equal(supervise_backoff_ms((int32_t)i + 1), want[i]);
    assert_int_equal(supervise_backoff_ms(INT32_MAX), 30000);
}

static int setup(void **state)
{
    (void)state;
    struct sockaddr_in at = loopback(0);
    socklen_t n = sizeof at;
    const char *tmp = getenv("MINAR_TMP");
    snprintf(folder, sizeof folder, "%s/rights-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder)) return 1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 8) != 0)
        return 1;
    getsockname(listener, (struct sockaddr *)&at, &n);
    listener_port = ntohs(at.sin_port);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close(listener);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(courier_only_connects),
        cmocka_unit_test(courier_reads_what_is_granted),
        cmocka_unit_test(server_stays_in_its_folder),
        cmocka_unit_test(server_reaches_its_store),
        cmocka_unit_test(an_empty_row_grants_nothing),
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test(restarts_back_off),
    };
    return cmocka_run_group_tests_name("proc rights", tests, setup, teardown);
}
