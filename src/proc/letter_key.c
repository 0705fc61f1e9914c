/* letter_key.c - see letter_key.h. OpenSSL makes and reads all structures. Owns an open key's
 * memory. */
#include "proc/letter_key.h"
#include "net/x509_text.h"
#include "proc/key_file.h"
#include "proc/key_pair.h"

#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BACK_DATED_S = 3600 };

struct letter_key {
    key_pair pair;
};

/* ---- reading ---- */

void letter_key_close(letter_key *k)
{
    if (!k) return;
    key_pair_clear(&k->pair);
    free(k);
}

/* What readers of PDF check everywhere. */
static bool readers_know(const EVP_PKEY *k)
{
    return (EVP_PKEY_is_a(k, "RSA") && EVP_PKEY_get_bits(k) >= 2048) || EVP_PKEY_is_a(k, "EC");
}

static err open_files(const char *key_file, const char *certificate_file, letter_key **ret)
{
    letter_key *k = calloc(1, sizeof *k);
    ASSERT(k);
    if (key_pair_read(key_file, certificate_file, &k->pair) && k->pair.certificate &&
            readers_know(k->pair.key)) {
        *ret = k;
        return OK;
    }
    letter_key_close(k);
    return ERR1(E_CONFIG, "error.letter_key.form", str_of(certificate_file));
}

err letter_key_open(const char *folder, letter_key **ret)
{
    char path[KEY_PATH_ROOM];
    key_file_path(path, folder, "letter.pem");
    *ret = NULL;
    err e = key_file_look(path);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    return open_files(path, path, ret);
}

static err keep(const char *folder, const letter_key *k)
{
    return key_pair_keep(folder, "letter.pem", &k->pair);
}

/* ---- making ---- */

static void add_extension(X509 *x, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    ASSERT(e && X509_add_ext(x, e, -1) == 1);
    X509_EXTENSION_free(e);
}

static void put_serial(X509 *x)
{
    BIGNUM *n = BN_new();
    ASSERT(n && BN_rand(n, 120, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
            BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)));
    BN_free(n);
}

/* For signing papers and for nothing else. */
static X509 *certificate_of(EVP_PKEY *key, str name)
{
    X509 *x = X509_new();
    X509_NAME *who = X509_NAME_new();
    ASSERT(x && who && X509_set_version(x, X509_VERSION_3) == 1);
    put_serial(x);
    ASSERT(X509_NAME_add_entry_by_txt(who, "CN", MBSTRING_UTF8, (const uint8_t *)name.p,
                   (int)(name.n < 64 ? name.n : 64), -1, 0) == 1);
    ASSERT(X509_set_subject_name(x, who) == 1 && X509_set_issuer_name(x, who) == 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -BACK_DATED_S);
    X509_time_adj_ex(X509_getm_notAfter(x), LETTER_KEY_YEARS * 365, 0, NULL);
    ASSERT(X509_set_pubkey(x, key) == 1);
    add_extension(x, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(x, NID_key_usage, "critical,digitalSignature,nonRepudiation");
    add_extension(x, NID_subject_key_identifier, "hash");
    ASSERT(X509_sign(x, key, EVP_sha256()) > 0);
    X509_NAME_free(who);
    return x;
}

static letter_key *fresh(str name)
{
    letter_key *k = calloc(1, sizeof *k);
    ASSERT(k);
    k->pair.key = EVP_EC_gen("P-256");
    ASSERT(k->pair.key);
    k->pair.others = sk_X509_new_null();
    k->pair.certificate = certificate_of(k->pair.key, name);
    return k;
}

err letter_key_make(const char *folder, str name)
{
    char path[KEY_PATH_ROOM];
    key_file_path(path, folder, "letter.pem");
    if (access(path, F_OK) == 0) return OK;
    letter_key *k = fresh(name);
    err e = keep(folder, k);
    letter_key_close(k);
    return e;
}

static err replace(const char *folder, letter_key *by)
{
    letter_key *was = NULL;
    err e = letter_key_open(folder, &was);
    if (!failed(e) && was) e = key_pair_keep_certificate(folder, "letter", &was->pair);
    if (!failed(e)) e = keep(folder, by);
    letter_key_close(was);
    letter_key_close(by);
    return e;
}

err letter_key_renew(const char *folder, str name)
{
    return replace(folder, fresh(name));
}

err letter_key_take(const char *folder, const char *key_file, const char *certificate_file)
{
    letter_key *k;
    TRY(open_files(key_file, certificate_file, &k));
    return replace(folder, k);
}

/* ---- looking ---- */

err letter_key_look(const char *folder, arena *a, letter_certificate *ret)
{
    letter_key *k;
    letter_certificate c;
    TRY(letter_key_open(folder, &k));
    if (!k) return ERR(E_ABSENT, "error.letter_key.none");
    const X509 *x = k->pair.certificate;
    bool good = x509_name_text(a, X509_get_subject_name(x), &c.name) &&
                x509_name_text(a, X509_get_issuer_name(x), &c.issuer) &&
                x509_time(X509_get0_notBefore(x), &c.from) &&
                x509_time(X509_get0_notAfter(x), &c.until);
    c.serial = x509_serial(a, x);
    c.sha256 = x509_sha256(a, x, HEX_SMALL);
    letter_key_close(k);
    if (!good) return ERR1(E_CONFIG, "error.letter_key.form", S("letter.pem"));
    *ret = c;
    return OK;
}

/* ---- signing ---- */

/* OpenSSL's own way to sign adds a time, which PAdES forbids: the attributes are encoded here, in
 * the order of DER, and signed; the structure around them is OpenSSL's. */
static int by_bytes(const void *x, const void *y)
{
    return str_cmp(*(const str *)x, *(const str *)y);
}

static str attributes_of(arena *a, const CMS_SignerInfo *si)
{
    str parts[8];
    size_t n = 0, bytes = 0;
    buf b = buf_new(a, 512);
    for (int i = 0; i < CMS_signed_get_attr_count(si); i++) {
        uint8_t *der = NULL;
        int size = i2d_X509_ATTRIBUTE(CMS_signed_get_attr(si, i), &der);
        ASSERT(size > 0 && n < ARRAY_LEN(parts));
        parts[n] = str_copy(a, (str){ (const char *)der, (size_t)size });
        bytes += parts[n++].n;
        OPENSSL_free(der);
    }
    qsort(parts, n, sizeof parts[0], by_bytes);
    ASSERT(bytes > 127 && bytes < 65536); /* so that a length takes two or three bytes */
    if (bytes < 256)
        buf_fmt(&b, "\x31\x81%c", (int)bytes);
    else
        buf_fmt(&b, "\x31\x82%c%c", (int)(bytes >> 8), (int)(bytes & 255));
    for (size_t i = 0; i < n; i++)
        buf_put(&b, parts[i]);
    return buf_str(&b);
}

static void sign_attributes(const letter_key *k, arena *a, CMS_SignerInfo *si)
{
    str signed_bytes = attributes_of(a, si);
    EVP_MD_CTX *m = EVP_MD_CTX_new();
    size_t n = 0;
    const uint8_t *p = (const uint8_t *)signed_bytes.p;
    ASSERT(m && EVP_DigestSignInit(m, NULL, EVP_sha256(), NULL, k->pair.key) == 1 &&
            EVP_DigestSign(m, NULL, &n, p, signed_bytes.n) == 1);
    uint8_t *signature = arena_alloc(a, n);
    ASSERT(EVP_DigestSign(m, signature, &n, p, signed_bytes.n) == 1);
    ASSERT(ASN1_STRING_set(CMS_SignerInfo_get0_signature(si), signature, (int)n) == 1);
    EVP_MD_CTX_free(m);
}

static void add_signer(const letter_key *k, CMS_ContentInfo *cms, const uint8_t *digest, arena *a)
{
    CMS_SignerInfo *si = CMS_add1_signer(cms, k->pair.certificate, k->pair.key, EVP_sha256(),
            CMS_CADES | CMS_NOSMIMECAP | CMS_PARTIAL | CMS_BINARY | CMS_DETACHED);
    ASSERT(si);
    ASSERT(CMS_signed_add1_attr_by_NID(
                   si, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_nid2obj(NID_pkcs7_data), -1) == 1);
    ASSERT(CMS_signed_add1_attr_by_NID(
                   si, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, digest, LETTER_DIGEST) == 1);
    sign_attributes(k, a, si);
}

bool letter_key_sign(const letter_key *k, const uint8_t digest[LETTER_DIGEST], arena *a, str *ret)
{
    CMS_ContentInfo *cms =
            CMS_sign(NULL, NULL, NULL, NULL, CMS_PARTIAL | CMS_DETACHED | CMS_BINARY);
    ASSERT(cms);
    add_signer(k, cms, digest, a);
    for (int i = 0; i < sk_X509_num(k->pair.others); i++)
        (void)CMS_add1_cert(cms, sk_X509_value(k->pair.others, i));
    uint8_t *der = NULL;
    int n = i2d_CMS_ContentInfo(cms, &der);
    bool good = n > 0 && n <= LETTER_CMS_MAX;
    if (good) *ret = str_copy(a, (str){ (const char *)der, (size_t)n });
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    return good;
}
