/* auth_test.c - sessions, keys, links, passwords and their throttle, over a founded site on both
 * stores. */
#include "unit/unit.h"

#include "access/auth/auth.h"
#include "access/auth/factor.h"
#include "access/auth/throttle.h"
#include "access/auth/token.h"
#include "access/model.h"
#include "base/time.h"
#include "support/nation.h"

typedef struct {
    nation *n;
    int64_t person;
    id128 id;
    str cookie, token, hash, code;
    arena *a;
    link_kind kind;
    int64_t valid_us;
    link_facts facts;
} ground;

static err open_session(txn *t, void *ctx)
{
    ground *g = ctx;
    return session_open(t, &g->n->r, g->person, S("password"), g->a, &g->cookie);
}

static err close_session(txn *t, void *ctx)
{
    ground *g = ctx;
    str cookie;
    viewer v = { .person = g->person };
    return session_close(t, &v, g->cookie, g->a, &cookie);
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

static err open_by_invitation(txn *t, void *ctx)
{
    ground *g = ctx;
    str cookie;
    return session_open(t, &g->n->r, g->person, S("invite"), g->a, &cookie);
}

static void who_stays_away_needs_an_invitation(ground *g)
{
    store *s = g->n->ts->s;
    assert_ok(store_write(s, open_session, g));
    session_dormant(-1); /* any time is too long */
    assert_fails(store_write(s, open_session, g), E_AUTH, "error.access.dormant");
    assert_fails(store_write(s, open_session, g), E_AUTH, "error.access.dormant");
    assert_ok(store_write(s, open_by_invitation, g));
    session_dormant(INT64_C(180) * US_PER_DAY);
    assert_ok(store_write(s, open_session, g));
}

static void on_both(void (*test)(ground *g))
{
    for (int pg = 0; pg <= (int)stores_have_pg(); pg++) {
        ground g = { .n = nation_new(pg, REALM_LIVE), .a = arena_new(16 << 20) };
        int64_t org = nation_org(g.n, "BANK", "en");
        g.person = nation_person(g.n, org, "focal@bank.example", "en", "focal", "active");
        g.id = id_new();
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

static void test_dormant(void **state)
{
    (void)state, on_both(who_stays_away_needs_an_invitation);
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

static bool wrong_from(str account, str peer)
{
    if (failed(throttle_ask(account, peer))) return false;
    throttle_tell(account, peer, THROTTLE_WRONG);
    return true;
}

static void one_network_is_one_address(void **state)
{
    (void)state;
    int let_in = 0, other = 0;
    for (int i = 0; i < 100; i++) {
        char name[16], peer[40];
        snprintf(name, sizeof name, "six %d", i);
        snprintf(peer, sizeof peer, "2001:db8:7:7::%x", i + 1);
        let_in += wrong_from(str_of(name), str_of(peer));
        snprintf(peer, sizeof peer, "2001:db8:8:%x::1", i + 1);
        other += wrong_from(str_of(name), str_of(peer));
    }
    assert_in_range(let_in, 20, 40);
    assert_int_equal(other, 100);
}

/* Guesses from many addresses slow guessing, and not the person at the usual address. */
static void the_rightful_person_gets_in(void **state)
{
    (void)state;
    str who = S("rightful"), home = S("198.18.9.1");
    assert_ok(throttle_ask(who, home));
    throttle_tell(who, home, THROTTLE_RIGHT);
    int let_in = 0;
    for (int i = 0; i < 100; i++) {
        char peer[24];
        snprintf(peer, sizeof peer, "203.0.113.%d", i);
        let_in += wrong_from(who, str_of(peer));
    }
    assert_in_range(let_in, 5, 8);
    assert_ok(throttle_ask(who, home));
    throttle_tell(who, home, THROTTLE_RIGHT);
    assert_false(wrong_from(who, S("203.0.113.200"))); /* and is forgiven at home alone */
    for (int i = 0; i < 5; i++)
        (void)wrong_from(who, home);
    (void)wrong_from(who, home);
    assert_false(wrong_from(who, home)); /* which has no free hand either */
}

/* The places are fixed; what fills them does not wash away who is being guessed at. */
static void a_flood_forgets_nobody(void **state)
{
    (void)state;
    int let_in = 0;
    while (wrong_from(S("flooded"), S("198.18.10.1")))
        let_in++;
    assert_in_range(let_in, 5, 8);
    for (int i = 0; i < 20000; i++) {
        char name[24], peer[40];
        snprintf(name, sizeof name, "flood %d", i);
        snprintf(peer, sizeof peer, "2001:db8:%x:%x::1", 0x1000 + i / 256, i % 256);
        (void)wrong_from(str_of(name), str_of(peer));
    }
    assert_false(wrong_from(S("flooded"), S("198.18.10.2")));
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

/* RFC 6238 appendix B, SHA-1; the last six of its eight digits. */
static void codes_are_those_of_the_standard(void **state)
{
    (void)state;
    static const struct {
        int64_t second;
        uint32_t code;
    } rows[] = { { 59, 287082 }, { 1111111109, 81804 }, { 1111111111, 50471 }, { 1234567890, 5924 },
        { 2000000000, 279037 }, { 20000000000, 353130 } };
    char text[TOTP_TEXT];
    const uint8_t *secret = (const uint8_t *)"12345678901234567890";
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(totp_code(secret, rows[i].second / TOTP_STEP_S), rows[i].code);
    totp_text(secret, text);
    assert_memory_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", sizeof text); /* RFC 4648 */
}

static err begin_factor(txn *t, void *ctx)
{
    ground *g = ctx;
    str secret;
    TRY(factor_begin(t, g->person, g->id, &secret));
    g->token = str_copy(g->a, secret);
    return OK;
}
static err confirm_factor(txn *t, void *ctx)
{
    ground *g = ctx;
    return factor_confirm(t, g->person, g->id, g->code);
}
static err check_factor(txn *t, void *ctx)
{
    ground *g = ctx;
    return factor_check(t, g->person, g->id, g->code);
}
static err remove_factor(txn *t, void *ctx)
{
    return factor_remove(t, ((ground *)ctx)->person);
}

/* The code of this moment's step and some more, from the secret's text. */
static str code_of(ground *g, int64_t steps)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t secret[TOTP_SECRET] = { 0 };
    for (size_t i = 0; i < 8 * sizeof secret; i++) {
        unsigned five = (unsigned)(strchr(digits, g->token.p[i / 5]) - digits);
        if (five >> (4 - i % 5) & 1) secret[i / 8] |= (uint8_t)(128 >> i % 8);
    }
    int64_t now = clock_now(&clock_system).us / US_PER_S / TOTP_STEP_S;
    return str_fmt(g->a, "%06u", totp_code(secret, now + steps));
}

static void a_code_counts_once(ground *g)
{
    store *s = g->n->ts->s;
    assert_ok(store_write(s, begin_factor, g));
    g->code = S("12345x");
    assert_fails(store_write(s, confirm_factor, g), E_INVALID, "error.access.code");
    g->code = code_of(g, 0);
    assert_fails(store_write(s, check_factor, g), E_AUTH, "error.access.code"); /* not yet */
    assert_ok(store_write(s, confirm_factor, g));
    assert_fails(store_write(s, check_factor, g), E_AUTH, "error.access.code"); /* spent */
    assert_fails(store_write(s, begin_factor, g), E_CONFLICT, "error.access.factor_there");
    g->code = code_of(g, 1);
    assert_ok(store_write(s, check_factor, g));
    assert_fails(store_write(s, check_factor, g), E_AUTH, "error.access.code");
    g->code = code_of(g, 40);
    assert_fails(store_write(s, check_factor, g), E_AUTH, "error.access.code");
    assert_ok(store_write(s, remove_factor, g));
    assert_fails(store_write(s, remove_factor, g), E_ABSENT, "error.access.factor_absent");
}

/* Who has to show what, whatever they came by. */
static void dangerous_acts_ask_for_the_strongest_proof(void **state)
{
    (void)state;
    const instant now = { 1000 * US_PER_S };
    const int64_t valid = 600 * US_PER_S;
    viewer v = { .person = 1, .how = S("local") };
    assert_ok(permit_step_up(&v, true, now, valid));
    v.how = S("key");
    assert_fails(permit_step_up(&v, true, now, valid), E_DENIED, "error.access.step_up_key");
    assert_ok(permit_step_up(&v, false, now, valid));
    v.how = S("session");
    static const char *const keys[] = { "error.access.step_up_link", "error.access.step_up_oidc",
        "error.access.step_up_password", "error.access.step_up_totp",
        "error.access.step_up_passkey" };
    for (int p = PROOF_LINK; p <= PROOF_PASSKEY; p++) {
        v.proof = (proof_kind)p;
        v.strong = (instant){ 0 };
        assert_fails(permit_step_up(&v, true, now, valid), E_DENIED, keys[p]);
        v.strong = (instant){ now.us - valid };
        assert_fails(permit_step_up(&v, false, now, valid), E_DENIED, keys[p]);
        v.strong.us++;
        assert_ok(permit_step_up(&v, true, now, valid));
    }
}

static void test_factor(void **state)
{
    (void)state, on_both(a_code_counts_once);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(test_link), UNIT(test_link_end), UNIT(test_password),
        UNIT(test_session), UNIT(guessing_is_slowed), UNIT(own_account_buys_no_guesses),
        UNIT(one_network_is_one_address), UNIT(the_rightful_person_gets_in),
        UNIT(a_flood_forgets_nobody), UNIT(codes_are_those_of_the_standard), UNIT(test_factor),
        UNIT(test_dormant), UNIT(dangerous_acts_ask_for_the_strongest_proof) };
    int bad = cmocka_run_group_tests_name("auth", tests, NULL, NULL);
    stores_over();
    return bad;
}
