/* smime_test.c - the site's key for S/MIME: made, asked for, given its certificate by an authority
 * made here, used, renewed, removed; and a certificate read and encrypted to in the throw-away
 * child, as the keys process has it. */
#include "unit/unit.h"

#include <ftw.h>
#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "proc/frame.h"
#include "proc/gpg.h"
#include "proc/smime_key.h"

static char folder[300];
static arena *m;
static EVP_PKEY *root_key;
static X509 *root;
#define CERT S("cert@cert.example")

static instant now(void)
{
    return clock_now(&clock_system);
}

static void extend(X509 *x, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert_non_null(e);
    assert_int_equal(X509_add_ext(x, e, -1), 1);
    X509_EXTENSION_free(e);
}

static X509 *certificate(EVP_PKEY *key, const char *name, long serial, long seconds, bool authority)
{
    X509 *x = X509_new();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
    X509_NAME_add_entry_by_txt(
            X509_get_subject_name(x), "CN", MBSTRING_UTF8, (const uint8_t *)name, -1, -1, 0);
    X509_set_issuer_name(x, root ? X509_get_subject_name(root) : X509_get_subject_name(x));
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), seconds);
    X509_set_pubkey(x, key);
    extend(x, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (!authority) extend(x, NID_ext_key_usage, "emailProtection");
    if (!authority) extend(x, NID_subject_alt_name, "email:cert@cert.example");
    assert_true(X509_sign(x, root_key, EVP_sha256()) > 0);
    return x;
}

static str pem_of(X509 *x)
{
    char *p;
    BIO *b = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(b, x);
    long n = BIO_get_mem_data(b, &p);
    str s = str_copy(m, (str){ p, (size_t)n });
    BIO_free(b);
    return s;
}

/* What the authority answers to the request of the key that waits. */
static str answered(long serial, long seconds)
{
    str text;
    assert_ok(smime_key_request(folder, m, S("National CERT"), CERT, &text));
    BIO *b = BIO_new_mem_buf(text.p, (int)text.n);
    X509_REQ *r = PEM_read_bio_X509_REQ(b, NULL, NULL, NULL);
    BIO_free(b);
    assert_non_null(r);
    EVP_PKEY *k = X509_REQ_get_pubkey(r);
    assert_int_equal(X509_REQ_verify(r, k), 1);
    X509 *x = certificate(k, "National CERT", serial, seconds, false);
    str pem = pem_of(x);
    X509_free(x);
    EVP_PKEY_free(k);
    X509_REQ_free(r);
    return pem;
}

static bool verifies(str entity, str der)
{
    const uint8_t *p = (const uint8_t *)der.p;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)der.n);
    X509_STORE *s = X509_STORE_new();
    X509_STORE_add_cert(s, root);
    BIO *in = BIO_new_mem_buf(entity.p, (int)entity.n);
    bool good = cms && CMS_verify(cms, NULL, s, in, NULL, CMS_BINARY) == 1;
    BIO_free(in);
    X509_STORE_free(s);
    CMS_ContentInfo_free(cms);
    return good;
}

static void made_answered_used_renewed_and_removed(void **state)
{
    (void)state;
    smime_cert c;
    smime_state s;
    smime_key *k;
    str text, entity = S("Content-Type: text/plain\r\n\r\nhello");
    assert_ok(smime_key_open(folder, &k));
    assert_null(k);
    assert_int_equal(smime_key_sign(NULL, entity, now(), m).n, 0);
    assert_fails(
            smime_key_request(folder, m, S("x"), CERT, &text), E_ABSENT, "error.smime.none_waits");
    assert_ok(smime_key_make(folder));
    assert_fails(smime_key_make(folder), E_CONFLICT, "error.smime.waits");
    assert_fails(
            smime_key_take(folder, m, S("hello"), CERT, now(), &c), E_INVALID, "error.smime.none");
    assert_fails(smime_key_take(folder, m, pem_of(root), CERT, now(), &c), E_INVALID,
            "error.smime.other_key");
    assert_fails(smime_key_take(folder, m, answered(5, 600), S("x@y.example"), now(), &c),
            E_INVALID, "error.smime.address");
    assert_ok(smime_key_take(folder, m, answered(10, 600), CERT, now(), &c));
    assert_str(c.serial, "0A");
    assert_ok(smime_key_open(folder, &k));
    text = smime_key_sign(k, entity, now(), m);
    assert_true(verifies(entity, text));
    assert_false(verifies(S("Content-Type: text/plain\r\n\r\nhellp"), text));
    assert_int_equal(smime_key_sign(k, entity, (instant){ now().us + 700 * US_PER_S }, m).n, 0);
    smime_key_close(k);
    assert_ok(smime_key_make(folder));
    assert_ok(smime_key_look(folder, m, now(), &s));
    assert_true(s.waits && s.used);
    assert_ok(smime_key_take(folder, m, answered(11, 600), CERT, now(), &c));
    assert_int_equal(access(str_z(m, str_fmt(m, "%s/smime-0A.crt", folder)), F_OK), 0);
    assert_ok(smime_key_drop(folder, SMIME_USED));
    assert_fails(smime_key_drop(folder, SMIME_USED), E_ABSENT, "error.smime.none_used");
    assert_ok(smime_key_look(folder, m, now(), &s));
    assert_true(!s.waits && !s.used);
}

static int in_child(int channel, guest_work w, str first, str second, str *ret)
{
    enum { ROOM = 16 << 10 };
    int in[2], key[2], out[2], status = -1;
    char *got = arena_alloc(m, ROOM);
    assert_int_equal(pipe(in) + pipe(key) + pipe(out), 0);
    assert_int_equal(write(in[1], first.p, first.n), first.n);
    assert_int_equal(write(key[1], second.p, second.n), second.n);
    close(in[1]);
    close(key[1]);
    assert_true(guest_start(channel, w, in[0], out[1], key[0]));
    close(in[0]);
    close(key[0]);
    close(out[1]);
    assert_true(gpg_ended(channel, &status));
    ssize_t n = read(out[0], got, ROOM);
    close(out[0]);
    *ret = (str){ got, n > 0 ? (size_t)n : 0 };
    return status;
}

static void decrypts(EVP_PKEY *k, X509 *x, str der, int type, const char *plain)
{
    const uint8_t *p = (const uint8_t *)der.p;
    char *got;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)der.n);
    BIO *out = BIO_new(BIO_s_mem());
    assert_non_null(cms);
    assert_int_equal(OBJ_obj2nid(CMS_get0_type(cms)), type);
    assert_int_equal(CMS_decrypt(cms, k, x, NULL, out, CMS_BINARY), 1);
    long n = BIO_get_mem_data(out, &got);
    assert_str(((str){ got, (size_t)n }), plain);
    BIO_free(out);
    CMS_ContentInfo_free(cms);
}

static void strangers_are_read_in_a_child_of_the_guest_alone(void **state)
{
    (void)state;
    str out, listing, pem;
    smime_cert c;
    char *home = str_z(m, str_fmt(m, "%s/guest", folder));
    EVP_PKEY *k = EVP_EC_gen("P-256");
    X509 *x = certificate(k, "Somebody", 7, 600, false);
    int channel = gpg_starter(GPG_GUEST, home);
    assert_int_equal(in_child(channel, GUEST_LOOK, pem_of(x), pem_of(root), &out), 0);
    fields f = { .rest = out };
    listing = field_str(&f, 1 << 20);
    pem = field_str(&f, 1 << 20);
    assert_true(fields_end(&f));
    assert_ok(smime_judge(m, listing, CERT, SMIME_ENCRYPTS, now(), &c));
    assert_str(c.subject, "CN = Somebody");
    assert_int_equal(in_child(channel, GUEST_ENCRYPT, S("hello"), pem, &out), 0);
    decrypts(k, x, out, NID_pkcs7_enveloped, "hello");
    assert_int_equal(in_child(channel, GUEST_ENCRYPT_GCM, S("hello"), pem, &out), 0);
    decrypts(k, x, out, NID_id_smime_ct_authEnvelopedData, "hello");
    assert_int_not_equal(in_child(channel, GUEST_ENCRYPT, S("hello"), S("no"), &out), 0);
    close(channel);
    channel = gpg_starter(GPG_SIGNER_BESIDE, home);
    assert_int_not_equal(in_child(channel, GUEST_LOOK, pem_of(x), S(""), &out), 0);
    assert_int_equal(out.n, 0);
    close(channel);
    X509_free(x);
    EVP_PKEY_free(k);
}

static int setup(void **state)
{
    (void)state;
    const char *tmp = getenv("MINAR_TMP");
    m = arena_new(32 << 20);
    snprintf(folder, sizeof folder, "%s/smime-XXXXXX", tmp ? tmp : "/tmp");
    root_key = EVP_RSA_gen(2048);
    if (!mkdtemp(folder) || !root_key) return 1;
    root = certificate(root_key, "Authority", 1, 6000, true);
    return 0;
}

static int drop_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

static int teardown(void **state)
{
    (void)state;
    X509_free(root);
    EVP_PKEY_free(root_key);
    arena_free(m);
    return nftw(folder, drop_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_answered_used_renewed_and_removed),
        cmocka_unit_test(strangers_are_read_in_a_child_of_the_guest_alone),
    };
    return cmocka_run_group_tests_name("proc smime", tests, setup, teardown);
}
