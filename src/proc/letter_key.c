/* letter_key.c - see letter_key.h. OpenSSL makes and reads all structures. Owns an open key's
 * memory. */
#include "proc/letter_key.h"
#include "proc/key_file.h"

#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BACK_DATED_S = 3600 };

struct letter_key {
    EVP_PKEY *key;
    X509 *certificate;
    STACK_OF(X509) * others; /* up to a root */
};

/* ---- reading ---- */

void letter_key_close(letter_key *k)
{
    if (!k) return;
    EVP_PKEY_free(k->key);
    X509_free(k->certificate);
    sk_X509_pop_free(k->others, X509_free);
    free(k);
}

/* No passphrase is asked for: there is nobody to answer. */
static int no_passphrase(char *to, int size, int writing, void *ctx)
{
    (void)to, (void)size, (void)writing, (void)ctx;
    return -1;
}

/* What readers of PDF check everywhere. */
static bool readers_know(const EVP_PKEY *k)
{
    return (EVP_PKEY_is_a(k, "RSA") && EVP_PKEY_get_bits(k) >= 2048) || EVP_PKEY_is_a(k, "EC");
}

static bool read_pem(letter_key *k, BIO *key, BIO *certificates)
{
    k->others = sk_X509_new_null();
    k->key = PEM_read_bio_PrivateKey(key, NULL, no_passphrase, NULL);
    k->certificate = PEM_read_bio_X509(certificates, NULL, no_passphrase, NULL);
    for (X509 *x; (x = PEM_read_bio_X509(certificates, NULL, no_passphrase, NULL)) != NULL;)
        sk_X509_push(k->others, x);
    return k->key && k->certificate && X509_check_private_key(k->certificate, k->key) == 1 &&
           readers_know(k->key) && sk_X509_num(k->others) < 8;
}

static err open_files(const char *key_file, const char *certificate_file, letter_key **ret)
{
    letter_key *k = calloc(1, sizeof *k);
    ASSERT(k);
    BIO *key = BIO_new_file(key_file, "re"), *certificates = BIO_new_file(certificate_file, "re");
    bool good = key && certificates && read_pem(k, key, certificates);
    BIO_free(key);
    BIO_free(certificates);
    if (good) {
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

/* ---- writing ---- */

static err write_file(const char *folder, const char *name, BIO *bytes)
{
    char *p;
    long n = BIO_get_mem_data(bytes, &p);
    return key_file_write(folder, name, (str){ p, n > 0 ? (size_t)n : 0 });
}

static err keep(const char *folder, const letter_key *k)
{
    BIO *b = BIO_new(BIO_s_secmem());
    ASSERT(b && PEM_write_bio_PKCS8PrivateKey(b, k->key, NULL, NULL, 0, NULL, NULL) == 1 &&
            PEM_write_bio_X509(b, k->certificate) == 1);
    for (int i = 0; i < sk_X509_num(k->others); i++)
        ASSERT(PEM_write_bio_X509(b, sk_X509_value(k->others, i)) == 1);
    err e = write_file(folder, "letter.pem", b);
    BIO_free(b);
    return e;
}

static void text_of_serial(const X509 *x, char *to, size_t room)
{
    BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
    char *hex = BN_bn2hex(n);
    snprintf(to, room, "%s", hex);
    OPENSSL_free(hex);
    BN_free(n);
}

static err keep_certificate(const char *folder, const letter_key *k)
{
    char serial[128], name[160];
    BIO *b = BIO_new(BIO_s_mem());
    ASSERT(b && PEM_write_bio_X509(b, k->certificate) == 1);
    text_of_serial(k->certificate, serial, sizeof serial);
    snprintf(name, sizeof name, "letter-%s.crt", serial);
    err e = write_file(folder, name, b);
    BIO_free(b);
    return e;
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
    k->key = EVP_EC_gen("P-256");
    ASSERT(k->key);
    k->others = sk_X509_new_null();
    k->certificate = certificate_of(k->key, name);
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
    if (!failed(e) && was) e = keep_certificate(folder, was);
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

static str name_text(arena *a, const X509_NAME *n)
{
    BIO *b = BIO_new(BIO_s_mem());
    char *p;
    ASSERT(b && X509_NAME_print_ex(b, n, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) >= 0);
    long size = BIO_get_mem_data(b, &p);
    str s = str_copy(a, (str){ p, (size_t)size });
    BIO_free(b);
    return s;
}

static instant time_of(const ASN1_TIME *t)
{
    int days = 0, seconds = 0;
    ASN1_TIME *zero = ASN1_TIME_set(NULL, 0);
    ASSERT(zero && ASN1_TIME_diff(&days, &seconds, zero, t) == 1);
    ASN1_TIME_free(zero);
    return (instant){ days * US_PER_DAY + seconds * US_PER_S };
}

static str digest_text(arena *a, const X509 *x)
{
    uint8_t md[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    buf b = buf_new(a, 80);
    ASSERT(X509_digest(x, EVP_sha256(), md, &n) == 1);
    for (unsigned i = 0; i < n; i++)
        buf_fmt(&b, "%02x", md[i]);
    return buf_str(&b);
}

err letter_key_look(const char *folder, arena *a, letter_certificate *ret)
{
    char serial[128];
    letter_key *k;
    TRY(letter_key_open(folder, &k));
    if (!k) return ERR(E_ABSENT, "error.letter_key.none");
    const X509 *x = k->certificate;
    text_of_serial(x, serial, sizeof serial);
    *ret = (letter_certificate){ .name = name_text(a, X509_get_subject_name(x)),
        .issuer = name_text(a, X509_get_issuer_name(x)),
        .serial = str_copy(a, str_of(serial)),
        .sha256 = digest_text(a, x),
        .from = time_of(X509_get0_notBefore(x)),
        .until = time_of(X509_get0_notAfter(x)) };
    letter_key_close(k);
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
    ASSERT(m && EVP_DigestSignInit(m, NULL, EVP_sha256(), NULL, k->key) == 1 &&
            EVP_DigestSign(m, NULL, &n, p, signed_bytes.n) == 1);
    uint8_t *signature = arena_alloc(a, n);
    ASSERT(EVP_DigestSign(m, signature, &n, p, signed_bytes.n) == 1);
    ASSERT(ASN1_STRING_set(CMS_SignerInfo_get0_signature(si), signature, (int)n) == 1);
    EVP_MD_CTX_free(m);
}

static void add_signer(const letter_key *k, CMS_ContentInfo *cms, const uint8_t *digest, arena *a)
{
    CMS_SignerInfo *si = CMS_add1_signer(cms, k->certificate, k->key, EVP_sha256(),
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
    for (int i = 0; i < sk_X509_num(k->others); i++)
        (void)CMS_add1_cert(cms, sk_X509_value(k->others, i));
    uint8_t *der = NULL;
    int n = i2d_CMS_ContentInfo(cms, &der);
    bool good = n > 0 && n <= LETTER_CMS_MAX;
    if (good) *ret = str_copy(a, (str){ (const char *)der, (size_t)n });
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    return good;
}
