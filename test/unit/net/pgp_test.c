/* pgp_test.c - gpg's listings of keys read and judged, and a mail made PGP/MIME. The listings are
 * gpg 2.2.40's of keys made for this; that gpg reads the mails is pgp.walk's part. */
#include "unit/unit.h"

#include "net/message.h"
#include "net/mail_wrap.h"
#include "net/pgp_key.h"

static arena *m;
static const instant now = { 1796094000LL * US_PER_S };
#define PUB(validity, bits, algorithm, expires)                                                    \
    "pub:" validity ":" bits ":" algorithm ":A99FE211C5C3F574:1796093128:" expires                 \
    "::-:::scESC::::::23::0:\n"                                                                    \
    "fpr:::::::::1B336C50B95F619D7E78AF16A99FE211C5C3F574:\n"
#define UID(validity, words) "uid:" validity "::::1796093128::0A87::" words "::::::::::0:\n"
#define SUB(validity, bits, algorithm, expires)                                                    \
    "sub:" validity ":" bits ":" algorithm ":09EDC756DA024F9E:1796093128:" expires                 \
    ":::::e:::::23:\n"
#define GOOD_UID UID("-", "Good <good@x.example>")
#define LATER "1827629128"

static void judged(str listing, const char *words)
{
    pgp_key k;
    err e = pgp_key_judge(m, listing, S("good@x.example"), now, &k);
    if (!words) {
        assert_ok(e);
        return;
    }
    assert_true(failed(e));
    assert_string_equal(e.f->key, words);
    assert_true(str_eq(e.f->pointer, S("/key")));
}

static void each_fault_has_its_words(void **state)
{
    (void)state;
    judged(S(PUB("-", "3072", "1", LATER) GOOD_UID SUB("-", "3072", "1", "")), NULL);
    judged(S(PUB("-", "255", "22", "") GOOD_UID SUB("-", "255", "18", "")), NULL);
    judged(S(""), "error.pgp.none");
    judged(S("pub:-:3072:1:A:1:2::-:::scESC:\n"), "error.pgp.none");
    judged(S(PUB("r", "3072", "1", LATER) GOOD_UID), "error.pgp.revoked");
    judged(S(PUB("e", "3072", "1", "1609372800") GOOD_UID), "error.pgp.expired");
    judged(S(PUB("-", "3072", "1", "1796093999") GOOD_UID SUB("-", "3072", "1", "")),
            "error.pgp.expired");
    judged(S(PUB("i", "2048", "1", "")), "error.pgp.invalid");
    judged(S(PUB("-", "3072", "1", LATER) UID("r", "Good <good@x.example>")), "error.pgp.invalid");
    judged(S(PUB("-", "2047", "1", LATER) GOOD_UID SUB("-", "3072", "1", "")), "error.pgp.weak");
    judged(S(PUB("-", "3072", "1", LATER) GOOD_UID SUB("-", "1024", "1", "")), "error.pgp.weak");
    judged(S(PUB("-", "2048", "17", LATER) GOOD_UID SUB("-", "2048", "16", "")), "error.pgp.weak");
    judged(S(PUB("-", "3072", "1", LATER) GOOD_UID SUB("-", "2048", "16", "")), "error.pgp.weak");
    judged(S(PUB("-", "3072", "1", LATER) GOOD_UID), "error.pgp.no_encryption");
    judged(S(PUB("-", "3072", "1", LATER) GOOD_UID SUB("r", "3072", "1", "")),
            "error.pgp.no_encryption");
    judged(S(PUB("-", "3072", "1", LATER) GOOD_UID SUB("-", "3072", "1", "1796093999")),
            "error.pgp.no_encryption");
    judged(S(PUB("-", "3072", "1", LATER) GOOD_UID "ssb:-:3072:1:0:1::::::e:\n"),
            "error.pgp.secret");
    judged(S(PUB("-", "3072", "1", LATER) GOOD_UID PUB("-", "3072", "1", LATER)), "error.pgp.many");
}

static void the_address_is_a_whole_user_id(void **state)
{
    (void)state;
#define KEY_OF(words) S(PUB("-", "3072", "1", LATER) UID("-", words) SUB("-", "3072", "1", ""))
    judged(KEY_OF("good@x.example"), NULL);
    judged(KEY_OF("A \\x3a B <GOOD@X.example>"), NULL);
    judged(KEY_OF("Not <notgood@x.example>"), "error.pgp.address");
    judged(KEY_OF("good@x.example <evil@y.example>"), "error.pgp.address");
    judged(KEY_OF("<good@x.example> <evil@y.example>"), "error.pgp.address");
    judged(KEY_OF("<good@x.example"), "error.pgp.address");
    judged(S(PUB("-", "3072", "1", LATER) UID("-", "x@y.example") UID("e", "Good <good@x.example>")
                           SUB("-", "3072", "1", "")),
            "error.pgp.address");
}

static void its_end_is_the_earlier_one(void **state)
{
    (void)state;
    pgp_key k;
    assert_ok(pgp_key_judge(m,
            S(PUB("-", "3072", "1", LATER) GOOD_UID SUB("-", "3072", "1", "1800000000")),
            S("good@x.example"), now, &k));
    assert_int_equal(k.expires.us, 1800000000LL * US_PER_S);
    assert_ok(pgp_key_judge(m,
            S(PUB("-", "3072", "1", "") GOOD_UID SUB("-", "3072", "1", "1800000000")
                            SUB("-", "3072", "1", "")),
            S("good@x.example"), now, &k));
    assert_int_equal(k.expires.us, 0);
    assert_str(k.fingerprint, "1B336C50B95F619D7E78AF16A99FE211C5C3F574");
    assert_str(pgp_grouped(m, k.fingerprint), "1B33 6C50 B95F 619D 7E78 AF16 A99F E211 C5C3 F574");
}

static void a_mail_becomes_signed_and_encrypted(void **state)
{
    (void)state;
    mailbox to = { .address = S("good@x.example") };
    message x = { .from = { S("CERT"), S("cert@cert.example") },
        .to = &to,
        .n_to = 1,
        .subject = S("Content-Type: none"),
        .lang = S("en"),
        .text = S("-- \nFrom here\n"),
        .html = S("<p>x"),
        .date = now,
        .message_id = S("a@b.example") };
    str built, headers, entity;
    assert_ok(message_build(m, &x, &built));
    assert_true(mail_split(built, &headers, &entity));
    assert_true(str_starts(entity, S("Content-Type: multipart/alternative")));
    assert_true(str_ends(headers, S("\r\n")) && headers.n + entity.n == built.n);
    str whole =
            mail_signed(m, MAIL_OPENPGP, entity, S("-----BEGIN X-----\nabc\n-----END X-----\n"));
    assert_true(mail_entity_is_sane(whole) && str_find(whole, entity) > 0);
    assert_true(str_find(whole, S("\r\nabc\r\n-----END X-----\r\n\r\n--=_minar_signed--\r\n")) > 0);
    str hidden = mail_encrypted(m, MAIL_OPENPGP, MAIL_CBC, S("-----BEGIN Y-----\n"));
    assert_true(mail_entity_is_sane(hidden));
    assert_true(str_find(hidden, S("\r\n\r\nVersion: 1\r\n")) > 0);
    assert_false(mail_split(S("From: a\r\n\r\nContent-Type: x\r\n\r\n"), &headers, &entity));
    assert_false(mail_entity_is_sane(S("BEGIN\n")));
}

static int setup(void **state)
{
    (void)state;
    m = arena_new(8 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(m);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_has_its_words),
        cmocka_unit_test(the_address_is_a_whole_user_id),
        cmocka_unit_test(its_end_is_the_earlier_one),
        cmocka_unit_test(a_mail_becomes_signed_and_encrypted),
    };
    return cmocka_run_group_tests_name("net pgp", tests, setup, teardown);
}
