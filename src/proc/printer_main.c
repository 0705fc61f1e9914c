/* printer_main.c - the printer process. Owns the process: a loop over the server's channel and the
 * supervisor's, and a thread that ends it all when a doc takes too long. What is printed is ours;
 * names and addresses in it are others'. */
#include "proc/printer_main.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "proc/printer_wire.h"
#include "proc/rights.h"
#include "render/pdf.h"

enum { EXIT_FENCE = 75, EXIT_LATE = 76, LOOK_MS = 250, GRACE_MS = 1000, ARENA_MAX = 96 << 20 };

typedef struct {
    pdf_fonts *fonts; /* NULL: not found */
    int link;         /* -1: none */
    frame_in in;
    frame_out out;
    bool stopping, supervisor_gone;
} printer_process;

static _Atomic int64_t ends_us; /* of the doc at hand; 0: none */

/* Between two paragraphs a doc ends by itself; this ends what hangs within one. */
static void *watch(void *none)
{
    const struct timespec pause = { 0, LOOK_MS * 1000000L };
    (void)none;
    for (;;) {
        int64_t ends = atomic_load(&ends_us);
        if (ends && monotonic_us() > ends + GRACE_MS * US_PER_MS) _exit(EXIT_LATE);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static void link_drop(printer_process *p)
{
    if (p->link < 0) return;
    frame_in_free(&p->in);
    frame_out_free(&p->out);
    close(p->link);
    p->link = -1;
}

static void on_stop(void *ctx)
{
    ((printer_process *)ctx)->stopping = true;
}

static void on_link(void *ctx, proc_kind peer, int fd)
{
    printer_process *p = ctx;
    ASSERT(peer == PROC_SERVER);
    link_drop(p);
    p->link = fd;
}

static printed how_of(err e)
{
    switch (err_code_of(e)) {
    case E_OK:
        return PRINTED;
    case E_TOO_LARGE:
        return PRINTED_PAGES;
    case E_TIMEOUT:
        return PRINTED_TIME;
    default:
        return PRINTED_NOT_FIT;
    }
}

/* False: it said what it must not. */
static bool print(printer_process *p, frame_head head, str payload)
{
    CLEANUP(arena_free_p) arena *a = arena_new(ARENA_MAX);
    doc d;
    str pdf = { 0 };
    if (head.kind != PRINTER_DOC || !printer_get_doc(a, payload, &d)) return false;
    int64_t until = monotonic_us() + PRINTER_DEADLINE_MS * US_PER_MS;
    atomic_store(&ends_us, until);
    printed how = p->fonts ? how_of(pdf_make(p->fonts, &d, until, a, &pdf)) : PRINTED_NO_FONTS;
    atomic_store(&ends_us, 0);
    if (pdf.n > PRINTER_PDF_MAX) how = PRINTED_PAGES;
    buf b = buf_new(a, pdf.n + 64);
    field_put_i64(&b, how);
    field_put_str(&b, how == PRINTED ? pdf : (str){ 0 });
    frame_out_put(&p->out, PRINTER_DONE, head.sequence, buf_str(&b));
    return frame_out_flush(&p->out, p->link);
}

static void link_hear(printer_process *p)
{
    frame_head head;
    str payload;
    frame_state state = FRAME_NONE;
    bool ok = frame_in_read(&p->in, p->link);
    while (ok && (state = frame_in_next(&p->in, &head, &payload)) == FRAME_READY)
        ok = print(p, head, payload);
    if (ok && state != FRAME_BROKEN) return;
    if (state == FRAME_BROKEN) log_warn("printer.link", "broken=1");
    link_drop(p);
}

static void turn(printer_process *p, child *c)
{
    bool waits = p->link >= 0 && frame_out_waiting(&p->out) > 0;
    child_events events = { .stop = on_stop, .link = on_link, .ctx = p };
    struct pollfd w[2] = { { .fd = child_fd(c), .events = POLLIN },
        { .fd = p->link, .events = (short)(POLLIN | (waits ? POLLOUT : 0)) } };
    if (poll(w, 2, -1) < 0) return;
    if (waits && w[1].revents & POLLOUT && !frame_out_flush(&p->out, p->link)) {
        link_drop(p);
        return;
    }
    if (w[1].revents & (POLLIN | POLLHUP | POLLERR)) link_hear(p);
    if (w[0].revents) p->supervisor_gone = !child_read(c, &events);
}

static err begin(printer_process *p, const char *folder)
{
    rights_root fonts = { .path = folder };
    pthread_t thread;
    TRY(rights_apply(PROC_PRINTER, &(rights_grant){ .roots = &fonts, .n_roots = 1 }, NULL));
    if (pthread_create(&thread, NULL, watch, NULL) != 0)
        return err_errno("error.proc.start", S("thread"));
    /* Without fonts Minar works on, and says so where something is to be printed. */
    err e = pdf_fonts_open(folder, &p->fonts);
    if (failed(e)) log_err("printer.fonts", e);
    return OK;
}

int printer_main(child *c, const char *folder)
{
    printer_process p = { .link = -1 };
    err e = begin(&p, folder);
    if (failed(e)) {
        log_err("printer.open", e);
        return EXIT_FENCE;
    }
    child_ready(c);
    while (!p.supervisor_gone && !p.stopping)
        turn(&p, c);
    link_drop(&p);
    return 0;
}
