/* intake_file.c - one turn of one import on the worker's thread: from where its input stands to the
 * end, to the end of the turn, or to a stop. A file that was in hand at two crashes of the program
 * without getting on in between is set aside. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "access/audience.h"
#include "base/log.h"
#include "events/history.h"
#include "flow/crash.h"
#include "flow/disk.h"
#include "flow/write.h"
#include "gen/records/feed.h"
#include "gen/records/import_run.h"
#include "store/store.h"

enum { CRASHES = 2, RETRY_S = 10, SETTLE_MS = 5000 };
#define TURN_US (2 * US_PER_S)
#define TELL_US (1 * US_PER_S)

/* ---- the feed ---- */

/* What stands for a declaration that says nothing. */
static str default_yaml(arena *a, const feed_draft *d)
{
    return str_fmt(a, "name: \"%.*s\"\nformat: %.*s\n", STR_ARG(d->key), STR_ARG(d->format));
}

err intake_feed_read(flow *f, arena *a, int64_t row, intake_feed *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    const feed_handle *h;
    const flow_feed *read;
    viewer v;
    TRY(txn_read(f->r->store, 0, &t));
    TRY(viewer_system(t, &v));
    TRY(feed_read_row(t, &v, row, &h));
    str yaml = str_copy(
            a, str_trim(h->now.declaration).n ? h->now.declaration : default_yaml(a, &h->now));
    TRY(flow_feed_read(a, yaml, str_copy(a, h->now.key), &read));
    flow_feed *own = NEW(a, flow_feed);
    *own = *read;
    own->row = (uint32_t)row;
    own->gap_us = 0; /* every row is kept: repeats are counted by their findings */
    *ret = (intake_feed){ .feed = own, .row = row, .audience = h->now.event_audience };
    return OK;
}

typedef struct {
    flow *f;
    int64_t audience;
} interning;

static err intern_apply(txn *t, void *ctx)
{
    interning *x = ctx;
    return audience_intern(t, LABEL_STRICT, x->f->r->national_grp, NULL, 0, &x->audience);
}

/* ---- progress ---- */

typedef struct {
    intake_run *run;
    str state, report; /* empty: as it is */
    bool stopped;
} telling;

static err tell_apply(txn *t, void *ctx)
{
    telling *x = ctx;
    const import_run_handle *h;
    viewer v;
    TRY(viewer_system(t, &v));
    TRY(import_run_hold_row(t, &v, x->run->row, &h));
    import_run_draft d = h->now;
    x->stopped = !str_eq(d.state, S("running"));
    d.rows_read = x->run->c.rows;
    d.rows_done = x->run->c.events;
    d.rows_same = x->run->c.repeats;
    d.rows_bad = x->run->c.rejects;
    d.bytes_done = (int64_t)x->run->at.offset;
    if (x->report.n) d.report = x->report;
    if (x->state.n && !x->stopped) {
        d.state = x->state;
        d.finished = txn_now(t);
        if (str_eq(x->state, S("done"))) d.bytes_done = d.bytes_total;
    }
    return import_run_save(
            t, &v, h, &d, x->state.n && !x->stopped ? LEDGER_import_finished : LEDGER_NONE);
}

void intake_tell(flow *f, intake_run *run)
{
    int64_t now = monotonic_us();
    if (now - run->told_us < TELL_US) return;
    telling x = { .run = run };
    run->told_us = now;
    err e = store_write(f->r->store, tell_apply, &x);
    if (failed(e)) log_err("feed.progress", e);
    if (x.stopped) run->stop = true;
}

err intake_finish(flow *f, intake_run *run, str state)
{
    jsonw w = jsonw_new(run->a, 4096);
    jw_obj(&w);
    intake_report(run, &run->c, false, &w);
    jw_end_obj(&w);
    telling x = { .run = run, .state = state, .report = jsonw_done(&w) };
    return store_write(f->r->store, tell_apply, &x);
}

/* ---- a turn ---- */

typedef struct {
    turn_input in;
    flow_writer *writer;
    int64_t end_us;
    _Atomic bool stop;
    bool got_on;
    int watch;
} turning;

static err turn_take(void *ctx, const flow_batch *b)
{
    turning *x = ctx;
    intake_run *run = x->in.run;
    uint64_t before = run->at.offset;
    TRY(writer_take(x->writer, b));
    if (!x->got_on && run->at.offset != before) {
        crash_got_on(x->watch);
        x->got_on = true;
    }
    bool others = monotonic_us() > x->end_us && x->in.others(x->in.f);
    if (others || run->stop || x->in.f->closing) x->stop = true;
    return OK;
}

static err place_read(flow *f, intake_run *run)
{
    input_position p;
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)16 << 20);
    err e = history_position_read(f->r->history, a, str_of(run->input), &p);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    run->at.offset = (uint64_t)p.place;
    intake_mark_read(p.mark, &run->c, &run->at.row);
    if (run->c.rejects) intake_errors_again(f, run);
    return OK;
}

static err run_through(turning *x, const intake_feed *feed, int fd)
{
    flow *f = x->in.f;
    intake_run *run = x->in.run;
    flow_mapping *m = mapping_hold(f);
    flow_run_input in = { .feed = feed->feed,
        .mapping = m ? m->m : NULL,
        .file = run->file_name,
        .input = flow_input_fd(&fd),
        .from = run->at,
        .snapshots = f->snapshots,
        .groups = NULL,
        .seal = &f->seal,
        .now = clock_now(&f->r->clock),
        .stop = &x->stop,
        .sink = turn_take,
        .sink_ctx = x };
    flow_run_result result;
    err e = flow_run(&in, &result);
    if (!failed(e)) e = writer_flush(x->writer);
    mapping_release(m);
    return e;
}

/* Who brings organisations or indicators and then a file expects the one to know the other: a file
 * begins with a snapshot that is as new as the file. A late one is better than none. */
static void know_records(flow *f)
{
    loader_await(f);
    err e = loader_settle(f, SETTLE_MS);
    if (failed(e)) log_err("feed.settle", e);
}

static err turn_run(turning *x)
{
    flow *f = x->in.f;
    intake_feed feed;
    interning strict = { .f = f };
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)64 << 20);
    if (!x->in.run->begun) {
        know_records(f);
        TRY(place_read(f, x->in.run));
    }
    x->in.run->begun = true;
    x->in.run->told_us = 0;
    intake_tell(f, x->in.run); /* somebody may have stopped it while it waited */
    if (x->in.run->stop) return OK;
    TRY(intake_feed_read(f, a, x->in.run->feed, &feed));
    TRY(store_write(f->r->store, intern_apply, &strict));
    int fd = open(x->in.run->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_errno("error.feed.disk", str_of(x->in.run->path));
    x->writer = writer_new(&(write_input){
            f, x->in.run, feed, strict.audience, crash_count(x->in.run->path) > 0 });
    err e = run_through(x, &feed, fd);
    writer_free(x->writer);
    close(fd);
    return e;
}

static bool passes(err e)
{
    err_code c = err_code_of(e);
    return c == E_IO || c == E_BUSY || c == E_FULL || c == E_TIMEOUT;
}

static turn end_with(flow *f, intake_run *run, str state)
{
    if (!promoter_drain(f->promoter)) return TURN_LATER; /* closing: the next start ends it */
    err e = intake_finish(f, run, state);
    if (failed(e)) {
        log_err("feed.finish", e);
        run->not_before_us = monotonic_us() + RETRY_S * US_PER_S;
        return TURN_LATER;
    }
    crash_forget(run->path);
    (void)!unlink(run->path);
    return TURN_OVER;
}

static turn end_failed(flow *f, intake_run *run, err e)
{
    log_err("feed.import", e);
    run->fault = fault_copy(run->a, e.f);
    return end_with(f, run, S("failed"));
}

/* The file goes where nobody reads it in, and whoever mends the program finds it. */
static turn end_crashed(flow *f, intake_run *run)
{
    char dir[4096], aside[4400];
    snprintf(dir, sizeof dir, "%s/quarantine", f->dir);
    snprintf(
            aside, sizeof aside, "%s/%.*s-%lld", dir, STR_ARG(run->hash_hex), (long long)run->feed);
    err e = disk_folder(dir);
    if (failed(e) || rename(run->path, aside))
        log_err("feed.quarantine", err_errno("error.feed.disk", str_of(aside)));
    return end_failed(f, run, ERR(E_INVALID, "error.feed.crashes"));
}

turn intake_turn(const turn_input *in)
{
    turning x = { .in = *in, .end_us = monotonic_us() + TURN_US };
    intake_run *run = in->run;
    if (!run->begun && crash_count(run->path) >= CRASHES) return end_crashed(in->f, run);
    x.watch = crash_on(run->path);
    err e = turn_run(&x);
    crash_off(x.watch);
    if (failed(e) && passes(e)) {
        log_err("feed.import", e);
        run->begun = false; /* where it stands is asked again */
        run->not_before_us = monotonic_us() + RETRY_S * US_PER_S;
        return TURN_LATER;
    }
    if (failed(e)) return end_failed(in->f, run, e);
    if (run->stop) return end_with(in->f, run, S("stopped"));
    if (x.stop) return TURN_AGAIN;
    return end_with(in->f, run, S("done"));
}
