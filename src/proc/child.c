/* child.c - a child's side of the supervisor. Owns the control channel; child_read runs on one
 * thread (the courier's loop, or the thread of child_watch), child_ready on any. */
#include "proc/child.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "proc/frame.h"
#include "proc/pass.h"

enum { CONTROL_BYTES_MAX = 256 };

struct child {
    proc_kind kind;
    int fd;
    const child_events *events;
};

bool child_wanted(int argc, char **argv, proc_kind *ret)
{
    str prefix = S("--child="), arg = argc > 1 ? str_of(argv[1]) : (str){ 0 };
    return str_starts(arg, prefix) && proc_parse(str_sub(arg, prefix.n, arg.n), ret) &&
           *ret != PROC_SUPERVISOR;
}

static bool is_control(int fd)
{
    int type = 0;
    socklen_t n = sizeof type;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 && type == SOCK_SEQPACKET;
}

err child_open(proc_kind kind, child **ret)
{
    if (!is_control(CHILD_CONTROL_FD)) return ERR(E_USAGE, "error.proc.child");
    static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
    for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
        signal(ignored[i], SIG_IGN);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return err_errno("error.proc.rights", S("prctl"));
    child *c = calloc(1, sizeof *c);
    ASSERT(c);
    c->kind = kind;
    c->fd = CHILD_CONTROL_FD;
    log_set_process(proc_name(kind));
    *ret = c;
    return OK;
}

void child_close(child *c)
{
    if (!c) return;
    close(c->fd);
    free(c);
}

void child_ready(child *c)
{
    /* A failure means that the supervisor is gone, which child_read will find. */
    if (!frame_send(c->fd, CONTROL_READY, 0, (str){ 0 }))
        log_warn("proc.child", "ready=0 errno=%d", errno);
}

int child_fd(const child *c)
{
    return c->fd;
}

static void message_act(const child_events *events, frame_head head, str payload, int fd)
{
    fields f = { .rest = payload };
    if (head.kind == CONTROL_STOP) {
        ASSERT(fd < 0);
        events->stop(events->ctx);
        return;
    }
    ASSERT(head.kind == CONTROL_LINK && fd >= 0);
    proc_kind peer = (proc_kind)field_i64(&f, 0, PROC_KINDS - 1);
    ASSERT(fields_end(&f));
    events->link(events->ctx, peer, fd);
}

bool child_read(child *c, const child_events *events)
{
    char bytes[FRAME_HEAD_BYTES + CONTROL_BYTES_MAX];
    int fds[PASS_MAX];
    ssize_t n = pass_receive(c->fd, bytes, sizeof bytes, fds);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    if (n <= 0) return false;
    frame_head head;
    ASSERT(fds[1] < 0);
    ASSERT(n >= FRAME_HEAD_BYTES && frame_head_get((const uint8_t *)bytes, &head));
    ASSERT(head.length == (size_t)n - FRAME_HEAD_BYTES);
    message_act(events, head, (str){ bytes + FRAME_HEAD_BYTES, head.length }, fds[0]);
    return true;
}

static void *watch(void *ctx)
{
    child *c = ctx;
    pthread_setname_np(pthread_self(), "control");
    while (child_read(c, c->events))
        ;
    log_warn("proc.child", "supervisor=gone");
    _exit(0);
}

void child_watch(child *c, const child_events *events)
{
    pthread_t thread;
    c->events = events;
    int rc = pthread_create(&thread, NULL, watch, c);
    ASSERT(rc == 0);
    pthread_detach(thread);
}
