/* sandbox_main.c - the sandbox process and its openers. Owns the process and what it forks. One
 * thread. The sandbox reads what libraries need, gives up its rights, and from then on only takes
 * jobs and forks: it never looks at an input itself. An opener is a fork that gives up what is
 * left (no file, no socket, no process, no thread), does one task, writes one frame, ends. */
#include "proc/sandbox_main.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "proc/pass.h"
#include "proc/sandbox_wire.h"

enum {
    KIDS_MAX = 16,
    EXIT_FENCE = 75,
    LOOK_MS = 100,
    ANSWER_ARENA = 256 << 20,
    IN_FD = 0,
    OUT_FD = 1,
};

typedef struct {
    pid_t pid; /* 0: free */
    int64_t kill_us;
} kid;

typedef struct {
    int link; /* -1: none */
    kid kids[KIDS_MAX];
    bool stopping, supervisor_gone;
} sandbox_process;

/* ---- the opener ---- */

static bool write_all(str s)
{
    while (s.n) {
        ssize_t n = write(OUT_FD, s.p, s.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        s = str_sub(s, (size_t)n, s.n);
    }
    return true;
}

static bool answer(sandbox_task task, int64_t bytes)
{
    uint8_t head[FRAME_HEAD_BYTES];
    CLEANUP(arena_free_p) arena *a = arena_new(ANSWER_ARENA);
    open_input in = { .fd = IN_FD, .bytes = bytes };
    buf b = buf_new(a, 4096);
    sandbox_work(task, &in, a, &b);
    if (b.n > FRAME_BYTES_MAX) return false;
    frame_head_put(head, (frame_head){ .kind = SANDBOX_DONE, .length = (uint32_t)b.n });
    return write_all((str){ (char *)head, sizeof head }) && write_all(buf_str(&b));
}

/* Processor time for two thirds of the deadline: what works at it is slow for itself, what waits
 * for a turn is slow for others' sake. */
static _Noreturn void opener(sandbox_task task, const sandbox_job *j, const int fds[2])
{
    rlim_t cpu_s = (rlim_t)(j->deadline_ms * 2 / 3000 + 1);
    struct rlimit none = { 0, 0 }, cpu = { cpu_s, cpu_s };
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    /* Above both, so that neither takes the other's place. */
    int in = fcntl(fds[0], F_DUPFD, 10), out = fcntl(fds[1], F_DUPFD, 10);
    if (in < 0 || out < 0 || dup2(in, IN_FD) < 0 || dup2(out, OUT_FD) < 0) _exit(EXIT_FENCE);
    close_range(3, ~0U, 0);
    setrlimit(RLIMIT_FSIZE, &none);
    setrlimit(RLIMIT_CPU, &cpu);
    log_set_process(proc_name(PROC_OPENER));
    log_set_level(LOG_WARN);
    err e = rights_apply(PROC_OPENER, NULL, NULL);
    if (failed(e)) {
        log_err("opener.rights", e);
        _exit(EXIT_FENCE);
    }
    close(2); /* what it says from here on is its answer, and nothing else */
    _exit(answer(task, j->bytes) ? 0 : 1);
}

/* ---- the sandbox ---- */

static kid *kid_free(sandbox_process *p)
{
    for (size_t i = 0; i < KIDS_MAX; i++)
        if (!p->kids[i].pid) return &p->kids[i];
    return NULL;
}

static void job_begin(sandbox_process *p, sandbox_task task, const sandbox_job *j, const int fds[2])
{
    kid *k = kid_free(p);
    pid_t pid = k ? fork() : -1;
    if (pid == 0) opener(task, j, fds);
    if (pid < 0) {
        log_warn("sandbox.job", "started=0 errno=%d", errno);
        return; /* the pipe's end is the answer */
    }
    *k = (kid){ pid, monotonic_us() + j->deadline_ms * US_PER_MS };
}

static void kid_ended(kid *k, int status)
{
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        log_warn("sandbox.opener", "pid=%d code=%d signal=%d", (int)k->pid,
                WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    k->pid = 0;
}

/* Buries the dead and ends the overdue. */
static bool kids_look(sandbox_process *p)
{
    bool any = false;
    for (size_t i = 0; i < KIDS_MAX; i++) {
        kid *k = &p->kids[i];
        int status;
        if (!k->pid) continue;
        if (waitpid(k->pid, &status, WNOHANG) == k->pid) {
            kid_ended(k, status);
            continue;
        }
        any = true;
        if (monotonic_us() >= k->kill_us) kill(k->pid, SIGKILL);
    }
    return any;
}

static void link_drop(sandbox_process *p)
{
    if (p->link >= 0) close(p->link);
    p->link = -1;
}

static void link_hear(sandbox_process *p)
{
    char bytes[SANDBOX_JOB_BYTES];
    int fds[PASS_MAX];
    sandbox_job j;
    frame_head head;
    ssize_t n = pass_receive(p->link, bytes, sizeof bytes, fds);
    bool good = n >= FRAME_HEAD_BYTES && frame_head_get((const uint8_t *)bytes, &head) &&
                head.length == (size_t)n - FRAME_HEAD_BYTES && head.kind >= SANDBOX_IDENTIFY &&
                head.kind < SANDBOX_TASKS_END && fds[0] >= 0 && fds[1] >= 0 &&
                sandbox_get_job((str){ bytes + FRAME_HEAD_BYTES, head.length }, &j);
    if (good) job_begin(p, (sandbox_task)head.kind, &j, fds);
    for (int i = 0; i < PASS_MAX; i++)
        if (fds[i] >= 0) close(fds[i]);
    if (!good && !(n < 0 && errno == EINTR)) link_drop(p);
}

static void on_stop(void *ctx)
{
    ((sandbox_process *)ctx)->stopping = true;
}

static void on_link(void *ctx, proc_kind peer, int fd)
{
    sandbox_process *p = ctx;
    ASSERT(peer == PROC_SERVER);
    link_drop(p);
    p->link = fd;
}

static void turn(sandbox_process *p, child *c)
{
    child_events events = { .stop = on_stop, .link = on_link, .ctx = p };
    struct pollfd w[2] = { { .fd = child_fd(c), .events = POLLIN },
        { .fd = p->link, .events = POLLIN } };
    bool busy = kids_look(p);
    if (poll(w, 2, busy ? LOOK_MS : -1) < 0) return;
    if (w[1].revents) link_hear(p);
    if (w[0].revents) p->supervisor_gone = !child_read(c, &events);
}

/* Opens an empty input, so that the fences are known to stand before a hostile one comes. */
static bool try_opener(sandbox_process *p)
{
    char bytes[FRAME_HEAD_BYTES];
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) return false;
    job_begin(p, SANDBOX_IDENTIFY, &(sandbox_job){ 0, SANDBOX_DEADLINE_MS },
            (int[]){ in[0], out[1] });
    close(in[0]);
    close(in[1]);
    close(out[1]);
    ssize_t n = read(out[0], bytes, sizeof bytes);
    close(out[0]);
    return n == sizeof bytes;
}

int sandbox_main(child *c)
{
    sandbox_process p = { .link = -1 };
    if (!open_begin()) {
        log_err("sandbox.open", ERR(E_CONFIG, "error.sandbox.magic"));
        return EXIT_FENCE;
    }
    err e = rights_apply(PROC_SANDBOX, NULL, NULL);
    if (failed(e)) {
        log_err("sandbox.rights", e);
        return EXIT_FENCE;
    }
    if (!try_opener(&p)) {
        log_err("sandbox.opener", ERR(E_IO, "error.sandbox.opener"));
        return EXIT_FENCE;
    }
    child_ready(c);
    while (!p.supervisor_gone && !p.stopping)
        turn(&p, c);
    for (size_t i = 0; i < KIDS_MAX; i++)
        if (p.kids[i].pid) kill(p.kids[i].pid, SIGKILL);
    return 0;
}
