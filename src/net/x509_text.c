/* x509_text.c - see x509_text.h. */
#include "net/x509_text.h"

#include <openssl/cms.h>
#include <openssl/pem.h>
#include <sodium.h>

/* ---- what people read ---- */

bool x509_name_text(arena *a, const X509_NAME *n, str *ret)
{
    BIO *b = BIO_new(BIO_s_mem());
    char *p;
    ASSERT(b);
    bool good = X509_NAME_print_ex(b, n, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) >= 0;
    long size = BIO_get_mem_data(b, &p);
    str s = { p, size > 0 ? (size_t)size : 0 };
    good = good && s.n <= X509_TEXT_MAX && str_is_utf8(s);
    if (good) *ret = str_copy(a, s);
    BIO_free(b);
    return good;
}

bool x509_time(const ASN1_TIME *t, instant *ret)
{
    int days = 0, seconds = 0;
    ASN1_TIME *zero = ASN1_TIME_set(NULL, 0);
    ASSERT(zero);
    bool good = t && ASN1_TIME_diff(&days, &seconds, zero, t) == 1;
    ASN1_TIME_free(zero);
    if (good) *ret = (instant){ days * US_PER_DAY + seconds * US_PER_S };
    return good;
}

str x509_serial(arena *a, const X509 *x)
{
    const ASN1_INTEGER *n = X509_get0_serialNumber(x);
    buf b = buf_new(a, 64);
    if (ASN1_STRING_type(n) == V_ASN1_NEG_INTEGER) buf_byte(&b, '-');
    for (int i = 0; i < ASN1_STRING_length(n) && i < 64; i++)
        buf_fmt(&b, "%02X", ASN1_STRING_get0_data(n)[i]);
    return buf_str(&b);
}

str x509_sha256(arena *a, const X509 *x, hex_letters h)
{
    uint8_t md[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    buf b = buf_new(a, 80);
    ASSERT(X509_digest(x, EVP_sha256(), md, &n) == 1);
    for (unsigned i = 0; i < n; i++)
        buf_fmt(&b, h == HEX_CAPITALS ? "%02X" : "%02x", md[i]);
    return buf_str(&b);
}

/* ---- finding ---- */

static void find_bundle(x509_found *f, const uint8_t *p, long n)
{
    const uint8_t *at = p;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, n);
    bool whole = cms && at == p + n && OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed;
    STACK_OF(X509) *some = whole ? CMS_get1_certs(cms) : NULL;
    for (int i = 0; i < sk_X509_num(some); i++)
        if (X509_up_ref(sk_X509_value(some, i))) sk_X509_push(f->all, sk_X509_value(some, i));
    sk_X509_pop_free(some, X509_free);
    CMS_ContentInfo_free(cms);
}

static bool find_one(x509_found *f, const uint8_t *p, long n)
{
    const uint8_t *at = p;
    X509 *x = d2i_X509(NULL, &at, n);
    if (x && at == p + n && sk_X509_push(f->all, x) > 0) return true;
    X509_free(x);
    return false;
}

static void find_der(x509_found *f, const uint8_t *p, long n)
{
    if (!find_one(f, p, n)) find_bundle(f, p, n);
}

static void find_pem(x509_found *f, str text)
{
    char *name, *header;
    unsigned char *p;
    long n;
    BIO *b = BIO_new_mem_buf(text.p, (int)text.n);
    ASSERT(b);
    while (sk_X509_num(f->all) <= X509_CERTIFICATES_MAX &&
            PEM_read_bio(b, &name, &header, &p, &n) == 1) {
        f->secret = f->secret || str_ends(str_of(name), S("PRIVATE KEY"));
        if (!f->secret) find_der(f, p, n);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(p, (size_t)n);
    }
    BIO_free(b);
}

static void find_base64(x509_found *f, str text)
{
    size_t n = 0, room = text.n / 4 * 3 + 3;
    uint8_t *p = OPENSSL_malloc(room);
    ASSERT(p);
    if (sodium_base642bin(p, room, text.p, text.n, " \t\r\n", &n, NULL,
                sodium_base64_VARIANT_ORIGINAL) == 0 &&
            n)
        find_der(f, p, (long)n);
    OPENSSL_free(p);
}

x509_found x509_find(str text)
{
    enum { DER_SEQUENCE = 0x30 };
    x509_found f = { .all = sk_X509_new_null() };
    ASSERT(f.all && text.n < INT32_MAX);
    if (str_find(text, S("-----BEGIN ")) >= 0)
        find_pem(&f, text);
    else if (text.n && text.p[0] == DER_SEQUENCE)
        find_der(&f, (const uint8_t *)text.p, (long)text.n);
    if (!f.secret && sk_X509_num(f.all) == 0) find_base64(&f, text);
    if (sk_X509_num(f.all) > X509_CERTIFICATES_MAX)
        while (sk_X509_num(f.all))
            X509_free(sk_X509_pop(f.all));
    return f;
}

void x509_found_free(x509_found *f)
{
    sk_X509_pop_free(f->all, X509_free);
    f->all = NULL;
}
