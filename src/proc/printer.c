/* printer.c - the asking side of the printer. Owns the channel. One lock, held over a doc and its
 * answer. The printer ends itself at its deadline, before this side would give up; the supervisor
 * then brings another channel. */
#include "proc/printer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "proc/printer_wire.h"

enum { WAIT_S = 5, ANSWER_S = PRINTER_DEADLINE_MS / 1000 + 5 };

struct printer {
    pthread_mutex_t lock;
    pthread_cond_t linked;
    int fd; /* -1: none */
    uint64_t sequence;
    _Atomic int next_fd; /* brought by printer_link; -1: none */
    _Atomic bool stop;
};

printer *printer_new(void)
{
    printer *p = calloc(1, sizeof *p);
    pthread_condattr_t attr;
    ASSERT(p);
    p->fd = -1;
    p->next_fd = -1;
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&p->linked, &attr);
    pthread_condattr_destroy(&attr);
    return p;
}

static void unlock(pthread_mutex_t **m)
{
    pthread_mutex_unlock(*m);
}
#define HOLD(m)                                                                                    \
    CLEANUP(unlock) pthread_mutex_t *held_ = &(m);                                                 \
    pthread_mutex_lock(held_)

void printer_link(printer *p, int fd)
{
    struct timeval most = { .tv_sec = ANSWER_S };
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    int old = atomic_exchange(&p->next_fd, fd);
    if (old >= 0) close(old);
    HOLD(p->lock); /* after a doc under way, whose channel is dead, has seen that */
    pthread_cond_broadcast(&p->linked);
}

void printer_stop(printer *p)
{
    p->stop = true;
    HOLD(p->lock);
    pthread_cond_broadcast(&p->linked);
}

void printer_free(printer *p)
{
    if (!p) return;
    if (p->fd >= 0) close(p->fd);
    if (p->next_fd >= 0) close(p->next_fd);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->linked);
    free(p);
}

err printer_pack(arena *a, const doc *d, str *ret)
{
    buf b = buf_new(a, 8192);
    printer_put_doc(&b, d);
    if (b.n > PRINTER_DOC_MAX) return ERR(E_TOO_LARGE, "error.pdf.doc");
    *ret = buf_str(&b);
    return OK;
}

/* ---- one doc, with the lock held ---- */

static void channel_drop(printer *p)
{
    if (p->fd >= 0) close(p->fd);
    p->fd = -1;
}

static bool channel_have(printer *p)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_S;
    for (;;) {
        int next = atomic_exchange(&p->next_fd, -1);
        if (next >= 0) {
            channel_drop(p);
            p->fd = next;
        }
        if (p->stop) return false;
        if (p->fd >= 0) return true;
        if (pthread_cond_timedwait(&p->linked, &p->lock, &until) == ETIMEDOUT && p->next_fd < 0)
            return false;
    }
}

static bool receive(int fd, void *to, size_t n)
{
    for (size_t got = 0; got < n;) {
        ssize_t r = recv(fd, (char *)to + got, n - got, 0);
        if (r < 0 && errno == EINTR) continue;
        if (r <= 0) return false;
        got += (size_t)r;
    }
    return true;
}

static bool exchange(printer *p, str packed, arena *a, str *ret)
{
    uint8_t head_bytes[FRAME_HEAD_BYTES];
    frame_head head;
    if (!frame_send(p->fd, PRINTER_DOC, ++p->sequence, packed)) return false;
    if (!receive(p->fd, head_bytes, sizeof head_bytes)) return false;
    if (!frame_head_get(head_bytes, &head) || head.kind != PRINTER_DONE ||
            head.sequence != p->sequence)
        return false;
    char *body = arena_alloc(a, head.length + 1);
    *ret = (str){ body, head.length };
    return receive(p->fd, body, head.length);
}

/* A printer that was just started again gets the doc once more; one that died over it does not get
 * it a third time. */
static err ask(printer *p, str packed, arena *a, str *ret)
{
    HOLD(p->lock);
    for (int i = 0; i < 2 && channel_have(p); i++) {
        if (exchange(p, packed, a, ret)) return OK;
        channel_drop(p);
    }
    return ERR(E_BUSY, "error.printer.absent");
}

static err outcome(printed how)
{
    switch (how) {
    case PRINTED_NOT_FIT:
        return ERR(E_INVALID, "error.pdf.doc");
    case PRINTED_PAGES:
        return ERR(E_TOO_LARGE, "error.pdf.pages");
    case PRINTED_TIME:
        return ERR(E_TIMEOUT, "error.pdf.time");
    case PRINTED_NO_FONTS:
        return ERR(E_CONFIG, "error.printer.fonts");
    case PRINTED:
    case PRINTED_ENDS:
        break;
    }
    return OK;
}

err printer_print(printer *p, str packed, arena *a, str *ret)
{
    str answer;
    if (!p) return ERR(E_BUSY, "error.printer.absent");
    if (packed.n > PRINTER_DOC_MAX) return ERR(E_TOO_LARGE, "error.pdf.doc");
    TRY(ask(p, packed, a, &answer));
    fields f = { .rest = answer };
    printed how = (printed)field_i64(&f, 0, PRINTED_ENDS - 1);
    str pdf = field_str(&f, PRINTER_PDF_MAX);
    if (!fields_end(&f) || (how == PRINTED && !str_starts(pdf, S("%PDF-1."))))
        return ERR(E_BUSY, "error.printer.absent");
    *ret = pdf;
    return outcome(how);
}
