/* feed_file.c - routes of what feeds bring: a file read in, and Shadowserver's mapping. In the
 * pool; the reading itself is the pipeline's, and goes on when the caller has gone. */
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "desk/watch/event/feed_find.h"
#include "flow/flow.h"
#include "flow/intake.h"
#include "gen/desk/watch/event/queries.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { WAIT_MS = 600000, WAITERS_MAX = 2 };

/* Calls that wait hold a worker of the pool each, so that only some may; the others hear 202. */
static _Atomic int waiters;

static bool wait_over(call *c, int64_t row)
{
    bool over = false;
    if (atomic_fetch_add(&waiters, 1) < WAITERS_MAX) over = intake_wait(c->realm, row, WAIT_MS);
    atomic_fetch_sub(&waiters, 1);
    return over;
}

static void put_report(jsonw *w, str report)
{
    if (report.n > 2) {
        jw_members(w, report);
        return;
    }
    jw_key(w, S("errors"));
    jw_arr(w);
    jw_end_arr(w);
}

/* As it is now: the call's snapshot was let go before the import. */
static err run_read(call *c, int64_t row, feed_run_row **ret)
{
    TRY(call_refresh(c));
    return feed_run(c->t, &c->viewer, &(feed_run_args){ .row = row }, c->a, ret);
}

static err put_run(call *c, int64_t row)
{
    feed_run_row *r;
    TRY(run_read(c, row, &r));
    jw_obj(&c->out);
    feed_run_members(&c->out, r);
    put_report(&c->out, r->_report);
    jw_end_obj(&c->out);
    if (!str_eq(r->state, S("running"))) c->status = 200;
    return OK;
}

/* The earlier import's numbers as they are for this file: every row was there. */
static err put_already(call *c, int64_t row)
{
    feed_run_row *r;
    jsonw *w = &c->out;
    TRY(run_read(c, row, &r));
    r->rows_same = r->rows_done + r->rows_same;
    r->rows_done = 0;
    c->status = 200;
    jw_obj(w);
    feed_run_members(w, r);
    jw_key(w, S("errors"));
    jw_arr(w);
    jw_end_arr(w);
    jw_key(w, S("drift"));
    jw_arr(w);
    jw_str(w, T(call_lang(c), "feed.already"));
    jw_end_arr(w);
    jw_kbool(w, "already", true);
    jw_end_obj(w);
    return OK;
}

static err put_preview(call *c, const intake_file *in)
{
    jsonw *w = &c->out;
    c->status = 200;
    jw_obj(w);
    jw_key(w, S("id"));
    jw_null(w);
    jw_kstr(w, "kind", S("feed"));
    jw_kstr(w, "file_name", in->file_name);
    jw_kstr(w, "state", S("preview"));
    TRY(intake_preview(c->realm, in, c->a, w));
    jw_end_obj(w);
    return OK;
}

err h_feed_file(call *c)
{
    const struct feed_file_query *q = c->query;
    feed_found feed;
    intake_ticket ticket;
    TRY(feed_find(c, c->path_id, &feed));
    if (feed.paused) return ERR(E_CONFLICT, "error.feed.paused");
    if (!c->spool) return ERR(E_INVALID, "error.feed.empty_file");
    intake_file in = {
        .feed = feed.row, .file_name = q->name, .path = c->spool, .l = call_lang(c), .ours = true
    };
    call_release(c);
    call_release(c);
    if (q->dry_run) return put_preview(c, &in);
    TRY(intake_add(c->realm, &c->viewer, &in, &ticket));
    if (ticket.over) return put_already(c, ticket.row);
    if (q->wait) (void)wait_over(c, ticket.row);
    c->location = str_fmt(c->a, "/api/imports/%.*s", STR_ARG(id_text(c->a, ticket.id)));
    return put_run(c, ticket.row);
}

/* ---- the mapping ---- */

static err mapping_read(call *c, str *ret)
{
    *ret = (str){ 0 };
    if (!c->spool || c->spool_bytes == 0) return ERR(E_INVALID, "error.feed.empty_file");
    int fd = open(c->spool, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_errno("error.feed.disk", S("mapping"));
    char *p = arena_alloc(c->a, (size_t)c->spool_bytes);
    size_t n = 0;
    for (ssize_t got; (got = read(fd, p + n, (size_t)c->spool_bytes - n)) > 0;)
        n += (size_t)got;
    close(fd);
    *ret = (str){ p, n };
    return OK;
}

err h_feed_mapping(call *c)
{
    str text;
    flow_mapping_facts facts;
    instant fetched;
    TRY(mapping_read(c, &text));
    TRY(flow_mapping_set(c->realm, c->a, text, &facts));
    jw_obj(&c->out);
    jw_ki64(&c->out, "types", (int64_t)facts.types);
    jw_ki64(&c->out, "unknown", (int64_t)facts.unknown);
    if (instant_parse(facts.date, &fetched)) jw_ktime(&c->out, "fetched", fetched);
    jw_end_obj(&c->out);
    return OK;
}
