/* supervise.c - starts the children, starts them again when they crash, stops them in order.
 * Owns the state of each child. One thread, one loop: signals, control channels and the clock all
 * come in at poll(), so nothing here runs inside a signal handler. */
#include "proc/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "proc/child.h"
#include "proc/frame.h"
#include "proc/notify.h"
#include "proc/pass.h"

enum {
    CHILDREN_MAX = 8,
    BACKOFF_MAX_MS = 30000,
    STEADY_MS = 60000, /* after so long a crash is the first one again */
    EXIT_USAGE = 2,
    EXIT_CONFIG = 3,
    EXIT_FORCED = 75,
};

typedef struct {
    const supervise_child *plan;
    pid_t pid;   /* 0: not running */
    int control; /* -1: none */
    bool ready, told_to_stop, killed;
    int32_t restarts;
    int64_t started_us, next_us, kill_us; /* monotonic; 0: never */
} kid;

typedef struct {
    const supervise_plan *plan;
    kid kids[CHILDREN_MAX];
    size_t n;
    int signals;
    bool stopping;
    int exit_code;
} family;

int32_t supervise_backoff_ms(int32_t restart)
{
    if (restart <= 1) return 0;
    int32_t ms = restart - 2 >= 5 ? BACKOFF_MAX_MS : 1000 << (restart - 2);
    return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

supervise_plan supervise_plan_default(char *const *args)
{
    static const supervise_child children[] = {
        { .kind = PROC_KEYS, .grace_ms = 5000 },
        { .kind = PROC_COURIER, .grace_ms = 10000 },
        { .kind = PROC_SANDBOX, .grace_ms = 2000 },
        { .kind = PROC_PRINTER, .grace_ms = 2000 },
        { .kind = PROC_SERVER, .grace_ms = 30000, .leads = true },
    };
    static const supervise_link links[] = { { PROC_SERVER, PROC_KEYS, false },
        { PROC_SERVER, PROC_COURIER, false }, { PROC_SERVER, PROC_SANDBOX, true },
        { PROC_SERVER, PROC_PRINTER, false } };
    return (supervise_plan){ .children = children,
        .n_children = ARRAY_LEN(children),
        .links = links,
        .n_links = ARRAY_LEN(links),
        .args = args };
}

static const char *kid_name(const kid *k)
{
    return proc_name(k->plan->kind);
}

static kid *kid_of(family *f, proc_kind kind)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->kids[i].plan->kind == kind) return &f->kids[i];
    return NULL;
}

static bool control_send_fd(const kid *k, proc_kind peer, int fd)
{
    char bytes[FRAME_HEAD_BYTES + 64];
    arena *a CLEANUP(arena_free_p) = arena_new(65536);
    buf b = buf_new(a, 16);
    field_put_i64(&b, peer);
    frame_head_put((uint8_t *)bytes, (frame_head){ .kind = CONTROL_LINK, .length = (uint32_t)b.n });
    memcpy(bytes + FRAME_HEAD_BYTES, b.p, b.n);
    return pass_send(k->control, (str){ bytes, FRAME_HEAD_BYTES + b.n }, &fd, 1, MSG_DONTWAIT);
}

/* Both ends are given away; a peer that dies is seen by the other one as the channel's end. */
static void link_make(family *f, const supervise_link *l)
{
    const kid *a = kid_of(f, l->a), *b = kid_of(f, l->b);
    int pair[2];
    if (!a || !b || !a->pid || !b->pid) return;
    int type = l->packets ? SOCK_SEQPACKET : SOCK_STREAM;
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) != 0) {
        log_err("proc.link", err_errno("error.proc.link", str_of(kid_name(b))));
        return;
    }
    if (!control_send_fd(a, l->b, pair[0]) || !control_send_fd(b, l->a, pair[1]))
        log_warn("proc.link", "a=%s b=%s failed=1", kid_name(a), kid_name(b));
    close(pair[0]);
    close(pair[1]);
}

static void links_make(family *f, proc_kind kind)
{
    for (size_t i = 0; i < f->plan->n_links; i++)
        if (f->plan->links[i].a == kind || f->plan->links[i].b == kind)
            link_make(f, &f->plan->links[i]);
}

static void kid_schedule(kid *k)
{
    int32_t wait_ms = supervise_backoff_ms(++k->restarts);
    k->next_us = monotonic_us() + wait_ms * US_PER_MS;
    log_warn("proc.restart", "kind=%s restart=%d wait_ms=%d", kid_name(k), (int)k->restarts,
            (int)wait_ms);
}

static void kid_start(family *f, kid *k)
{
    k->next_us = 0;
    k->ready = k->told_to_stop = k->killed = false;
    k->kill_us = 0;
    k->started_us = monotonic_us();
    pid_t pid = spawn_child(k->plan->kind, f->plan->args, &k->control);
    if (pid < 0) {
        log_err("proc.start", err_errno("error.proc.start", str_of(kid_name(k))));
        kid_schedule(k);
        return;
    }
    k->pid = pid;
    log_info("proc.start", "kind=%s pid=%d", kid_name(k), (int)pid);
    links_make(f, k->plan->kind);
}

/* The next one to stop, from the last started to the first; those before it wait for its end. */
static void stop_next(family *f)
{
    for (size_t i = f->n; i-- > 0;) {
        kid *k = &f->kids[i];
        if (!k->pid) continue;
        if (k->told_to_stop) return;
        k->told_to_stop = true;
        k->kill_us = monotonic_us() + k->plan->grace_ms * US_PER_MS;
        if (!frame_send(k->control, CONTROL_STOP, 0, (str){ 0 })) k->kill_us = monotonic_us();
        return;
    }
}

static void stop_begin(family *f, int exit_code)
{
    if (f->stopping) return;
    f->stopping = true;
    f->exit_code = exit_code;
    notify_tell("STOPPING=1");
    log_info("proc.stop", "exit_code=%d", exit_code);
    stop_next(f);
}

static void kid_kill(kid *k)
{
    if (!k->pid || k->killed) return;
    k->killed = true;
    kill(k->pid, SIGKILL);
}

static void signal_act(family *f)
{
    struct signalfd_siginfo s;
    if (read(f->signals, &s, sizeof s) != sizeof s || s.ssi_signo == SIGCHLD) return;
    if (!f->stopping) {
        stop_begin(f, 0);
        return;
    }
    log_warn("proc.stop", "forced=1");
    f->exit_code = EXIT_FORCED;
    for (size_t i = 0; i < f->n; i++)
        kid_kill(&f->kids[i]);
}

static bool config_is_wrong(const kid *k, int status)
{
    if (k->ready || !WIFEXITED(status)) return false;
    return WEXITSTATUS(status) == EXIT_CONFIG || WEXITSTATUS(status) == EXIT_USAGE;
}

static void kid_ended(family *f, kid *k, int status)
{
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    log_line(code == 0 ? LOG_INFO : LOG_WARN, "proc.end", "kind=%s pid=%d code=%d signal=%d",
            kid_name(k), (int)k->pid, code, number);
    if (monotonic_us() - k->started_us >= STEADY_MS * US_PER_MS) k->restarts = 0;
    k->pid = 0;
    close(k->control);
    k->control = -1;
    if (f->stopping)
        stop_next(f);
    else if (config_is_wrong(k, status))
        stop_begin(f, code);
    else if (code == 0 && k->plan->leads)
        stop_begin(f, 0);
    else
        kid_schedule(k);
}

static void reap(family *f)
{
    for (size_t i = 0; i < f->n; i++) {
        int status;
        kid *k = &f->kids[i];
        if (k->pid && waitpid(k->pid, &status, WNOHANG) == k->pid) kid_ended(f, k, status);
    }
}

/* A child says only one thing: that it is ready. */
static void kid_hear(kid *k)
{
    uint8_t bytes[FRAME_HEAD_BYTES];
    frame_head head;
    ssize_t n = recv(k->control, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n != sizeof bytes || !frame_head_get(bytes, &head) || head.kind != CONTROL_READY) return;
    k->ready = true;
    if (k->plan->leads) notify_tell("READY=1");
    log_info("proc.ready", "kind=%s after_ms=%lld", kid_name(k),
            (long long)((monotonic_us() - k->started_us) / US_PER_MS));
}

static bool due(int64_t at_us, int64_t now_us)
{
    return at_us && at_us <= now_us;
}

static void clock_act(family *f)
{
    int64_t now = monotonic_us();
    for (size_t i = 0; i < f->n; i++) {
        kid *k = &f->kids[i];
        if (!f->stopping && !k->pid && due(k->next_us, now)) kid_start(f, k);
        if (k->pid && due(k->kill_us, now) && !k->killed) {
            log_warn("proc.stop", "kind=%s grace=over", kid_name(k));
            kid_kill(k);
        }
    }
}

static int wait_ms(const family *f)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < f->n; i++) {
        const kid *k = &f->kids[i];
        int64_t at = k->pid ? (k->killed ? 0 : k->kill_us) : k->next_us;
        if (at && at < next) next = at;
    }
    if (next == INT64_MAX) return -1;
    int64_t ms = (next - monotonic_us() + 999) / US_PER_MS;
    return ms < 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
}

static bool any_alive(const family *f)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->kids[i].pid) return true;
    return false;
}

static void turn(family *f)
{
    struct pollfd p[CHILDREN_MAX + 1] = { { .fd = f->signals, .events = POLLIN } };
    for (size_t i = 0; i < f->n; i++)
        p[i + 1] = (struct pollfd){ .fd = f->kids[i].control, .events = POLLIN };
    if (poll(p, f->n + 1, wait_ms(f)) < 0 && errno != EINTR) return;
    for (size_t i = 0; i < f->n; i++)
        if (p[i + 1].revents & POLLIN) kid_hear(&f->kids[i]);
    if (p[0].revents & POLLIN) signal_act(f);
    reap(f);
    clock_act(f);
}

static int signals_open(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int supervise_run(const supervise_plan *plan)
{
    ASSERT(plan && plan->n_children > 0 && plan->n_children <= CHILDREN_MAX);
    family f = { .plan = plan, .n = plan->n_children, .signals = signals_open() };
    ASSERT(f.signals >= 0);
    log_set_process(proc_name(PROC_SUPERVISOR));
    notify_open();
    err e = rights_apply(PROC_SUPERVISOR, NULL, NULL);
    if (failed(e)) {
        log_err("proc.rights", e);
        return EXIT_FORCED;
    }
    for (size_t i = 0; i < f.n; i++)
        f.kids[i] = (kid){ .plan = &plan->children[i], .control = -1 };
    for (size_t i = 0; i < f.n; i++)
        kid_start(&f, &f.kids[i]);
    while (!f.stopping || any_alive(&f))
        turn(&f);
    close(f.signals);
    return f.exit_code;
}
