/* dkim_test.c - what is signed of a mail, and what is not; statements that are refused;
 * records; questions to a mailbox. That signatures verify elsewhere is dkim.walk's part. */
#include "unit/unit.h"

#include "net/dkim.h"
#include "net/imap.h"

static arena *m;
static const dkim_identity by = { S("cert.example"), S("m1") };
static const instant when = { 1796000000000000 };

static str statement(str mail)
{
    dkim_draft d;
    assert_ok(dkim_prepare(m, mail, by, DKIM_RSA, when, &d));
    return d.statement;
}

/* RFC 6376, section 3.4.5, with our headers. */
static void canonical_forms(void **state)
{
    (void)state;
    str s = statement(
            S("From:  A \t <a@cert.example> \r\nSUBJECT: Y\t\r\n\tZ  \r\nX-Other: no\r\n\r\n"
              " C \r\nD \t E\r\n\r\n\r\n"));
    assert_true(str_starts(s, S("from:A <a@cert.example>\r\nsubject:Y Z\r\ndkim-signature:v=1; ")));
    assert_true(str_find(s, S("h=from:from:subject;")) > 0);
    /* SHA-256 of " C\r\nD E\r\n", section 3.4.5's body */
    assert_true(str_find(s, S("bh=")) > 0);
    str other = statement(S("from: A <a@cert.example>\r\nsubject:   Y Z\r\n\r\n C\r\nD E\r\n"));
    assert_true(str_eq(s, other));
    str less = statement(S("from: A <a@cert.example>\r\nsubject: Y Z\r\n\r\nC\r\nD E\r\n"));
    assert_false(str_eq(s, less));
}

static void an_empty_body_has_the_known_hash(void **state)
{
    (void)state;
    str s = statement(S("From: a@cert.example\r\n\r\n"));
    assert_true(str_find(s, S("bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;")) > 0);
}

static void what_cannot_be_signed(void **state)
{
    (void)state;
    dkim_draft d;
    static const char *const bad[] = { "", "From: a@b.example", "Subject: x\r\n\r\n",
        "From: a@b.example\r\nFrom: c@d.example\r\n\r\n" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_fails(dkim_prepare(m, str_of(bad[i]), by, DKIM_RSA, when, &d), E_INVALID,
                "error.dkim.message");
}

static void only_statements_are_signed(void **state)
{
    (void)state;
    str s = statement(S("From: a@cert.example\r\n\r\nx\r\n"));
    assert_true(dkim_statement_is_sane(s, DKIM_RSA, S("m1")));
    assert_false(dkim_statement_is_sane(s, DKIM_RSA, S("m2")));
    assert_false(dkim_statement_is_sane(s, DKIM_ED25519, S("m1")));
    assert_false(dkim_statement_is_sane(str_cat(m, S("x"), s), DKIM_RSA, S("m1")));
    assert_false(dkim_statement_is_sane(str_cat(m, s, S("x")), DKIM_RSA, S("m1")));
    assert_false(dkim_statement_is_sane(S(""), DKIM_RSA, S("m1")));
    assert_false(dkim_statement_is_sane(S("from:x; b="), DKIM_RSA, S("m1")));
}

static void records_are_compared_by_their_key(void **state)
{
    (void)state;
    str ours = dkim_record(m, DKIM_RSA, S("a key"));
    assert_str(ours, "v=DKIM1; k=rsa; p=YSBrZXk=");
    assert_true(dkim_record_same(m, S("p=YSBr ZXk=;t=s"), ours));
    assert_false(dkim_record_same(m, S("k=ed25519; p=YSBrZXk="), ours));
    assert_false(dkim_record_same(m, S("v=DKIM1; p="), ours));
    assert_str(dkim_record_name(m, by, DKIM_ED25519), "m1-ed._domainkey.cert.example");
}

static void selectors(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "-a", "a-", "A", "a.b", "../a", "a b", "ä" };
    assert_true(dkim_selector_is_sane(S("m2026-1")));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(dkim_selector_is_sane(str_of(bad[i])));
}

static void lists_of_a_mailbox(void **state)
{
    (void)state;
    int64_t n[4];
    assert_int_equal(imap_list_read(S("* SEARCH 9 5 9 3\r\n* OK x\r\n"), 3, n, 4), 2);
    assert_int_equal(n[0], 5);
    assert_int_equal(n[1], 9);
    assert_int_equal(imap_list_read(S("* SEARCH\r\n"), 0, n, 4), 0);
    assert_int_equal(imap_list_read(S("* SEARCH 1 2 3 4 5 6 x -1 99999999999"), 0, n, 4), 4);
}

static void questions_to_a_mailbox(void **state)
{
    (void)state;
    box_job good = { .host = S("mail.example"),
        .port = 993,
        .security = MAIL_TLS,
        .user = S("u"),
        .mailbox = S("INBOX"),
        .list = true };
    box_job b = good;
    assert_ok(box_job_check(&b));
    assert_str(box_endpoint(m, &b), "imaps://mail.example:993");
    b.security = MAIL_PLAIN;
    assert_fails(box_job_check(&b), E_INVALID, "error.courier.plain_login");
    b.host = S("127.0.0.1");
    assert_ok(box_job_check(&b));
    b = good;
    b.mailbox = S("INBOX\r\nA1 DELETE INBOX");
    assert_fails(box_job_check(&b), E_INVALID, "error.courier.mailbox");
    b = good;
    b.list = false;
    assert_fails(box_job_check(&b), E_INVALID, "error.courier.mailbox");
}

int main(void)
{
    m = arena_new(8 << 20);
    const struct CMUnitTest tests[] = { cmocka_unit_test(canonical_forms),
        cmocka_unit_test(an_empty_body_has_the_known_hash), cmocka_unit_test(what_cannot_be_signed),
        cmocka_unit_test(only_statements_are_signed),
        cmocka_unit_test(records_are_compared_by_their_key), cmocka_unit_test(selectors),
        cmocka_unit_test(lists_of_a_mailbox), cmocka_unit_test(questions_to_a_mailbox) };
    int bad = cmocka_run_group_tests_name("dkim", tests, NULL, NULL);
    arena_free(m);
    return bad;
}
