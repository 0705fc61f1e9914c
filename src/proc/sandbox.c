/* sandbox.c - the asking side of the sandbox. Owns the channel, under a lock that is held only
 * while a job is sent; at most OPENERS jobs are under way, others wait their turn. The answer comes
 * on a pipe of the job's own. */
#include "proc/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "proc/pass.h"
#include "proc/sandbox_wire.h"

enum { OPENERS = 4, WAITING_MAX = 64, LINK_WAIT_MS = 5000, GRACE_MS = 2000, LOOK_MS = 200 };

struct sandbox {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int fd; /* -1: none */
    int running, waiting;
    int32_t deadline_ms;
    uint64_t sequence;
    _Atomic bool stop;
};

static void unlock(pthread_mutex_t **m)
{
    pthread_mutex_unlock(*m);
}
#define HOLD(m)                                                                                    \
    CLEANUP(unlock) pthread_mutex_t *held_ = &(m);                                                 \
    pthread_mutex_lock(held_)

static void fd_close(int *fd)
{
    if (*fd >= 0) close(*fd);
}

sandbox *sandbox_new(void)
{
    sandbox *s = calloc(1, sizeof *s);
    pthread_condattr_t attr;
    ASSERT(s);
    s->fd = -1;
    s->deadline_ms = SANDBOX_DEADLINE_MS;
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &attr);
    pthread_condattr_destroy(&attr);
    return s;
}

void sandbox_link(sandbox *s, int fd)
{
    HOLD(s->lock);
    if (s->fd >= 0) close(s->fd);
    s->fd = fd;
    pthread_cond_broadcast(&s->changed);
}

void sandbox_hurry(sandbox *s, int32_t deadline_ms)
{
    s->deadline_ms = deadline_ms;
}

void sandbox_stop(sandbox *s)
{
    s->stop = true;
    HOLD(s->lock);
    pthread_cond_broadcast(&s->changed);
}

void sandbox_free(sandbox *s)
{
    if (!s) return;
    if (s->fd >= 0) close(s->fd);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->changed);
    free(s);
}

/* ---- one job ---- */

static struct timespec from_now(int64_t ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    return t;
}

/* With the lock held: waits for a place, then for a channel, which a start brings soon. */
static err turn_take(sandbox *s)
{
    struct timespec place = from_now(s->deadline_ms), link = from_now(LINK_WAIT_MS);
    int rc = 0;
    if (s->waiting >= WAITING_MAX) return ERR(E_BUSY, "error.sandbox.full");
    s->waiting++;
    while (s->running >= OPENERS && !s->stop && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&s->changed, &s->lock, &place);
    bool placed = s->running < OPENERS;
    for (rc = 0; placed && s->fd < 0 && !s->stop && rc != ETIMEDOUT;)
        rc = pthread_cond_timedwait(&s->changed, &s->lock, &link);
    s->waiting--;
    if (!placed) return ERR(E_BUSY, "error.sandbox.full");
    if (s->fd < 0 || s->stop) return ERR(E_BUSY, "error.sandbox.absent");
    s->running++;
    return OK;
}

static void turn_end(sandbox *s)
{
    HOLD(s->lock);
    s->running--;
    pthread_cond_broadcast(&s->changed);
}

/* With the lock held. A channel that broke is dropped; the supervisor brings another. */
static bool job_send(sandbox *s, sandbox_task task, int in, int64_t bytes, int answer)
{
    char packet[SANDBOX_JOB_BYTES];
    int fds[2] = { in, answer };
    arena *a CLEANUP(arena_free_p) = arena_new(65536);
    buf b = buf_new(a, 64);
    sandbox_put_job(&b, &(sandbox_job){ bytes, s->deadline_ms });
    ASSERT(FRAME_HEAD_BYTES + b.n <= sizeof packet);
    frame_head_put((uint8_t *)packet,
            (frame_head){
                    .kind = (uint16_t)task, .length = (uint32_t)b.n, .sequence = ++s->sequence });
    memcpy(packet + FRAME_HEAD_BYTES, b.p, b.n);
    if (pass_send(s->fd, (str){ packet, FRAME_HEAD_BYTES + b.n }, fds, 2, 0)) return true;
    close(s->fd);
    s->fd = -1;
    return false;
}

/* Appends what comes. False: the end, too much, or too late. */
static bool answer_read(sandbox *s, int fd, int64_t until_us, buf *to)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    int rc = 0;
    while (rc == 0 && !s->stop && monotonic_us() < until_us)
        rc = poll(&p, 1, LOOK_MS);
    if (rc < 0 && errno == EINTR) return true;
    if (rc <= 0 || to->n > FRAME_HEAD_BYTES + (size_t)FRAME_BYTES_MAX) return false;
    char *room = buf_room(to, 65536);
    ssize_t n = read(fd, room, 65536);
    if (n > 0) to->n += (size_t)n;
    return n > 0 || (n < 0 && errno == EINTR);
}

/* The whole answer must be one frame, and nothing after it. */
static err answer_take(sandbox *s, int fd, arena *a, str *ret)
{
    int64_t until_us = monotonic_us() + (s->deadline_ms + GRACE_MS) * US_PER_MS;
    buf all = buf_new(a, 65536);
    frame_head head;
    while (answer_read(s, fd, until_us, &all))
        ;
    if (s->stop) return ERR(E_BUSY, "error.sandbox.absent");
    if (all.n < FRAME_HEAD_BYTES || !frame_head_get((const uint8_t *)all.p, &head) ||
            head.kind != SANDBOX_DONE || all.n != FRAME_HEAD_BYTES + (size_t)head.length)
        return ERR(E_INVALID, "error.sandbox.unsafe");
    *ret = str_sub(buf_str(&all), FRAME_HEAD_BYTES, head.length);
    return OK;
}

static err job_run(sandbox *s, sandbox_task task, int fd, int64_t bytes, arena *a, str *ret)
{
    int pipe_fds[2];
    bool sent;
    if (pipe2(pipe_fds, O_CLOEXEC) != 0) return err_errno("error.sandbox.pipe", S("pipe"));
    CLEANUP(fd_close) int from = pipe_fds[0];
    {
        CLEANUP(fd_close) int to = pipe_fds[1];
        HOLD(s->lock);
        sent = s->fd >= 0 && job_send(s, task, fd, bytes, to);
    }
    return sent ? answer_take(s, from, a, ret) : ERR(E_BUSY, "error.sandbox.absent");
}

static err ask(sandbox *s, sandbox_task task, int fd, int64_t bytes, arena *a, str *ret)
{
    ASSERT(fd >= 0 && bytes >= 0);
    if (!s) return ERR(E_BUSY, "error.sandbox.absent");
    {
        HOLD(s->lock);
        TRY(turn_take(s));
    }
    err e = job_run(s, task, fd, bytes, a, ret);
    turn_end(s);
    return e;
}

/* ---- the questions ---- */

static err unsafe(void)
{
    log_warn("sandbox.answer", "makes_sense=0");
    return ERR(E_INVALID, "error.sandbox.unsafe");
}

err sandbox_identify(sandbox *s, int fd, int64_t bytes, arena *a, open_identity *ret)
{
    str payload;
    TRY(ask(s, SANDBOX_IDENTIFY, fd, bytes, a, &payload));
    return sandbox_get_identity(a, payload, ret) ? OK : unsafe();
}

err sandbox_list(sandbox *s, int fd, int64_t bytes, arena *a, open_listing *ret)
{
    str payload;
    TRY(ask(s, SANDBOX_LIST, fd, bytes, a, &payload));
    return sandbox_get_listing(a, payload, ret) ? OK : unsafe();
}

err sandbox_picture(sandbox *s, int fd, int64_t bytes, arena *a, open_picture *ret)
{
    str payload;
    TRY(ask(s, SANDBOX_PICTURE, fd, bytes, a, &payload));
    return sandbox_get_picture(payload, ret) ? OK : unsafe();
}

err sandbox_mail(sandbox *s, int fd, int64_t bytes, arena *a, open_mail *ret)
{
    str payload;
    TRY(ask(s, SANDBOX_MAIL, fd, bytes, a, &payload));
    return sandbox_get_mail(a, payload, ret) ? OK : unsafe();
}
