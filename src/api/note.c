/* note.c - reads that are noted: who read what is durable before the answer leaves, through the
 * store's own writer, so that many notes share one fsync and its bounded queue bounds them. A full
 * queue refuses the read (503): a read is never answered without its note. Runs where the handler
 * ran; the note's end on the writer thread. Owns nothing. */
#include "access/seen/seen.h"
#include "api/walk.h"
#include "base/time.h"

void call_saw(call *c, const seen_thing *of)
{
    seen_why why = seen_asks(&c->viewer, of);
    c->saw = true;
    if (why == SEEN_NOT) return;
    c->note = NEW(c->a, seen_note);
    *c->note = (seen_note){ c->viewer.person, c->viewer.org, c->viewer.how, why, *of };
    c->note_realm = c->realm;
}

void call_saw_mail(call *c, realm *r, int64_t person, int64_t org, const seen_thing *of)
{
    c->note = NEW(c->a, seen_note);
    *c->note = (seen_note){ person, org, S("link"), SEEN_MAIL, *of };
    c->note_realm = r;
}

bool walk_notes(const walk *w)
{
    return w->c.note && !w->fault;
}

static err apply(txn *t, void *ctx)
{
    const walk *w = ctx;
    return seen_add(t, w->c.note, clock_now(&clock_system));
}

static void done(void *ctx, err result)
{
    walk *w = ctx;
    w->c.note = NULL;
    if (failed(result)) w->answer = (api_answer){ 0 }; /* what was read is not told */
    if (failed(result)) w->gzip = false;
    (void)walk_fail(w, result);
    w->waiter(w);
}

void walk_note(walk *w)
{
    w->job = (write_job){ .apply = apply, .done = done, .ctx = w };
    err e = store_submit(w->c.note_realm->store, &w->job);
    if (failed(e)) done(w, e);
}
