/* intake_preview.c - a file read as an import would read it, with nothing written. Any thread: it
 * runs beside the imports and holds up none. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "flow/intake_in.h"

static err count_only(void *ctx, const flow_batch *b)
{
    intake_run *run = ctx;
    intake_count(&run->c, b, 0, b->n, (int64_t)b->n_reject);
    intake_note_batch(run, b);
    for (size_t r = 0; r < b->n; r++)
        run->c.promoted +=
                promote_wanted(b->hits[r].n > 0, b->promote[r] & PROMOTE_OWNED, b->severity[r]);
    return OK;
}

static err read_through(flow *f, intake_run *run, const intake_file *in, int fd)
{
    intake_feed feed;
    flow_run_result result;
    flow_seal_key seal = { { 0 } }; /* nothing sealed is kept or shown */
    TRY(intake_feed_read(f, run->a, in->feed, &feed));
    loader_await(f);
    flow_mapping *m = mapping_hold(f);
    flow_run_input x = { .feed = feed.feed,
        .mapping = m ? m->m : NULL,
        .file = in->file_name,
        .input = flow_input_fd(&fd),
        .snapshots = f->snapshots,
        .seal = &seal,
        .now = clock_now(&f->r->clock),
        .sink = count_only,
        .sink_ctx = run };
    err e = flow_run(&x, &result);
    mapping_release(m);
    return e;
}

err intake_preview(realm *r, const intake_file *in, arena *a, jsonw *w)
{
    flow *f = flow_of(r);
    if (!f || f->closing) return ERR(E_BUSY, "error.feed.not_running");
    int fd = open(in->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_errno("error.feed.disk", str_of(in->path));
    intake_run *run = NEW(a, intake_run);
    *run = (intake_run){ .a = a, .feed = in->feed, .file_name = in->file_name, .l = in->l };
    err e = read_through(f, run, in, fd);
    close(fd);
    if (!failed(e)) intake_report(run, &run->c, true, w);
    return e;
}
