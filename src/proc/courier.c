/* courier.c - the server's side of the courier. Owns the channel and the requests in hand.
 * Two locks, always taken in this order: `writing` (the channel, and whose turn it is to write) and
 * `lock` (the table of requests). A request is in the table before its first byte leaves. The
 * thread reads replies and takes each request out of the table before it calls back, so that a
 * callback may hand in the next one and nobody is called twice. */
#include "proc/courier.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "proc/courier_wire.h"

enum {
    GRACE_MS = 5000, /* what a hung courier gets beyond the job's deadline */
    SEND_TIMEOUT_S = 10,
    SWEEP_MS = 500,
    REPLY_BYTES = 1 << 20,
};

typedef struct request request;
struct request {
    request *next;
    uint64_t sequence;
    int64_t deadline_us;
    bool is_mail, sending; /* sending: its job is still being read */
    mail_done *mail_done;
    fetch_body *body;
    fetch_done *fetch_done;
    void *ctx;
};

struct courier {
    pthread_mutex_t writing;
    _Atomic int fd; /* set with writing held, closed by the thread alone; -1: none */
    int next_fd;    /* under writing: takes the place of fd once the thread has closed that */
    pthread_mutex_t lock;
    request *requests;
    size_t n;
    uint64_t last_sequence;
    bool stop;
    int bell; /* eventfd: next_fd or stop changed */
    pthread_t thread;
    frame_in in; /* the thread's */
    arena *a;    /* the thread's, for one reply */
};

static void unlock(pthread_mutex_t **m)
{
    pthread_mutex_unlock(*m);
}
#define HOLD(m)                                                                                    \
    CLEANUP(unlock) pthread_mutex_t *held_ = &(m);                                                 \
    pthread_mutex_lock(held_)

static void ring(courier *c)
{
    uint64_t one = 1;
    ssize_t n = write(c->bell, &one, sizeof one);
    ASSERT(n == sizeof one);
}

bool courier_is_thread(const courier *c)
{
    return pthread_equal(pthread_self(), c->thread);
}

/* ---- the table ---- */

static err request_add(courier *c, request *r)
{
    HOLD(c->lock);
    if (c->stop) return ERR(E_BUSY, "error.courier.stopping");
    if (c->n >= COURIER_TASKS_MAX) return ERR(E_FULL, "error.courier.full");
    r->sequence = ++c->last_sequence;
    r->next = c->requests;
    c->requests = r;
    c->n++;
    return OK;
}

/* Unlinks a request: the one with that number, or (0) any that is overdue at now_us. */
static request *request_unlink(courier *c, uint64_t sequence, int64_t now_us)
{
    HOLD(c->lock);
    for (request **at = &c->requests; *at; at = &(*at)->next) {
        request *r = *at;
        if (sequence ? r->sequence != sequence : r->deadline_us > now_us) continue;
        *at = r->next;
        c->n--;
        return r;
    }
    return NULL;
}

/* Takes a request out, to call back. An early reply (a refusal) waits until the rest of the job has
 * been sent: a callback may free the job. */
static request *request_take(courier *c, uint64_t sequence, int64_t now_us)
{
    request *r = request_unlink(c, sequence, now_us);
    if (!r || !r->sending) return r;
    HOLD(c->writing);
    return r;
}

static request *request_peek(courier *c, uint64_t sequence)
{
    HOLD(c->lock);
    for (request *r = c->requests; r; r = r->next)
        if (r->sequence == sequence) return r;
    return NULL;
}

static void request_sent(courier *c, uint64_t sequence)
{
    HOLD(c->lock);
    for (request *r = c->requests; r; r = r->next)
        if (r->sequence == sequence) r->sending = false;
}

static bool sequence_known(courier *c, uint64_t sequence)
{
    HOLD(c->lock);
    return sequence && sequence <= c->last_sequence;
}

static void request_fail(request *r, err e)
{
    if (r->is_mail)
        r->mail_done(r->ctx, e, &(mail_result){ 0 });
    else
        r->fetch_done(r->ctx, e, &(fetch_result){ 0 });
    free(r);
}

/* ---- writing ---- */

/* With writing held. A channel that broke is shut, so that the thread finds its end. */
static void put(courier *c, uint16_t kind, uint64_t sequence, str payload)
{
    if (!frame_send(c->fd, kind, sequence, payload)) shutdown(c->fd, SHUT_RDWR);
}

/* With writing held. Puts the request into the table and sends it off; a channel that breaks now
 * ends it by the thread like any other in hand. */
static err request_send(courier *c, const request *proto, uint16_t kind, str payload, str message)
{
    if (c->fd < 0) return ERR(E_BUSY, "error.courier.absent");
    request *r = malloc(sizeof *r);
    ASSERT(r);
    *r = *proto;
    err e = request_add(c, r);
    if (failed(e)) {
        free(r);
        return e;
    }
    uint64_t sequence = r->sequence; /* r may be gone as soon as its first byte is */
    put(c, kind, sequence, payload);
    for (size_t at = 0; at < message.n; at += COURIER_PART_BYTES)
        put(c, COURIER_MAIL_PART, sequence, str_sub(message, at, COURIER_PART_BYTES));
    request_sent(c, sequence);
    return OK;
}

static int64_t deadline_of(int32_t ms, int32_t usual_ms)
{
    return monotonic_us() + ((int64_t)(ms ? ms : usual_ms) + GRACE_MS) * US_PER_MS;
}

err courier_send(courier *c, const mail_job *job, mail_done *done, void *ctx)
{
    ASSERT(c && job && done);
    TRY(mail_job_check(job));
    arena *a CLEANUP(arena_free_p) = arena_new(REPLY_BYTES);
    buf b = buf_new(a, 1024);
    wire_put_mail(&b, job);
    request r = { .is_mail = true,
        .sending = true,
        .mail_done = done,
        .ctx = ctx,
        .deadline_us = deadline_of(job->deadline_ms, MAIL_DEADLINE_MS) };
    HOLD(c->writing);
    return request_send(c, &r, COURIER_MAIL, buf_str(&b), job->message);
}

/* One whose answer is read as it comes. */
static request request_of_body(fetch_body *body, fetch_done *done, void *ctx, int32_t deadline_ms)
{
    return (request){ .sending = true,
        .body = body,
        .fetch_done = done,
        .ctx = ctx,
        .deadline_us = deadline_of(deadline_ms, FETCH_DEADLINE_MS) };
}

err courier_fetch(courier *c, const fetch_job *job, fetch_body *body, fetch_done *done, void *ctx)
{
    ASSERT(c && job && body && done);
    TRY(fetch_job_check(job));
    arena *a CLEANUP(arena_free_p) = arena_new((size_t)4 * FETCH_POST_BYTES_MAX);
    buf b = buf_new(a, 1024 + job->body.n);
    wire_put_fetch(&b, job);
    request r = request_of_body(body, done, ctx, job->deadline_ms);
    HOLD(c->writing);
    return request_send(c, &r, COURIER_FETCH, buf_str(&b), (str){ 0 });
}

err courier_box(courier *c, const box_job *job, fetch_body *body, fetch_done *done, void *ctx)
{
    ASSERT(c && job && body && done);
    TRY(box_job_check(job));
    arena *a CLEANUP(arena_free_p) = arena_new(REPLY_BYTES);
    buf b = buf_new(a, 1024);
    wire_put_box(&b, job);
    request r = request_of_body(body, done, ctx, job->deadline_ms);
    HOLD(c->writing);
    return request_send(c, &r, COURIER_BOX, buf_str(&b), (str){ 0 });
}

/* ---- the thread: replies ---- */

static bool hear_mail_done(courier *c, uint64_t sequence, str payload)
{
    err e = OK;
    mail_result result;
    request *r = request_take(c, sequence, 0);
    if (!r) return true;
    bool ok = r->is_mail && wire_get_mail_done(c->a, payload, &e, &result);
    if (ok)
        r->mail_done(r->ctx, e, &result);
    else
        request_fail(r, ERR(E_BUSY, "error.courier.gone"));
    if (ok) free(r);
    return ok;
}

static bool hear_fetch_done(courier *c, uint64_t sequence, str payload)
{
    err e = OK;
    fetch_result result;
    request *r = request_take(c, sequence, 0);
    if (!r) return true;
    bool ok = !r->is_mail && wire_get_fetch_done(payload, &e, &result);
    if (ok)
        r->fetch_done(r->ctx, e, &result);
    else
        request_fail(r, ERR(E_BUSY, "error.courier.gone"));
    if (ok) free(r);
    return ok;
}

/* Only this thread frees requests, so that one may be used here without the lock. */
static bool hear_fetch_part(courier *c, uint64_t sequence, str part)
{
    request *r = request_peek(c, sequence);
    if (!r) return true;
    if (r->is_mail) return false;
    if (r->body(r->ctx, part)) return true;
    r = request_take(c, sequence, 0);
    request_fail(r, ERR1(E_CONFLICT, "error.courier.stopped", S("")));
    HOLD(c->writing);
    put(c, COURIER_CANCEL, sequence, (str){ 0 });
    return true;
}

static bool hear(courier *c, frame_head head, str payload)
{
    if (!sequence_known(c, head.sequence)) return false;
    switch (head.kind) {
    case COURIER_MAIL_DONE:
        return hear_mail_done(c, head.sequence, payload);
    case COURIER_FETCH_PART:
        return hear_fetch_part(c, head.sequence, payload);
    case COURIER_FETCH_DONE:
        return hear_fetch_done(c, head.sequence, payload);
    default:
        return false;
    }
}

static bool channel_hear(courier *c)
{
    frame_head head;
    str payload;
    frame_state state = FRAME_NONE;
    bool ok = frame_in_read(&c->in, c->fd);
    while (ok && (state = frame_in_next(&c->in, &head, &payload)) == FRAME_READY) {
        ok = hear(c, head, payload);
        arena_reset(c->a);
    }
    return ok && state != FRAME_BROKEN;
}

static request *requests_take_all(courier *c)
{
    HOLD(c->lock);
    request *all = c->requests;
    c->requests = NULL;
    c->n = 0;
    return all;
}

/* Closes the channel and ends what was in hand on it; what a callback hands in meanwhile goes to
 * the next channel, or finds none. */
static void channel_close(courier *c, const char *key)
{
    request *r, *next;
    {
        HOLD(c->writing);
        if (c->fd < 0) return;
        close(c->fd);
        c->fd = c->next_fd;
        c->next_fd = -1;
        frame_in_free(&c->in);
        r = requests_take_all(c);
    }
    for (; r; r = next) {
        next = r->next;
        request_fail(r, err_make(E_BUSY, key, (str){ 0 }, (str){ 0 }, (str){ 0 }));
    }
}

/* Something was brought from outside. False: the thread is to end. */
static bool bell_act(courier *c)
{
    uint64_t n;
    bool replace;
    if (read(c->bell, &n, sizeof n) != sizeof n) return true;
    {
        HOLD(c->lock);
        if (c->stop) return false;
    }
    {
        HOLD(c->writing);
        replace = c->next_fd >= 0;
    }
    if (replace) channel_close(c, "error.courier.gone");
    return true;
}

static void sweep(courier *c)
{
    request *r;
    int64_t now = monotonic_us();
    while ((r = request_take(c, 0, now)))
        request_fail(r, ERR1(E_TIMEOUT, "error.courier.timeout", S("courier")));
}

static void *run(void *ctx)
{
    courier *c = ctx;
    bool going = true;
    pthread_setname_np(pthread_self(), "courier");
    while (going) {
        struct pollfd p[2] = { { .fd = c->bell, .events = POLLIN },
            { .fd = c->fd, .events = POLLIN } };
        if (poll(p, 2, SWEEP_MS) < 0 && errno != EINTR) ASSERT(!"poll");
        if (c->fd >= 0 && p[1].revents && !channel_hear(c)) {
            log_warn("courier.channel", "gone=1");
            channel_close(c, "error.courier.gone");
        }
        if (p[0].revents) going = bell_act(c);
        sweep(c);
    }
    while (c->fd >= 0)
        channel_close(c, "error.courier.stopping");
    return NULL;
}

/* ---- from outside ---- */

courier *courier_new(void)
{
    courier *c = calloc(1, sizeof *c);
    ASSERT(c);
    c->fd = c->next_fd = -1;
    c->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ASSERT(c->bell >= 0);
    c->a = arena_new(REPLY_BYTES);
    pthread_mutex_init(&c->writing, NULL);
    pthread_mutex_init(&c->lock, NULL);
    int rc = pthread_create(&c->thread, NULL, run, c);
    ASSERT(rc == 0);
    return c;
}

void courier_link(courier *c, int fd)
{
    ASSERT(c && fd >= 0);
    struct timeval patience = { .tv_sec = SEND_TIMEOUT_S };
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    {
        HOLD(c->writing);
        if (c->next_fd >= 0) close(c->next_fd);
        c->next_fd = c->fd < 0 ? -1 : fd;
        if (c->fd < 0) c->fd = fd;
    }
    ring(c);
}

void courier_stop(courier *c)
{
    ASSERT(!courier_is_thread(c));
    {
        HOLD(c->lock);
        if (c->stop) return;
        c->stop = true;
    }
    ring(c);
    pthread_join(c->thread, NULL);
}

void courier_free(courier *c)
{
    if (!c) return;
    courier_stop(c);
    close(c->bell);
    arena_free(c->a);
    free(c);
}
