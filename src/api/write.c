/* write.c - writer routes: prepare, then apply in the group's transaction; nothing is answered
 * before it is durable. Runs on the HTTP thread up to store_submit, then on the writer thread; the
 * walk and its arena go along. */
#include "api/walk.h"

static err apply_new(walk *w)
{
    walk_clear(w);
    bool held = false;
    if (w->c.route->two_person || w->c.route->may_hold) TRY(held_keep(w, &held));
    if (held) return OK;
    TRY(w->c.route->handle(&w->c));
    return idempotency_keep(w);
}

static err apply(txn *t, void *ctx)
{
    walk *w = ctx;
    bool found = false;
    w->c.t = t;
    w->answer = (api_answer){ 0 };
    err e = walk_still(w);
    if (!failed(e)) e = idempotency_find(w, &found);
    if (!failed(e) && !found) e = apply_new(w);
    w->c.t = NULL;
    return e;
}

static void done(void *ctx, err result)
{
    walk *w = ctx;
    if (failed(result)) w->answer = (api_answer){ 0 };
    (void)walk_fail(w, result);
    w->waiter(w);
}

static err submit(walk *w)
{
    if (w->c.route->prepare) TRY(w->c.route->prepare(&w->c));
    w->job = (write_job){ .apply = apply, .done = done, .ctx = w };
    return store_submit(w->c.realm->store, &w->job);
}

void walk_write(walk *w)
{
    walk_clear(w);
    if (!walk_fail(w, submit(w))) w->waiter(w);
}
