/* reaction.c - the thread that follows the ledger for a realm's reactions: reads the entries after
 * each cursor, has them acted on in a write transaction, waits, retries, parks. All state but
 * `seen` and `stop` is the thread's own. */
#include "common/reaction/reaction_in.h"
#include "access/site.h"
#include "base/log.h"
#include "base/time.h"
#include "gen/common/reaction/queries.h"
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { BATCH_FIRST = 32, BATCH_MAX = 512, SLICE_US = 10000, IDLE_MS = 200, SAVE_EVERY = 4096 };

typedef struct {
    const reaction_def *d;
    _Atomic int64_t seen; /* entries up to here are dealt with */
    int64_t saved;        /* the cursor in the store */
    size_t batch;         /* how many entries at once */
    int attempts;         /* failed ones of the entry at hand */
    int64_t retry_us;     /* monotonic; not before */
} runner;

struct reactions {
    realm *r;
    reactions_options o;
    pthread_t thread;
    atomic_bool stop;
    arena *a; /* of the batch at hand */
    runner at[REACTIONS_MAX];
    size_t n;
};

/* ---- reading a batch ---- */

typedef struct {
    reactions *x;
    const runner *u;
    ledger_item *items;
    size_t n;
} batch;

static err take_entry(void *ctx, const ledger_item *e)
{
    batch *b = ctx;
    if (!reaction_wants(b->u->d, e->type)) return OK;
    ledger_item *to = &b->items[b->n++];
    *to = *e;
    to->kind = str_copy(b->x->a, e->kind);
    to->body = str_copy(b->x->a, e->body);
    return OK;
}

/* Up to u->batch wanted entries; *ret_last is how far was read. */
static err read_batch(reactions *x, runner *u, int64_t head, batch *b, int64_t *ret_last)
{
    int64_t last = u->seen;
    arena_reset(x->a);
    *b = (batch){ .x = x, .u = u, .items = NEW_ARRAY(x->a, ledger_item, u->batch) };
    while (b->n < u->batch && last < head) {
        int64_t before = last;
        TRY(ledger_read(x->r->ledger, last, (int64_t)(u->batch - b->n), take_entry, b, &last));
        if (last == before) break;
    }
    *ret_last = last;
    return OK;
}

/* ---- acting ---- */

typedef struct {
    reactions *x;
    const runner *u;
    const ledger_item *items;
    size_t n;
    int64_t last; /* the cursor after it */
    str error;    /* when parking */
    int64_t took_us;
} acting;

static err save_cursor(txn *t, const acting *k)
{
    return reaction_cursor_set(t,
            &(reaction_cursor_set_args){ .name = str_of(k->u->d->name), .number = k->last }, NULL);
}

/* The depth rule is only worth what is held against it. */
static err check_written(txn *t, const reaction_def *d, int64_t before)
{
    ledger_types_after_row *rows;
    size_t n;
    TRY(ledger_types_after(
            t, &(ledger_types_after_args){ .row = before }, txn_arena(t), &rows, &n));
    for (size_t i = 0; i < n; i++)
        if (!reaction_may_write(d, ledger_type_of(rows[i].type)))
            return ERR2(E_BUG, "error.reaction.undeclared", str_of(d->name), rows[i].type);
    return OK;
}

static err act_apply(txn *t, void *ctx)
{
    acting *k = ctx;
    const reaction_def *d = k->u->d;
    ledger_last_row_row *before;
    int64_t began = monotonic_us();
    if (k->n) {
        TRY(ledger_last_row(t, txn_arena(t), &before));
        TRY(d->fn(t, k->x->r, d->ctx, k->items, k->n));
        TRY(check_written(t, d, before->row));
    }
    TRY(save_cursor(t, k));
    k->took_us = monotonic_us() - began;
    return OK;
}

static err park_apply(txn *t, void *ctx)
{
    acting *k = ctx;
    jsonw w = jsonw_new(txn_arena(t), 128);
    ledger_draft d = { .type = LEDGER_reaction_parked, .owner = k->x->r->site_org };
    TRY(site_audience_strict(t, k->x->r->national_grp, &d.audience));
    jw_obj(&w);
    jw_kstr(&w, "reaction", str_of(k->u->d->name));
    jw_ki64(&w, "entry", k->items[0].number);
    jw_end_obj(&w);
    d.more = jsonw_done(&w);
    TRY(parked_add(t,
            &(parked_add_args){ .name = str_of(k->u->d->name),
                    .entry = k->items[0].number,
                    .attempts = k->u->attempts,
                    .error = k->error,
                    .parked = txn_now(t) },
            NULL));
    TRY(ledger_append(t, &d));
    return save_cursor(t, k);
}

static void done_until(runner *u, int64_t last)
{
    u->saved = last;
    u->attempts = 0;
    atomic_store(&u->seen, last);
}

/* Bigger when it was quick, smaller when the writer's slice was passed. */
static void adapt(runner *u, size_t n, int64_t took_us)
{
    if (took_us > SLICE_US && u->batch > 1)
        u->batch = (u->batch + 1) / 2;
    else if (n == u->batch && took_us < SLICE_US / 2 && u->batch < BATCH_MAX)
        u->batch *= 2;
}

static void park(runner *u, acting *k, err why)
{
    k->error = fault_text(k->x->a, LANG_EN, why.f);
    err e = store_write(k->x->r->store, park_apply, k);
    if (!failed(e)) {
        log_err("reaction.parked", why);
        done_until(u, k->last);
        return;
    }
    log_err("reaction.park", e);
    u->retry_us = monotonic_us() + k->x->o.wait_us[0];
}

static void act_failed(runner *u, acting *k, err e)
{
    int64_t now = monotonic_us();
    err_code code = err_code_of(e);
    if (code == E_BUSY || code == E_IO) { /* the store's trouble, not the entry's */
        u->retry_us = now + k->x->o.wait_us[0];
        return;
    }
    if (k->n > 1) {
        u->batch = 1;
        return;
    }
    u->attempts++;
    if (u->attempts > REACTION_RETRIES) {
        park(u, k, e);
        return;
    }
    log_err("reaction.retry", e);
    u->retry_us = now + k->x->o.wait_us[u->attempts - 1];
}

/* True when there may be more to do at once. */
static bool act(reactions *x, runner *u, const batch *b, int64_t last)
{
    acting k = { .x = x, .u = u, .items = b->items, .n = b->n, .last = last };
    err e = store_write(x->r->store, act_apply, &k);
    if (failed(e)) {
        act_failed(u, &k, e);
        return u->retry_us <= monotonic_us();
    }
    done_until(u, last);
    adapt(u, k.n, k.took_us);
    return true;
}

static bool step(reactions *x, runner *u, int64_t head)
{
    batch b;
    int64_t last;
    if (u->seen >= head || u->retry_us > monotonic_us()) return false;
    err e = read_batch(x, u, head, &b, &last);
    if (failed(e)) {
        log_err("reaction.read", e);
        u->retry_us = monotonic_us() + x->o.wait_us[0];
        return false;
    }
    if (b.n || last - u->saved >= SAVE_EVERY) return act(x, u, &b, last);
    atomic_store(&u->seen, last);
    return false;
}

/* ---- the thread ---- */

static void *reactions_main(void *ctx)
{
    reactions *x = ctx;
    while (!atomic_load(&x->stop)) {
        int64_t head = ledger_head_now(x->r->ledger).size;
        bool more = false;
        for (size_t i = 0; i < x->n && !atomic_load(&x->stop); i++)
            more |= step(x, &x->at[i], head);
        if (!more) ledger_wait(x->r->ledger, head, IDLE_MS);
    }
    return NULL;
}

static err load(reactions *x, const reaction_def *defs, size_t n)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    reaction_cursor_row *c;
    TRY(txn_read(x->r->store, 0, &t));
    for (size_t i = 0; i < n; i++) {
        runner *u = &x->at[i];
        *u = (runner){ .d = &defs[i], .batch = BATCH_FIRST };
        err e = reaction_cursor(
                t, &(reaction_cursor_args){ .name = str_of(defs[i].name) }, txn_arena(t), &c);
        if (failed(e) && err_code_of(e) != E_ABSENT) return e;
        if (failed(e)) continue;
        u->saved = c->number;
        u->seen = c->number;
    }
    x->n = n;
    return OK;
}

static void set_waits(reactions *x, const reactions_options *o)
{
    static const int64_t usual_s[REACTION_RETRIES] = { 1, 10, 60 };
    if (o) x->o = *o;
    for (int i = 0; i < REACTION_RETRIES; i++)
        if (x->o.wait_us[i] == 0) x->o.wait_us[i] = usual_s[i] * US_PER_S;
}

err reactions_start(
        realm *r, const reaction_def *defs, size_t n, const reactions_options *o, reactions **ret)
{
    TRY(reaction_check(defs, n));
    reactions *x = calloc(1, sizeof *x);
    ASSERT(x);
    x->r = r;
    x->a = arena_new((size_t)256 << 20);
    set_waits(x, o);
    err e = load(x, defs, n);
    if (!failed(e) && pthread_create(&x->thread, NULL, reactions_main, x))
        e = err_errno("error.store.thread", S("reactions"));
    if (failed(e)) {
        arena_free(x->a);
        free(x);
        return e;
    }
    r->slots[SLOT_REACTIONS] = x;
    *ret = x;
    return OK;
}

void reactions_stop(reactions *x)
{
    if (!x) return;
    atomic_store(&x->stop, true);
    pthread_join(x->thread, NULL);
    x->r->slots[SLOT_REACTIONS] = NULL;
    arena_free(x->a);
    free(x);
}

int64_t reactions_behind(reactions *x)
{
    int64_t head = ledger_head_now(x->r->ledger).size, most = 0;
    for (size_t i = 0; i < x->n; i++) {
        int64_t behind = head - atomic_load(&x->at[i].seen);
        if (behind > most) most = behind;
    }
    return most;
}

bool reactions_settle(reactions *x, int timeout_ms)
{
    int64_t until = monotonic_us() + timeout_ms * US_PER_MS;
    while (reactions_behind(x)) {
        if (monotonic_us() > until) return false;
        usleep(2000);
    }
    return true;
}
