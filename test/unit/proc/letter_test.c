/* letter_test.c - the key of letters: made, kept, made anew, brought along; what it signs; the door
 * to it; and docs on their way to the printer. */
#include "unit/unit.h"

#include <openssl/cms.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proc/keys.h"
#include "proc/letter_key.h"
#include "proc/printer_wire.h"

static char folder[300];
static arena *m;

static const char *path(const char *name)
{
    return str_z(m, str_fmt(m, "%s/%s", folder, name));
}

static letter_key *open_one(void)
{
    letter_key *k;
    assert_ok(letter_key_open(folder, &k));
    assert_non_null(k);
    return k;
}

static void it_is_made_once(void **state)
{
    (void)state;
    letter_key *k;
    letter_certificate a, b;
    struct stat st;
    assert_ok(letter_key_open(folder, &k));
    assert_null(k);
    assert_fails(letter_key_look(folder, m, &a), E_ABSENT, "error.letter_key.none");
    assert_ok(letter_key_make(folder, S("قومی سرٹ")));
    assert_ok(letter_key_look(folder, m, &a));
    assert_ok(letter_key_make(folder, S("another")));
    assert_ok(letter_key_look(folder, m, &b));
    assert_true(str_eq(a.sha256, b.sha256));
    assert_true(str_find(a.name, S("قومی سرٹ")) >= 0);
    int64_t days = (a.until.us - a.from.us) / US_PER_DAY;
    assert_int_equal(days, LETTER_KEY_YEARS * 365);
    assert_int_equal(stat(path("letter.pem"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* Once more with OpenSSL's own reader, which computes the digest of the content itself. */
static bool verifies(str cms, str content)
{
    const uint8_t *p = (const uint8_t *)cms.p;
    CMS_ContentInfo *c = d2i_CMS_ContentInfo(NULL, &p, (long)cms.n);
    BIO *in = BIO_new_mem_buf(content.p, (int)content.n);
    assert_non_null(c);
    bool good = CMS_verify(c, NULL, NULL, in, NULL,
                        CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY | CMS_NOCRL) == 1;
    CMS_SignerInfo *si = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(c), 0);
    assert_true(CMS_signed_get_attr_by_NID(si, NID_pkcs9_signingTime, -1) < 0);
    assert_true(CMS_signed_get_attr_by_NID(si, NID_id_smime_aa_signingCertificateV2, -1) >= 0);
    BIO_free(in);
    CMS_ContentInfo_free(c);
    return good;
}

static void digest_of(str s, uint8_t ret[LETTER_DIGEST])
{
    unsigned n;
    assert_int_equal(EVP_Digest(s.p, s.n, ret, &n, EVP_sha256(), NULL), 1);
}

static void what_it_signs_others_verify(void **state)
{
    (void)state;
    uint8_t digest[LETTER_DIGEST];
    letter_key *k = open_one();
    str cms;
    digest_of(S("the letter"), digest);
    assert_true(letter_key_sign(k, digest, m, &cms));
    assert_true(verifies(cms, S("the letter")));
    assert_false(verifies(cms, S("the lettes")));
    letter_key_close(k);
}

static void the_door_signs_too(void **state)
{
    (void)state;
    uint8_t digest[LETTER_DIGEST];
    keyring *ring;
    str cms;
    assert_ok(keyring_open(path("master.key"), folder, &ring));
    keys *door = keys_alone(ring);
    digest_of(S("x"), digest);
    assert_ok(keys_letter(door, digest, m, &cms));
    assert_true(verifies(cms, S("x")));
    keys_free(door);
}

static void another_one_keeps_what_was(void **state)
{
    (void)state;
    letter_certificate was, now;
    assert_ok(letter_key_look(folder, m, &was));
    assert_ok(letter_key_renew(folder, S("CERT")));
    assert_ok(letter_key_look(folder, m, &now));
    assert_false(str_eq(was.sha256, now.sha256));
    assert_int_equal(
            access(path(str_z(m, str_fmt(m, "letter-%.*s.crt", STR_ARG(was.serial)))), R_OK), 0);
    assert_fails(letter_key_take(folder, path("master.key"), path("letter.pem")), E_CONFIG,
            "error.letter_key.form");
    assert_ok(letter_key_look(folder, m, &was));
    assert_true(str_eq(was.sha256, now.sha256));
    assert_ok(letter_key_take(folder, path("letter.pem"), path("letter.pem")));
    assert_int_equal(chmod(path("letter.pem"), 0644), 0);
    letter_key *k;
    assert_fails(letter_key_open(folder, &k), E_CONFIG, "error.letter_key.form");
    assert_int_equal(chmod(path("letter.pem"), 0600), 0);
}

static void a_doc_arrives_as_it_left(void **state)
{
    (void)state;
    str cells[] = { S("one"), S(""), S("three") }, packed, again;
    doc_block b[] = { { DOC_TABLE, LANG_UR, 3, cells, 3 }, { DOC_PAGE, LANG_EN, 0, NULL, 0 } };
    doc d = { .title = S("t"), .mark = S("RED"), .made = { 5 }, .blocks = b, .n = 2 }, got;
    assert_ok(printer_pack(m, &d, &packed));
    assert_true(printer_get_doc(m, packed, &got));
    assert_int_equal(got.n, 2);
    assert_true(str_eq(got.blocks[0].cells[2], S("three")));
    assert_ok(printer_pack(m, &got, &again));
    assert_true(str_eq(packed, again));
    for (size_t n = 0; n < packed.n; n++)
        assert_false(printer_get_doc(m, str_sub(packed, 0, n), &got));
    assert_fails(printer_print(NULL, packed, m, &again), E_BUSY, "error.printer.absent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_made_once),
        cmocka_unit_test(what_it_signs_others_verify),
        cmocka_unit_test(the_door_signs_too),
        cmocka_unit_test(another_one_keeps_what_was),
        cmocka_unit_test(a_doc_arrives_as_it_left),
    };
    const char *tmp = getenv("MINAR_TMP");
    snprintf(folder, sizeof folder, "%s/letter-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(folder));
    m = arena_new((size_t)1 << 30);
    int rc = cmocka_run_group_tests_name("letter", tests, NULL, NULL);
    arena_free(m);
    return rc;
}
