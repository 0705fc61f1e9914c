/* auth_test.c - sessions, keys, links, passwords and their throttle, over a founded site on both
 * stores. */
#include "unit/unit.h"

#include "access/auth/auth.h"
#include "access/auth/throttle.h"
#include "access/auth/token.h"
#include "support/nation.h"

typedef struct {
    nation *n;
    int64_t person;
    str cookie, token, hash;
    arena *a;
    link_kind kind;
    int64_t valid_us;
    link_facts facts;
} ground;

static err open_session(txn *t, void *ctx)
{
    ground *g = ctx;
    str cookie;
    TRY(session_open(t, &g->n->r, g->person, S("password"), &cookie));
    g->cookie = str_copy(g->a, cookie);
    return OK;
}

static err close_session(txn *t, void *ctx)
{
    ground *g = ctx;
    str cookie;
    viewer v = { .person = g->person };
    return session_close(t, &v, g->cookie, &cookie);
}

static err make_link(txn *t, void *ctx)
{
    ground *g = ctx;
    str token;
    TRY(link_make(t, &g->n->r, g->kind, g->person, 0, g->valid_us, &token));
    g->token = str_copy(g->a, token);
    return OK;
}

static err take_link(txn *t, void *ctx)
{
    ground *g = ctx;
    return link_take(t, g->token, &g->facts);
}

static err keep_password(txn *t, void *ctx)
{
    ground *g = ctx;
    return password_keep(t, g->person, g->hash);
}

static void a_link_works_once(ground *g)
{
    store *s = g->n->ts->s;
    g->kind = LINK_INVITE;
    g->valid_us = 3600 * US_PER_S;
    assert_ok(store_write(s, make_link, g));
    txn *t = nation_read(g->n);
    assert_ok(link_peek(t, g->token, &g->facts));
    assert_ok(link_peek(t, g->token, &g->facts)); /* looking does not use it */
    txn_end(t);
    assert_ok(store_write(s, take_link, g));
    assert_int_equal(g->facts.person, g->person);
    assert_fails(store_write(s, take_link, g), E_ABSENT, "error.access.link_ended");
}

static void a_link_ends(ground *g)
{
    store *s = g->n->ts->s;
    g->kind = LINK_SIGN_IN;
    g->valid_us = 60 * US_PER_S;
    assert_ok(store_write(s, make_link, g));
    str earlier = g->token;
    assert_ok(store_write(s, make_link, g));
    str later = g->token;
    g->token = earlier;
    assert_fails(store_write(s, take_link, g), E_ABSENT, "error.access.link_ended");
    g->token = later;
    nation_pass(g->n, 61);
    assert_fails(store_write(s, take_link, g), E_ABSENT, "error.access.link_ended");
    g->token = S("live.not-a-token");
    assert_fails(store_write(s, take_link, g), E_ABSENT, "error.access.link_ended");
}

static void passwords(ground *g)
{
    int64_t who = 0;
    str weak;
    assert_fails(password_hash(g->a, S("short"), &weak), E_INVALID, "error.access.password_weak");
    assert_fails(password_hash(g->a, S("aaaaaaaaaaaaaaaa"), &weak), E_INVALID,
            "error.access.password_weak");
    assert_ok(password_hash(g->a, S("a long enough sentence"), &g->hash));
    assert_ok(store_write(g->n->ts->s, keep_password, g));
    assert_ok(password_verify(&g->n->r, S(" Focal@Bank.example "), S("a long enough sentence"),
            S("192.0.2.1"), &who));
    assert_int_equal(who, g->person);
    assert_fails(password_verify(&g->n->r, S("focal@bank.example"), S("another sentence"),
                         S("192.0.2.1"), &who),
            E_AUTH, "error.access.sign_in");
    assert_fails(password_verify(&g->n->r, S("nobody@bank.example"), S("another sentence"),
                         S("192.0.2.1"), &who),
            E_AUTH, "error.access.sign_in");
}

static void sessions_open_and_close(ground *g)
{
    store *s = g->n->ts->s;
    assert_ok(store_write(s, open_session, g));
    assert_true(str_find(g->cookie, S("HttpOnly")) > 0 &&
                str_find(g->cookie, S("SameSite=Strict")) > 0);
    str header = str_sub(g->cookie, 0, (size_t)str_find_byte(g->cookie, ';'));
    assert_true(auth_cookie_token(header).n > 40);
    assert_int_equal(auth_cookie_token(S("x=1; y=2")).n, 0);
    assert_ok(store_write(s, close_session, g));
}

static void on_both(void (*test)(ground *g))
{
    for (int pg = 0; pg <= (int)stores_have_pg(); pg++) {
        ground g = { .n = nation_new(pg, REALM_LIVE), .a = arena_new(16 << 20) };
        int64_t org = nation_org(g.n, "BANK", "en");
        g.person = nation_person(g.n, org, "focal@bank.example", "en", "focal", "active");
        test(&g);
        nation_free(g.n);
        arena_free(g.a);
    }
}

static void test_link(void **state)
{
    (void)state, on_both(a_link_works_once);
}
static void test_link_end(void **state)
{
    (void)state, on_both(a_link_ends);
}
static void test_password(void **state)
{
    (void)state, on_both(passwords);
}
static void test_session(void **state)
{
    (void)state, on_both(sessions_open_and_close);
}

static void guessing_is_slowed(void **state)
{
    (void)state;
    /* Six let in before any of them ended: that they are at one moment makes them no fewer. */
    for (int i = 0; i < 6; i++)
        assert_ok(throttle_ask(S("account"), S("198.18.0.1")));
    assert_fails(throttle_ask(S("account"), S("198.18.0.2")), E_FULL, "error.access.throttled");
    for (int i = 0; i < 6; i++)
        throttle_tell(S("account"), S("198.18.0.1"), THROTTLE_WRONG);
    assert_fails(throttle_ask(S("account"), S("198.18.0.2")), E_FULL, "error.access.throttled");
    assert_ok(throttle_ask(S("other"), S("198.18.0.1")));
    throttle_tell(S("account"), S("198.18.0.1"), THROTTLE_RIGHT);
    assert_ok(throttle_ask(S("account"), S("198.18.0.1")));
}

static void own_account_buys_no_guesses(void **state)
{
    (void)state;
    int let_in = 0;
    for (int i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof name, "victim %d", i);
        if (failed(throttle_ask(str_of(name), S("198.18.7.7")))) break;
        throttle_tell(str_of(name), S("198.18.7.7"), THROTTLE_WRONG);
        let_in++;
        if (failed(throttle_ask(S("mine"), S("198.18.7.7")))) break;
        throttle_tell(S("mine"), S("198.18.7.7"), THROTTLE_RIGHT);
    }
    assert_in_range(let_in, 20, 40);
    for (int i = 0; i < 50; i++) {
        assert_ok(throttle_ask(S("queue"), S("198.18.8.8")));
        throttle_tell(S("queue"), S("198.18.8.8"), THROTTLE_UNTRIED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(test_link), UNIT(test_link_end), UNIT(test_password),
        UNIT(test_session), UNIT(guessing_is_slowed), UNIT(own_account_buys_no_guesses) };
    int bad = cmocka_run_group_tests_name("auth", tests, NULL, NULL);
    stores_over();
    return bad;
}
