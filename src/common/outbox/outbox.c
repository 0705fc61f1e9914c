/* outbox.c - see outbox.h. The thread works in passes: write down what the courier said, then let
 * leave what is due. Shared with the courier's thread: the list of ended mails, under a lock. */
#include "common/outbox/outbox.h"
#include "base/log.h"
#include "base/time.h"
#include "common/outbox/dkim_sign.h"
#include "common/outbox/mail_protect.h"
#include "common/outbox/paper.h"
#include "common/outbox/post.h"
#include "common/outbox/sending.h"
#include "gen/common/outbox/queries.h"
#include "ledger/ledger.h"
#include "proc/courier.h"
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    SLICE = 16,
    IN_HAND_MAX = 32,
    POSTS_IN_HAND_MAX = 32, /* beside the mail: a slow receiver holds up no relay */
    IDLE_MS = 500,
    HURRY_MS = 10,
    PUT_OFF_S = 3600,
    JOBS_A_PASS = 4
};

struct outbox {
    realm *r;
    outbox_options o;
    char who[64];
    pthread_t thread;
    atomic_bool stop, hurry;
    atomic_int away;      /* in the courier's hands */
    atomic_int open;      /* mail handed over and not yet written down */
    atomic_int posts;     /* the same of what leaves by HTTP */
    _Atomic int64_t idle; /* passes that found nothing to do */
    int slice;            /* the thread's: how many at once, 1 after a fault */
    pthread_mutex_t lock; /* ended */
    sending *ended;
};

static bool has_courier(const outbox *x)
{
    return x->r->kind == REALM_LIVE && (x->o.courier || x->o.post);
}

static bool is_post(const sending *s)
{
    return s->kind == SENDING_POST || s->kind == SENDING_TEST;
}

static atomic_int *in_hand(outbox *x, const sending *s)
{
    return is_post(s) ? &x->posts : &x->open;
}

static bool has_relay(const outbox *x)
{
    return x->o.host.n && x->o.from.n && (x->o.courier || x->o.send);
}

/* ---- writing down ---- */

static sending *take_ended(outbox *x)
{
    pthread_mutex_lock(&x->lock);
    sending *s = x->ended;
    x->ended = NULL;
    pthread_mutex_unlock(&x->lock);
    return s;
}

static void put_ended(outbox *x, sending *s)
{
    pthread_mutex_lock(&x->lock);
    s->next = x->ended;
    x->ended = s;
    pthread_mutex_unlock(&x->lock);
}

typedef struct {
    outbox *x;
    const sending *s;
} recording;

static err record_apply(txn *t, void *ctx)
{
    recording *k = ctx;
    viewer sys;
    TRY(viewer_system(t, &sys));
    return sending_record(t, &sys, &k->x->o, str_of(k->x->who), k->s);
}

/* One that cannot be written down now is kept for the next pass, or given up: its lease ends. */
static bool record_one(outbox *x, sending *s)
{
    recording k = { x, s };
    err e = store_write(x->r->store, record_apply, &k);
    if (err_code_of(e) == E_BUSY) {
        put_ended(x, s);
        return false;
    }
    if (failed(e)) log_err("outbox.record", e);
    atomic_fetch_sub(in_hand(x, s), 1);
    sending_free(s);
    return true;
}

static bool record_ended(outbox *x)
{
    bool any = false;
    for (sending *s = take_ended(x), *next; s; s = next) {
        next = s->next;
        any |= record_one(x, s);
    }
    return any;
}

/* ---- letting leave ---- */

typedef struct {
    outbox *x;
    viewer sys;
    sending *begun; /* to be handed over once this is durable */
    int room;       /* for more mail in hand */
    int post_room;  /* for more that leaves by HTTP */
    int64_t row;    /* the delivery at hand */
    size_t moved;
    post_due_row taken[2 * SLICE]; /* posts of this pass */
    size_t n_taken;
} leaving;

static void begin(leaving *k, sending *s)
{
    if (!s) return;
    s->next = k->begun;
    k->begun = s;
    if (is_post(s))
        k->post_room--;
    else
        k->room--;
}

/* The hold is over. */
static err leave_held(txn *t, leaving *k)
{
    const delivery_handle *d;
    const outbox_options *o = &k->x->o;
    TRY(delivery_hold_row(t, &k->sys, k->row, &d));
    if (o->ready) TRY(o->ready(t, k->x->r, o->ready_ctx, d->parent));
    if (str_eq(d->now.channel, S("portal"))) return delivery_send_portal(t, &k->sys, d);
    TRY(notice_leaves(t, &k->sys, d->parent));
    if (str_eq(d->now.channel, S("letter"))) return paper_write(t, k->x->r, &k->sys, &o->paper, d);
    if (k->x->r->kind != REALM_LIVE)
        return delivery_move(t, &k->sys, d, S("withheld"), LEDGER_delivery_changed);
    return delivery_move(t, &k->sys, d, S("queued"), LEDGER_NONE);
}

static err leave_queued(txn *t, leaving *k)
{
    sending *s;
    TRY(sending_of_delivery(t, k->x->r, &k->sys, &k->x->o, k->row, &s));
    begin(k, s);
    return OK;
}

static err leave_due(txn *t, leaving *k, str state, int64_t limit, err (*one)(txn *t, leaving *k))
{
    delivery_due_row *rows;
    size_t n;
    TRY(delivery_due(t, &(delivery_due_args){ .state = state, .now = txn_now(t), .limit = limit },
            txn_arena(t), &rows, &n));
    for (size_t i = 0; i < n; i++) {
        k->row = rows[i].row;
        TRY(one(t, k));
        k->moved++;
    }
    k->row = 0;
    return OK;
}

static err leave_jobs(txn *t, leaving *k)
{
    for (int i = 0; i < JOBS_A_PASS && k->room > 0; i++) {
        sending *s;
        err e = sending_of_job(t, &k->x->o, str_of(k->x->who), &s);
        if (err_code_of(e) == E_ABSENT) return OK;
        TRY(e);
        begin(k, s);
        k->moved++;
    }
    return OK;
}

/* One at a time to each receiver: the others of its messages come with the next passes. */
static bool under_way(const leaving *k, const post_due_row *d)
{
    for (size_t i = 0; i < k->n_taken; i++)
        if (k->taken[i].org == d->org && str_eq(k->taken[i].channel, d->channel))
            return !str_eq(d->channel, S("sms"));
    return false;
}

static err leave_posts_in(txn *t, leaving *k, str state)
{
    post_due_row *rows;
    size_t n;
    if (k->post_room < 1) return OK;
    TRY(post_due(t, &(post_due_args){ .state = state, .now = txn_now(t), .limit = k->x->slice },
            txn_arena(t), &rows, &n));
    for (size_t i = 0; i < n && k->post_room > 0; i++) {
        sending *s;
        if (under_way(k, &rows[i])) continue;
        k->row = rows[i].row;
        TRY(sending_of_post(t, &k->sys, &k->x->o, k->row, &s));
        begin(k, s);
        k->moved++;
        if (s) k->taken[k->n_taken++] = rows[i];
    }
    k->row = 0;
    return OK;
}

static err leave_tests(txn *t, leaving *k)
{
    channel_test_due_row *rows;
    size_t n;
    TRY(channel_test_due(t, &(channel_test_due_args){ .now = txn_now(t), .limit = JOBS_A_PASS },
            txn_arena(t), &rows, &n));
    for (size_t i = 0; i < n && k->post_room > 0; i++) {
        sending *s;
        TRY(sending_of_test(t, &k->sys, &k->x->o, rows[i].row, &s));
        begin(k, s);
        k->moved++;
    }
    return OK;
}

static err leave_posts(txn *t, leaving *k)
{
    if (!has_courier(k->x)) return OK;
    TRY(leave_posts_in(t, k, S("queued")));
    TRY(leave_posts_in(t, k, S("sending")));
    return leave_tests(t, k);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static err leave_apply(txn *t, void *ctx)
{
    leaving *k = ctx;
    int64_t slice = k->x->slice;
    TRY(viewer_system(t, &k->sys));
    TRY(leave_due(t, k, S("held"), slice, leave_held));
    TRY(leave_posts(t, k));
    if (!has_relay(k->x) || k->x->r->kind != REALM_LIVE) return OK;
    if (k->room > 0) TRY(leave_due(t, k, S("queued"), least(slice, k->room), leave_queued));
    if (k->room > 0) TRY(leave_due(t, k, S("sending"), least(slice, k->room), leave_queued));
    return leave_jobs(t, k);
}

/* ---- handing over ---- */

static void mail_ended(void *ctx, err e, const mail_result *r)
{
    sending *s = ctx;
    outbox *x = s->owner;
    sending_end(s, e, r);
    put_ended(x, s);
    atomic_fetch_sub(&x->away, 1);
}

static bool answer_came(void *ctx, str part)
{
    sending *s = ctx;
    size_t room = POST_ANSWER_MAX - s->answer.n;
    s->answer = str_cat(s->a, s->answer, str_sub(part, 0, room));
    return true;
}

static void post_ended(void *ctx, err e, const fetch_result *r)
{
    sending *s = ctx;
    outbox *x = s->owner;
    post_end(s, e, r, clock_now(&clock_system));
    put_ended(x, s);
    atomic_fetch_sub(&x->away, 1);
}

static void hand_over_post(outbox *x, sending *s)
{
    const outbox_options *o = &x->o;
    s->owner = x;
    s->sms = &o->sms;
    atomic_fetch_add(&x->posts, 1);
    atomic_fetch_add(&x->away, 1);
    err e = o->post ? o->post(o->courier, &s->post, answer_came, post_ended, s)
                    : courier_fetch(o->courier, &s->post, answer_came, post_ended, s);
    if (failed(e)) post_ended(s, e, NULL);
}

static void hand_over(outbox *x, sending *s)
{
    const outbox_options *o = &x->o;
    err e = mail_protect(s->a, o, s->way, s->key, &s->message);
    if (!failed(e)) e = dkim_sign(s->a, o, &s->message);
    mail_job job = { .endpoint = ENDPOINT_CONFIGURED,
        .host = o->host,
        .port = o->port,
        .security = o->security,
        .user = o->user,
        .password = o->password,
        .from = s->envelope,
        .to = &s->to,
        .n_to = 1,
        .message = s->message };
    s->owner = x;
    atomic_fetch_add(&x->open, 1);
    atomic_fetch_add(&x->away, 1);
    if (!failed(e))
        e = o->send ? o->send(o->courier, &job, mail_ended, s)
                    : courier_send(o->courier, &job, mail_ended, s);
    if (failed(e)) mail_ended(s, e, NULL);
}

/* ---- a fault ---- */

typedef struct {
    int64_t row;
    str words;
} putting_off;

static err put_off_apply(txn *t, void *ctx)
{
    putting_off *p = ctx;
    return delivery_put_off(t,
            &(delivery_put_off_args){ .row = p->row,
                    .error = p->words,
                    .until = { txn_now(t).us + PUT_OFF_S * US_PER_S } },
            NULL);
}

/* What breaks a slice is found by going one at a time, and put off so that others pass. */
static bool leave_failed(outbox *x, const leaving *k, err e)
{
    log_err("outbox.leave", e);
    for (sending *s = k->begun, *next; s; s = next) {
        next = s->next;
        sending_free(s);
    }
    if (err_code_of(e) == E_BUSY || err_code_of(e) == E_IO) return false;
    if (x->slice > 1 || k->row == 0) {
        bool again = x->slice > 1;
        x->slice = 1;
        return again;
    }
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    putting_off p = { k->row, delivery_cut(fault_text(a, LANG_EN, e.f), DELIVERY_WORDS_BYTES) };
    err off = store_write(x->r->store, put_off_apply, &p);
    if (failed(off)) log_err("outbox.put_off", off);
    return !failed(off);
}

static bool let_leave(outbox *x)
{
    leaving k = { .x = x,
        .room = IN_HAND_MAX - atomic_load(&x->open),
        .post_room = POSTS_IN_HAND_MAX - atomic_load(&x->posts) };
    err e = store_write(x->r->store, leave_apply, &k);
    if (failed(e)) return leave_failed(x, &k, e);
    if (x->slice < SLICE) x->slice *= 2;
    for (sending *s = k.begun, *next; s; s = next) {
        next = s->next;
        if (is_post(s))
            hand_over_post(x, s);
        else
            hand_over(x, s);
    }
    return k.moved > 0;
}

static err any_post(const outbox *x, txn *t, bool *ret)
{
    static const char *const states[] = { "queued", "sending" };
    post_due_row *rows;
    channel_test_due_row *tests;
    size_t n = 0;
    if (!has_courier(x) || atomic_load(&x->posts) >= POSTS_IN_HAND_MAX) return OK;
    for (size_t i = 0; i < ARRAY_LEN(states) && !n; i++)
        TRY(post_due(t,
                &(post_due_args){ .state = str_of(states[i]), .now = txn_now(t), .limit = 1 },
                txn_arena(t), &rows, &n));
    if (!n)
        TRY(channel_test_due(t, &(channel_test_due_args){ .now = txn_now(t), .limit = 1 },
                txn_arena(t), &tests, &n));
    *ret = n > 0;
    return OK;
}

/* A read first: a pass that finds nothing costs no write. */
static err anything_due(outbox *x, bool *ret)
{
    static const char *const states[] = { "held", "queued", "sending" };
    CLEANUP(txn_end_p) txn *t = NULL;
    delivery_due_row *rows;
    mail_due_row *jobs;
    size_t n = 0;
    bool mail = has_relay(x) && x->r->kind == REALM_LIVE && atomic_load(&x->open) < IN_HAND_MAX;
    TRY(txn_read(x->r->store, 0, &t));
    for (size_t i = 0; i < (mail ? 3 : 1) && !n; i++)
        TRY(delivery_due(t,
                &(delivery_due_args){ .state = str_of(states[i]), .now = txn_now(t), .limit = 1 },
                txn_arena(t), &rows, &n));
    if (!n && mail)
        TRY(mail_due(t, &(mail_due_args){ .now = txn_now(t) }, txn_arena(t), &jobs, &n));
    *ret = n > 0;
    return *ret ? OK : any_post(x, t, ret);
}

/* ---- the thread ---- */

static bool make_letter(outbox *x)
{
    bool more = false;
    err e = paper_make_next(x->r, &x->o.paper, &more);
    if (failed(e)) log_err("outbox.letter", e);
    return more;
}

static bool pass(outbox *x)
{
    bool due = false, more = record_ended(x);
    err e = anything_due(x, &due);
    if (failed(e)) log_err("outbox.read", e);
    more |= due && let_leave(x);
    return make_letter(x) || more;
}

static void *outbox_main(void *ctx)
{
    outbox *x = ctx;
    while (!atomic_load(&x->stop)) {
        int64_t head = ledger_head_now(x->r->ledger).size;
        if (pass(x)) continue;
        atomic_fetch_add(&x->idle, 1);
        bool quick = atomic_load(&x->hurry) || atomic_load(&x->away) > 0;
        ledger_wait(x->r->ledger, head, quick ? HURRY_MS : IDLE_MS);
    }
    return NULL;
}

err outbox_start(realm *r, const outbox_options *o, outbox **ret)
{
    outbox *x = calloc(1, sizeof *x);
    id128 id = id_new();
    ASSERT(x && o->zone);
    x->r = r;
    x->o = *o;
    x->slice = SLICE;
    memcpy(x->who, "outbox-", 7);
    id_put(x->who + 7, id);
    pthread_mutex_init(&x->lock, NULL);
    if (r->kind == REALM_LIVE && !has_relay(x))
        log_line(LOG_WARN, "outbox.no_relay", "mail=waits set=mail.smtp_url,mail.from");
    if (pthread_create(&x->thread, NULL, outbox_main, x)) {
        pthread_mutex_destroy(&x->lock);
        free(x);
        return err_errno("error.store.thread", S("outbox"));
    }
    r->slots[SLOT_OUTBOX] = x;
    *ret = x;
    return OK;
}

void outbox_stop(outbox *x)
{
    if (!x) return;
    atomic_store(&x->stop, true);
    pthread_join(x->thread, NULL);
    while (atomic_load(&x->away) > 0)
        usleep(5000);
    record_ended(x);
    for (sending *s = take_ended(x), *next; s; s = next) {
        next = s->next;
        sending_free(s);
    }
    x->r->slots[SLOT_OUTBOX] = NULL;
    pthread_mutex_destroy(&x->lock);
    free(x);
}

bool outbox_settle(outbox *x, int timeout_ms)
{
    int64_t until = monotonic_us() + timeout_ms * US_PER_MS, from = atomic_load(&x->idle) + 2;
    bool settled = false;
    atomic_store(&x->hurry, true);
    while (!(settled = atomic_load(&x->idle) >= from && atomic_load(&x->open) == 0 &&
                       atomic_load(&x->posts) == 0) &&
            monotonic_us() < until)
        usleep(2000);
    atomic_store(&x->hurry, false);
    return settled;
}
