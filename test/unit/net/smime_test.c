/* smime_test.c - listings of certificates judged, and a mail made S/MIME. That certificates are
 * described so, and that openssl and gpgsm read the mails, is smime.walk's part. */
#include "unit/unit.h"

#include "net/mail_wrap.h"
#include "net/smime_cert.h"

static arena *m;
static const instant now = { 1796094000LL * US_PER_S };
#define PRINT "3F9A27C1D5E8B04462AA90FE17C3D8B5E6F0A1927384655647382910ABCDEF01"
#define FACTS(from, until)                                                                         \
    "\"fingerprint\":\"" PRINT "\",\"subject\":\"CN = A\",\"issuer\":\"CN = B\","                  \
    "\"serial\":\"0A\",\"from\":" from ",\"until\":" until ","
#define TIMES FACTS("1796000000000000", "1797000000000000")
#define GOOD                                                                                       \
    "\"whole\":true,\"leads\":true,\"authority\":false,\"strong\":true,"                           \
    "\"strong_signature\":true,\"encrypts\":true,\"signs\":true,"
#define ADDRESS "\"addresses\":[\"x@y.example\",\"GOOD@x.example\"]"

static void judged(str listing, const char *words)
{
    smime_cert c;
    err e = smime_judge(m, listing, S("good@x.example"), SMIME_ENCRYPTS, now, &c);
    if (!words) {
        assert_ok(e);
        assert_str(c.fingerprint, PRINT);
        assert_str(c.serial, "0A");
        return;
    }
    assert_true(failed(e));
    assert_string_equal(e.f->key, words);
    assert_true(str_eq(e.f->pointer, S("/key")));
}

/* The good listing with one thing changed. */
static str but(const char *what, const char *by)
{
    str whole = S("{" TIMES GOOD ADDRESS "}");
    ptrdiff_t at = str_find(whole, str_of(what));
    assert_true(at > 0);
    str rest = str_sub(whole, (size_t)at + strlen(what), whole.n);
    return str_fmt(m, "%.*s%s%.*s", (int)at, whole.p, by, STR_ARG(rest));
}

static void each_fault_has_its_words(void **state)
{
    (void)state;
    judged(S("{" TIMES GOOD ADDRESS "}"), NULL);
    judged(S(""), "error.smime.none");
    judged(S("{"), "error.smime.none");
    judged(S("[]"), "error.smime.none");
    judged(S("{\"fault\":\"none\"}"), "error.smime.none");
    judged(S("{\"fault\":\"many\"}"), "error.smime.many");
    judged(S("{\"fault\":\"secret\"}"), "error.smime.secret");
    judged(but(PRINT, "3F"), "error.smime.none");
    judged(but("1797000000000000", "9e99"), "error.smime.none");
    judged(but("\"strong\":true", "\"strong\":false"), "error.smime.weak");
    judged(but("\"strong\":true", "\"strong\":1"), "error.smime.weak");
    judged(but("\"strong_signature\":true", "\"x\":0"), "error.smime.sha1");
    judged(but("\"whole\":true", "\"whole\":false"), "error.smime.altered");
    judged(but("1797000000000000", "1796094000000000"), "error.smime.ended");
    judged(but("1796000000000000", "1796094000000001"), "error.smime.early");
    judged(but("\"authority\":false", "\"authority\":true"), "error.smime.purpose");
    judged(but("\"encrypts\":true", "\"encrypts\":false"), "error.smime.purpose");
    judged(but("\"signs\":true", "\"signs\":false"), NULL);
    judged(but("GOOD@x.example", "good@x.example.org"), "error.smime.address");
    judged(but("\"leads\":true", "\"leads\":false"), "error.smime.authority");
}

static void a_certificate_is_told_from_a_key_by_its_form(void **state)
{
    (void)state;
    assert_true(smime_is_certificate(S("\n-----BEGIN CERTIFICATE-----\n")));
    assert_true(smime_is_certificate(S("subject=x\n-----BEGIN PKCS7-----\n")));
    assert_true(smime_is_certificate(S("  MIIC+zCCAeOg")));
    assert_false(smime_is_certificate(S("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")));
    assert_false(smime_is_certificate(S("hello")));
    assert_false(smime_is_certificate(S("")));
}

static void what_is_none_is_said_to_be_none(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "hello", "MIIC", "\x30\x03\x02\x01\x05",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n" };
    str listing, pem;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        smime_look(m, str_of(texts[i]), S(""), now, &listing, &pem);
        assert_str(listing, "{\"fault\":\"none\"}");
        assert_int_equal(pem.n, 0);
        assert_false(smime_encrypt(m, S("x"), str_of(texts[i]), MAIL_CBC, &pem));
    }
}

static void a_mail_becomes_signed_and_encrypted(void **state)
{
    (void)state;
    str entity = S("Content-Type: text/plain\r\n\r\nhello"), der = S("\x30\x80");
    str whole = mail_signed(m, MAIL_SMIME, entity, der);
    assert_true(mail_entity_is_sane(whole) && str_find(whole, entity) > 0);
    assert_true(str_find(whole, S("micalg=sha-256")) > 0);
    assert_true(str_find(whole, S("\r\n\r\nMIA=\r\n\r\n--=_minar_smime--\r\n")) > 0);
    str hidden = mail_encrypted(m, MAIL_SMIME, MAIL_CBC, der);
    assert_true(mail_entity_is_sane(hidden) && str_ends(hidden, S("\r\n\r\nMIA=\r\n")));
    assert_true(str_find(hidden, S("smime-type=enveloped-data;\r\n name=")) > 0);
    hidden = mail_encrypted(m, MAIL_SMIME, mail_cipher_of(S("gcm")), der);
    assert_true(str_find(hidden, S("smime-type=authEnveloped-data;\r\n name=")) > 0);
    assert_str(str_of(mail_way_name(mail_way_of(S("smime")))), "smime");
    assert_str(str_of(mail_way_name(mail_way_of(S("x")))), "openpgp");
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
        cmocka_unit_test(a_certificate_is_told_from_a_key_by_its_form),
        cmocka_unit_test(what_is_none_is_said_to_be_none),
        cmocka_unit_test(a_mail_becomes_signed_and_encrypted),
    };
    return cmocka_run_group_tests_name("net smime", tests, setup, teardown);
}
