/* outbox_test.c - the outbox: held, then sent by portal and mail; refused, tried again, failed;
 * withheld outside the live realm; sent again after a crash under the same Message-ID; acknowledged
 * by link. The relay is a function of ours that remembers what it was handed. On both stores. */
#include "unit/unit.h"

#include "access/auth/auth.h"
#include "access/site.h"
#include "base/texts.h"
#include "common/outbox/ack.h"
#include "common/outbox/delivery.h"
#include "common/outbox/mail.h"
#include "common/outbox/outbox.h"
#include "support/nation.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sodium.h>
#include <unistd.h>

enum { SETTLE_MS = 20000, HOLD_S = 30, POST_MAX = 16 };

/* ---- a relay ---- */

static struct {
    /* the outbox's thread asks, the test's tells */
    atomic_int n, code; /* code 0: accepts; else its reply */
    atomic_bool absent, swallow;
    char message[POST_MAX][16384], to[POST_MAX][128];
    void (*done)(void *, err, const mail_result *);
    void *swallowed[POST_MAX];
    int n_swallowed;
} relay;

static err relay_send(struct courier *c, const mail_job *job,
        void (*done)(void *, err, const mail_result *), void *ctx)
{
    if (relay.absent) return ERR(E_BUSY, "error.courier.absent");
    assert_int_equal(job->n_to, 1);
    assert_true(relay.n < POST_MAX && job->message.n < sizeof relay.message[0]);
    snprintf(relay.message[relay.n], sizeof relay.message[0], "%.*s", STR_ARG(job->message));
    snprintf(relay.to[relay.n], sizeof relay.to[0], "%.*s", STR_ARG(job->to[0]));
    relay.n++;
    mail_rcpt rcpt = { .to = job->to[0],
        .accepted = !relay.code,
        .code = relay.code ? relay.code : 250,
        .text = relay.code ? S("mailbox full") : S("ok") };
    mail_result r = { .code = rcpt.code, .text = rcpt.text, .rcpts = &rcpt, .n_rcpts = 1 };
    if (relay.swallow) {
        relay.done = done;
        relay.swallowed[relay.n_swallowed++] = ctx;
        return OK;
    }
    done(ctx, relay.code ? ERR(E_PEER, "error.access.absent") : OK, &r);
    return OK;
}

/* The value of a header of message i, up to its line's end. */
static str header(int i, const char *name)
{
    char *at = strstr(relay.message[i], name);
    assert_non_null(at);
    at += strlen(name);
    return (str){ at, strcspn(at, "\r\n") };
}

/* ---- a notice ---- */

typedef struct {
    nation *n;
    int64_t org, focal, technical, notice;
    outbox *x;
    outbox_options o;
} scene;

static err add_notice(txn *t, void *ctx)
{
    scene *s = ctx;
    const notice_handle *h;
    arena *a = txn_arena(t);
    viewer sys;
    size_t added;
    instant at = { txn_now(t).us + HOLD_S * US_PER_S };
    notice_draft d = { .owner = s->n->r.site_org,
        .number = S("N-2026-000001"),
        .org = s->org,
        .subject = texts_make(a, S("Open database"), S("کھلا ڈیٹا بیس")),
        .body = texts_make(a, S("Where: 10.0.0.1"), S("کہاں: 10.0.0.1")),
        .kind = S("open-mongodb"),
        .severity = SEVERITY_HIGH,
        .findings = 1,
        .held_until = at,
        .due = { at.us + US_PER_DAY },
        .state = S("held") };
    TRY(viewer_system(t, &sys));
    TRY(site_audience_strict(t, s->n->r.national_grp, &d.audience));
    TRY(notice_insert(t, &sys, &d, LEDGER_notice_written, &h));
    s->notice = h->row;
    TRY(delivery_add(t, &s->n->r, &sys,
            &(delivery_address){ .notice = h->row, .org = s->org, .lang = S("ur"), .at = at },
            NULL));
    TRY(delivery_add_contacts(t, &s->n->r, &sys, h->row, s->org, SEVERITY_HIGH, at, &added));
    assert_int_equal(added, 2);
    return OK;
}

static scene *scene_new(bool pg, realm_kind kind)
{
    scene *s = calloc(1, sizeof *s);
    memset(&relay, 0, sizeof relay);
    s->n = nation_new(pg, kind);
    s->org = nation_org(s->n, "energy", "ur");
    s->focal = nation_person(s->n, s->org, "focal@energy.example", "ur", "focal", "active");
    s->technical = nation_person(s->n, s->org, "tech@energy.example", "en", "technical", "invited");
    nation_person(s->n, s->org, "gone@energy.example", "en", "focal", "disabled");
    nation_person(s->n, s->org, "boss@energy.example", "en", "management", "active");
    assert_ok(store_write(s->n->ts->s, add_notice, s));
    s->o = (outbox_options){ .send = relay_send,
        .public_url = S("https://minar.example"),
        .site_name_en = S("National CERT"),
        .site_name_ur = S("قومی سرٹ"),
        .link_us = 72 * 3600 * US_PER_S,
        .from = S("notices@cert.example"),
        .host = S("relay.example"),
        .port = 25 };
    assert_ok(zone_find(S("Asia/Karachi"), &s->o.zone));
    return s;
}

static void run(scene *s)
{
    if (!s->x) assert_ok(outbox_start(&s->n->r, &s->o, &s->x));
    assert_true(outbox_settle(s->x, SETTLE_MS));
}

static void stop(scene *s)
{
    outbox_stop(s->x);
    s->x = NULL;
}

static const delivery_handle *read_delivery(txn *t, int64_t row)
{
    const delivery_handle *d;
    viewer sys;
    assert_ok(viewer_system(t, &sys));
    assert_ok(delivery_read_row(t, &sys, row, &d));
    return d;
}

static void state_is(scene *s, int64_t delivery, const char *want)
{
    CLEANUP(txn_end_p) txn *t = nation_read(s->n);
    assert_str(read_delivery(t, delivery)->now.state, want);
}

static void notice_is(scene *s, const char *want)
{
    CLEANUP(txn_end_p) txn *t = nation_read(s->n);
    const notice_handle *h;
    viewer sys;
    assert_ok(viewer_system(t, &sys));
    assert_ok(notice_read_row(t, &sys, s->notice, &h));
    assert_str(h->now.state, want);
}

/* Portal is delivery 1, the focal person's mail 2, the technical one's 3. */
static void held_then_sent(void **state)
{
    scene *s = *state;
    run(s);
    assert_int_equal(relay.n, 0);
    {
        CLEANUP(txn_end_p) txn *t = nation_read(s->n);
        viewer v = nation_viewer(s->n, t, s->focal);
        const notice_handle *h;
        assert_fails(notice_read_row(t, &v, s->notice, &h), E_ABSENT, "error.access.absent");
    }
    nation_pass(s->n, HOLD_S + 1);
    run(s);
    assert_int_equal(relay.n, 2);
    for (int64_t d = 1; d <= 3; d++)
        state_is(s, d, "sent");
    notice_is(s, "sent");
    CLEANUP(txn_end_p) txn *t = nation_read(s->n);
    viewer v = nation_viewer(s->n, t, s->focal);
    const notice_handle *h;
    assert_ok(notice_read_row(t, &v, s->notice, &h));
}

/* The text part of message i, decoded if need be. */
static str text_of(int i, arena *a)
{
    char *at = strstr(relay.message[i], "text/plain"), *body = at ? strstr(at, "\r\n\r\n") : NULL;
    assert_non_null(body);
    str head = { at, (size_t)(body - at) };
    str rest = { body + 4, strlen(body + 4) };
    ptrdiff_t end = str_find(rest, S("\r\n--"));
    if (end >= 0) rest = str_sub(rest, 0, (size_t)end);
    if (str_find(head, S("base64")) < 0) return rest;
    uint8_t *out = arena_alloc(a, rest.n);
    size_t n = 0;
    assert_int_equal(sodium_base642bin(out, rest.n, rest.p, rest.n, "\r\n", &n, NULL,
                             sodium_base64_VARIANT_ORIGINAL),
            0);
    return (str){ (const char *)out, n };
}

static void says_no_details(void **state)
{
    scene *s = *state;
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 22);
    nation_pass(s->n, HOLD_S + 1);
    run(s);
    for (int i = 0; i < relay.n; i++) {
        bool urdu = !strcmp(relay.to[i], "focal@energy.example");
        str text = text_of(i, a);
        assert_true(str_find(text, S("10.0.0.1")) < 0);
        assert_true(str_find(text, S("N-2026-000001")) >= 0);
        assert_true(str_find(text, S("https://minar.example/l/")) >= 0);
        assert_true(str_find(text, urdu ? S("قومی سرٹ") : S("National CERT")) >= 0);
        assert_true((str_find((str){ relay.message[i], strlen(relay.message[i]) },
                             S("Content-Language: ur")) >= 0) == urdu);
    }
}

static void refused_for_now(void **state)
{
    scene *s = *state;
    static const int64_t minutes[] = { 1, 5, 15, 60, 60 };
    relay.code = 452;
    nation_pass(s->n, HOLD_S + 1);
    run(s);
    notice_is(s, "sent"); /* the portal shows it */
    for (int i = 0; i < 5; i++) {
        CLEANUP(txn_end_p) txn *t = nation_read(s->n);
        const delivery_handle *d = read_delivery(t, 2);
        assert_str(d->now.state, "queued");
        assert_int_equal(d->now.attempts, i + 1);
        assert_str(d->now.last_error, "452 mailbox full");
        relay.n = 0;
        nation_pass(s->n, minutes[i] * 60 - 1);
        run(s);
        assert_int_equal(relay.n, 0);
        nation_pass(s->n, 1);
        run(s);
        assert_int_equal(relay.n, 2);
    }
    state_is(s, 2, "failed");
    state_is(s, 3, "failed");
}

static void refused_for_good(void **state)
{
    scene *s = *state;
    relay.code = 550;
    nation_pass(s->n, HOLD_S + 1);
    run(s);
    state_is(s, 2, "failed");
    assert_int_equal(relay.n, 2);
}

static void no_courier_is_no_attempt(void **state)
{
    scene *s = *state;
    relay.absent = true;
    nation_pass(s->n, HOLD_S + 1);
    run(s);
    {
        CLEANUP(txn_end_p) txn *t = nation_read(s->n);
        assert_int_equal(read_delivery(t, 2)->now.attempts, 0);
    }
    relay.absent = false;
    nation_pass(s->n, 61);
    run(s);
    state_is(s, 2, "sent");
}

/* The program ends after the relay took the mail and before that was written down. */
static void crash_sends_again(void **state)
{
    scene *s = *state;
    char id[256];
    nation_pass(s->n, HOLD_S + 1);
    relay.swallow = true;
    assert_ok(outbox_start(&s->n->r, &s->o, &s->x));
    for (int i = 0; i < 2000 && relay.n < 2; i++)
        usleep(5000);
    assert_int_equal(relay.n, 2);
    int first = !strcmp(relay.to[0], "focal@energy.example") ? 0 : 1;
    snprintf(id, sizeof id, "%.*s", STR_ARG(header(first, "Message-ID: ")));
    state_is(s, 2, "sending");
    /* What the crash lost: both outcomes. The outbox that waits for them is left behind. */
    outbox *old = s->x;
    s->x = NULL;
    relay.swallow = false;
    relay.n = 0;
    run(s);
    assert_int_equal(relay.n, 0);
    nation_pass(s->n, 3600);
    run(s);
    assert_int_equal(relay.n, 2);
    first = !strcmp(relay.to[0], "focal@energy.example") ? 0 : 1;
    assert_str(header(first, "Message-ID: "), id);
    state_is(s, 2, "sent");
    for (int i = 0; i < relay.n_swallowed; i++)
        relay.done(relay.swallowed[i], ERR(E_BUSY, "error.courier.gone"), NULL);
    outbox_stop(old);
    state_is(s, 2, "sent");
}

static void withheld_in_demo(void **state)
{
    scene *s = *state;
    nation_pass(s->n, HOLD_S + 1);
    run(s);
    assert_int_equal(relay.n, 0);
    state_is(s, 1, "sent");
    state_is(s, 2, "withheld");
    state_is(s, 3, "withheld");
    notice_is(s, "sent");
}

/* ---- acknowledging ---- */

typedef struct {
    scene *s;
    str token;
    int64_t delivery, person;
} pressing;

static err press(txn *t, void *ctx)
{
    pressing *p = ctx;
    return ack_by_link(t, &p->s->n->r, p->delivery, p->person);
}

static err press_link(txn *t, void *ctx)
{
    pressing *p = ctx;
    link_facts f;
    TRY(link_take(t, p->token, &f));
    assert_int_equal(f.kind, LINK_ACKNOWLEDGE);
    return ack_by_link(t, &p->s->n->r, f.subject, f.person);
}

static str token_in(str text)
{
    ptrdiff_t at = str_find(text, S("/l/"));
    assert_true(at >= 0);
    str rest = str_sub(text, (size_t)at + 3, text.n);
    size_t n = 0;
    while (n < rest.n && (unsigned char)rest.p[n] > 32)
        n++;
    return str_sub(rest, 0, n);
}

static void acknowledged_by_link(void **state)
{
    scene *s = *state;
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 22);
    relay.code = 452;
    nation_pass(s->n, HOLD_S + 1);
    run(s);
    stop(s);
    int first = !strcmp(relay.to[0], "focal@energy.example") ? 0 : 1;
    pressing p = {
        .s = s, .token = token_in(text_of(first, a)), .delivery = 2, .person = s->focal
    };
    assert_ok(store_write(s->n->ts->s, press_link, &p));
    notice_is(s, "acknowledged");
    state_is(s, 2, "acknowledged");
    state_is(s, 3, "undone"); /* need not be sent any more */
    assert_fails(store_write(s->n->ts->s, press_link, &p), E_ABSENT, "error.access.link_ended");
    assert_ok(store_write(s->n->ts->s, press, &p)); /* again changes nothing */
    CLEANUP(txn_end_p) txn *t = nation_read(s->n);
    const notice_handle *h;
    viewer sys;
    str words;
    assert_ok(viewer_system(t, &sys));
    assert_ok(notice_read_row(t, &sys, s->notice, &h));
    assert_int_equal(h->now.acknowledged_by, s->focal);
    assert_ok(ack_notice_words(t, a, 2, LANG_EN, &words));
    assert_str(words, "N-2026-000001: Open database");
}

static void links_are_personal(void **state)
{
    scene *s = *state;
    nation_pass(s->n, HOLD_S + 1);
    run(s);
    pressing other = { .s = s, .delivery = 2, .person = s->technical };
    assert_fails(store_write(s->n->ts->s, press, &other), E_ABSENT, "error.access.link_ended");
    pressing invited = { .s = s, .delivery = 3, .person = s->technical };
    assert_ok(store_write(s->n->ts->s, press, &invited));
    notice_is(s, "acknowledged");
}

/* ---- other mail ---- */

static err invite(txn *t, void *ctx)
{
    scene *s = ctx;
    const person_handle *p;
    viewer sys;
    TRY(viewer_system(t, &sys));
    TRY(person_read_row(t, &sys, s->technical, &p));
    return outbox_mail_invitation(t, &s->n->r, p, S("https://minar.example/l/live.secret"));
}

static void invitations_leave(void **state)
{
    scene *s = *state;
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 22);
    assert_ok(store_write(s->n->ts->s, invite, s));
    run(s);
    assert_int_equal(relay.n, 1);
    assert_string_equal(relay.to[0], "tech@energy.example");
    assert_true(str_find(text_of(0, a), S("https://minar.example/l/live.secret")) >= 0);
    run(s);
    assert_int_equal(relay.n, 1);
}

static void invitations_stay_in_demo(void **state)
{
    scene *s = *state;
    assert_ok(store_write(s->n->ts->s, invite, s));
    run(s);
    assert_int_equal(relay.n, 0);
}

static int setup_sqlite(void **state)
{
    return (*state = scene_new(false, REALM_LIVE)) == NULL;
}

static int setup_pg(void **state)
{
    return (*state = scene_new(true, REALM_LIVE)) == NULL;
}

static int setup_demo(void **state)
{
    return (*state = scene_new(false, REALM_DEMO)) == NULL;
}

static int teardown(void **state)
{
    scene *s = *state;
    outbox_stop(s->x);
    nation_free(s->n);
    free(s);
    return 0;
}

#define BOTH(fn)                                                                                   \
    { #fn " sqlite", fn, setup_sqlite, teardown, NULL },                                           \
    {                                                                                              \
#fn " postgresql", fn, setup_pg, teardown, NULL                                            \
    }
#define DEMO(fn)                                                                                   \
    {                                                                                              \
#fn, fn, setup_demo, teardown, NULL                                                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = { BOTH(held_then_sent), BOTH(says_no_details),
        BOTH(refused_for_now), BOTH(refused_for_good), BOTH(no_courier_is_no_attempt),
        DEMO(withheld_in_demo), BOTH(acknowledged_by_link), BOTH(links_are_personal),
        BOTH(invitations_leave), DEMO(invitations_stay_in_demo), BOTH(crash_sends_again) };
    if (!stores_have_pg()) return 77;
    int result = cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
    stores_over();
    return result;
}
