/* gpg.c - the starter of gpg and the way to ask it. Owns the starter's process. The starter has one
 * thread, no key, and fences of its own (rights.c: gpg); what it runs inherits them. */
#include "proc/gpg.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "proc/frame.h"
#include "proc/pass.h"
#include "proc/rights.h"

#define PROGRAM "/usr/bin/gpg"
#define AGENT "/usr/bin/gpg-agent"
#define AGENT_SOCKET "S.gpg-agent"
enum { REQUEST_BYTES = 16 << 10, NO_EXEC = 127, CHANNEL_FD = 3, EXTRA_FD = 3, ARGS_OF_ALL = 7 };

/* ---- the starter ---- */

typedef struct {
    arena *a;
    char *argv[GPG_ARGS_MAX + ARGS_OF_ALL + 1];
    size_t n;
    int fds[PASS_MAX]; /* in, out, extra; -1: none */
    guest_work work;
} run;

static void argument(run *r, str word)
{
    r->argv[r->n++] = str_z(r->a, word);
}

static bool run_read(run *r, const char *home, str request)
{
    fields f = { .rest = request };
    static const char *const always[] = { PROGRAM, "--batch", "--no-tty", "--quiet",
        "--no-autostart", "--homedir" };
    static_assert(ARRAY_LEN(always) + 1 == ARGS_OF_ALL, "and the folder");
    for (size_t i = 0; i < ARRAY_LEN(always); i++)
        argument(r, str_of(always[i]));
    argument(r, str_of(home));
    r->work = (guest_work)field_i64(&f, 0, GUEST_WORKS - 1);
    int64_t n = field_i64(&f, 0, GPG_ARGS_MAX);
    for (int64_t i = 0; i < n; i++)
        argument(r, field_str(&f, 4096));
    return fields_end(&f) && r->fds[0] >= 0 && r->fds[1] >= 0;
}

/* In the child, whose parent has one thread. */
static _Noreturn void become(const run *r, char *const *env)
{
    struct rlimit bytes = { GPG_BYTES_MAX, GPG_BYTES_MAX }, cpu = { GPG_SECONDS, GPG_SECONDS };
    setrlimit(RLIMIT_FSIZE, &bytes);
    setrlimit(RLIMIT_CPU, &cpu);
    int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(r->fds[0], 0);
    dup2(r->fds[1], 1);
    if (quiet >= 0) dup2(quiet, 2);
    if (r->fds[2] >= 0) dup2(r->fds[2], EXTRA_FD);
    close_range(r->fds[2] >= 0 ? EXTRA_FD + 1 : EXTRA_FD, ~0U, 0);
    signal(SIGPIPE, SIG_DFL);
    alarm(GPG_SECONDS); /* outlives exec, and ends it */
    if (r->work != GUEST_GPG) _exit(smime_guest(r->work));
    execve(PROGRAM, r->argv, env);
    _exit(NO_EXEC);
}

static int run_do(const run *r, const char *home)
{
    int status = 0;
    char where[4200], quiet[] = "LC_ALL=C", *env[] = { where, quiet, NULL };
    snprintf(where, sizeof where, "GNUPGHOME=%s", home);
    pid_t pid = fork();
    if (pid == 0) become(r, env);
    if (pid < 0) return NO_EXEC;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- the agent of a signer: a child that ends with the starter ---- */

typedef struct {
    gpg_kind kind;
    int socket; /* -1: none, or another's answers */
    pid_t pid;  /* 0: not started */
} agent;

/* Listening where gpg looks for it, made before the rights go. -1: none, or another answers. */
static int agent_socket(gpg_kind kind, const char *home)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int n = snprintf(at.sun_path, sizeof at.sun_path, "%s/" AGENT_SOCKET, home);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool fits = n > 0 && n < (int)sizeof at.sun_path;
    bool other = fits && fd >= 0 && kind == GPG_SIGNER_BESIDE &&
                 connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (fits && !other) unlink(at.sun_path);
    if (fits && !other && fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
            chmod(at.sun_path, 0600) == 0 && listen(fd, 8) == 0)
        return fd;
    if (!other) log_warn("gpg.agent", "path_bytes=%d errno=%d", n, errno);
    if (fd >= 0) close(fd);
    return -1;
}

/* Handed its socket as systemd would: it makes none, and stays in sight. */
static pid_t agent_start(int socket, const char *home)
{
    static char pid_words[32], one[] = "LISTEN_FDS=1", name[] = "LISTEN_FDNAMES=std",
                               quiet[] = "LC_ALL=C", program[] = AGENT, dir[] = "--homedir",
                               supervised[] = "--supervised", still[] = "--quiet",
                               no_check[] = "--disable-check-own-socket";
    char *argv[] = { program, dir, (char *)(uintptr_t)home, supervised, still, no_check, NULL };
    char *env[] = { pid_words, one, name, quiet, NULL };
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        snprintf(pid_words, sizeof pid_words, "LISTEN_PID=%d", (int)getpid());
        for (int fd = 0; fd < 3; fd++)
            if (null >= 0) dup2(null, fd);
        dup2(socket, 3);
        close_range(4, ~0U, 0);
        execve(AGENT, argv, env);
        _exit(NO_EXEC);
    }
    return pid;
}

/* One that has ended is started again, at the same socket. */
static void agent_keep(agent *g, const char *home)
{
    if (g->socket < 0) return;
    if (g->pid > 0 && waitpid(g->pid, NULL, WNOHANG) == 0) return;
    g->pid = agent_start(g->socket, home);
}

static bool serve_one(agent *g, const char *home)
{
    char bytes[REQUEST_BYTES];
    int fds[PASS_MAX];
    ssize_t n = pass_receive(CHANNEL_FD, bytes, sizeof bytes, fds);
    if (n < 0 && errno == EINTR) return true;
    if (n <= 0) return false;
    arena *a CLEANUP(arena_free_p) = arena_new((size_t)1 << 20);
    run r = { .a = a, .fds = { fds[0], fds[1], fds[2] } };
    int64_t status = NO_EXEC;
    agent_keep(g, home);
    if (run_read(&r, home, (str){ bytes, (size_t)n }) &&
            (r.work == GUEST_GPG || g->kind == GPG_GUEST))
        status = run_do(&r, home);
    for (int i = 0; i < PASS_MAX; i++)
        if (r.fds[i] >= 0) close(r.fds[i]);
    buf b = buf_new(a, 64);
    field_put_i64(&b, status);
    return send(CHANNEL_FD, b.p, b.n, MSG_NOSIGNAL) == (ssize_t)b.n;
}

static _Noreturn void starter(gpg_kind kind, int channel, const char *home)
{
    const rights_root roots[] = { { home, true, false }, { "/usr/lib", false, false },
        { "/lib", false, false }, { "/lib64", false, false }, { "/etc/ld.so.cache", false, false },
        { "/dev/null", true, false } };
    proc_kind as = kind == GPG_GUEST ? PROC_GPG : PROC_SIGNER;
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (channel != CHANNEL_FD) dup2(channel, CHANNEL_FD);
    close_range(CHANNEL_FD + 1, ~0U, 0);
    log_set_process(proc_name(as));
    agent g = { .kind = kind, .socket = kind == GPG_GUEST ? -1 : agent_socket(kind, home) };
    err e = rights_apply(as, &(rights_grant){ .roots = roots, .n_roots = ARRAY_LEN(roots) }, NULL);
    if (failed(e)) log_err("gpg.rights", e);
    if (!failed(e)) agent_keep(&g, home);
    while (!failed(e) && serve_one(&g, home))
        ;
    _exit(failed(e));
}

int gpg_starter(gpg_kind kind, const char *home)
{
    int pair[2];
    if (mkdir(home, 0700) != 0 && errno != EEXIST) return -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return -1;
    pid_t pid = fork();
    if (pid == 0) starter(kind, pair[1], home);
    close(pair[1]);
    if (pid > 0) return pair[0];
    close(pair[0]);
    return -1;
}

/* ---- who asks ---- */

static bool start(int channel, guest_work w, const str *args, size_t n, int in, int out, int extra)
{
    ASSERT(n <= GPG_ARGS_MAX);
    arena *a CLEANUP(arena_free_p) = arena_new((size_t)1 << 20);
    buf b = buf_new(a, 1024);
    int fds[PASS_MAX] = { in, out, extra };
    field_put_i64(&b, w);
    field_put_i64(&b, (int64_t)n);
    for (size_t i = 0; i < n; i++)
        field_put_str(&b, args[i]);
    ASSERT(b.n <= REQUEST_BYTES);
    return pass_send(channel, (str){ b.p, b.n }, fds, extra >= 0 ? 3 : 2, 0);
}

bool gpg_start(int channel, const str *args, size_t n, int in, int out, int extra)
{
    return start(channel, GUEST_GPG, args, n, in, out, extra);
}

bool guest_start(int channel, guest_work w, int in, int out, int extra)
{
    ASSERT(w != GUEST_GPG);
    return start(channel, w, NULL, 0, in, out, extra);
}

bool gpg_ended(int channel, int *status)
{
    char bytes[16];
    ssize_t n;
    while ((n = recv(channel, bytes, sizeof bytes, 0)) < 0 && errno == EINTR)
        ;
    if (n <= 0) return false;
    fields f = { .rest = { bytes, (size_t)n } };
    *status = (int)field_i64(&f, 0, 255);
    return fields_end(&f);
}
