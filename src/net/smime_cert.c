/* smime_cert.c - see smime_cert.h. OpenSSL reads all structures. */
#include "net/smime_cert.h"

#include "base/json.h"
#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum { STRONG_BITS = 112, CHAIN_MAX = 8, AUTH_LEVEL = 2 };
#define TIME_MAX_S INT64_C(253402300799) /* the last second of the year 9999 */

bool smime_is_certificate(str brought)
{
    str s = str_trim(brought);
    if (str_find(s, S("-----BEGIN PGP")) >= 0) return false;
    if (str_find(s, S("-----BEGIN ")) >= 0) return true;
    return str_starts(s, S("MI")); /* the first six bits of a long sequence in DER, and two more */
}

/* ---- describing ---- */

static bool curve_is_known(const EVP_PKEY *k)
{
    static const char *const known[] = { "prime256v1", "secp384r1", "secp521r1" };
    char name[64];
    size_t n = 0;
    if (EVP_PKEY_get_group_name(k, name, sizeof name, &n) != 1) return false;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(name, known[i]) == 0) return true;
    return false;
}

static bool key_is_strong(const EVP_PKEY *k)
{
    int bits = k ? EVP_PKEY_get_bits(k) : 0;
    if (!k) return false;
    if (EVP_PKEY_is_a(k, "RSA")) return bits >= SMIME_RSA_BITS && bits <= SMIME_RSA_BITS_MAX;
    return EVP_PKEY_is_a(k, "EC") && curve_is_known(k);
}

static bool signature_is_strong(X509 *x)
{
    int bits = 0;
    return X509_get_signature_info(x, NULL, NULL, &bits, NULL) == 1 && bits >= STRONG_BITS;
}

/* May its key be used so? Both answers are good where it says nothing. */
static bool may(X509 *x, smime_purpose p)
{
    const EVP_PKEY *k = X509_get0_pubkey(x);
    uint32_t use = X509_get_key_usage(x), purpose = X509_get_extended_key_usage(x);
    uint32_t wanted = p == SMIME_SIGNS              ? KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION
                      : k && EVP_PKEY_is_a(k, "EC") ? KU_KEY_AGREEMENT
                                                    : KU_KEY_ENCIPHERMENT;
    return use & wanted && purpose & (XKU_SMIME | XKU_ANYEKU);
}

/* Signed by whom it says, as far as that one is here to be asked. */
static bool signature_holds(X509 *x, STACK_OF(X509) * of)
{
    for (int i = 0; i < sk_X509_num(of); i++) {
        X509 *by = sk_X509_value(of, i);
        if (X509_check_issued(by, x) != X509_V_OK) continue;
        EVP_PKEY *k = X509_get0_pubkey(by);
        if (k && X509_verify(x, k) == 1) return true;
        return false;
    }
    return true;
}

static bool chain_leads(X509 *x, STACK_OF(X509) * of, X509_STORE *store, instant now)
{
    X509_STORE_CTX *c = X509_STORE_CTX_new();
    ASSERT(c);
    bool good = X509_STORE_CTX_init(c, store, x, of) == 1;
    X509_VERIFY_PARAM *p = good ? X509_STORE_CTX_get0_param(c) : NULL;
    if (good) {
        X509_VERIFY_PARAM_set_time(p, (time_t)(now.us / US_PER_S));
        X509_VERIFY_PARAM_set_depth(p, CHAIN_MAX);
        X509_VERIFY_PARAM_set_auth_level(p, AUTH_LEVEL);
        good = X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_PARTIAL_CHAIN) == 1;
    }
    good = good && X509_verify_cert(c) == 1;
    X509_STORE_CTX_free(c);
    return good;
}

static void put_addresses(jsonw *w, X509 *x)
{
    STACK_OF(OPENSSL_STRING) *all = X509_get1_email(x);
    jw_key(w, S("addresses"));
    jw_arr(w);
    for (int i = 0; i < sk_OPENSSL_STRING_num(all); i++)
        jw_str(w, str_of(sk_OPENSSL_STRING_value(all, i)));
    jw_end_arr(w);
    X509_email_free(all);
}

static void put_judged(jsonw *w, X509 *x, STACK_OF(X509) * of, X509_STORE *store, instant now)
{
    uint32_t flags = X509_get_extension_flags(x);
    jw_kbool(w, "whole", !(flags & (EXFLAG_INVALID | EXFLAG_CRITICAL)) && signature_holds(x, of));
    jw_kbool(w, "leads", !store || chain_leads(x, of, store, now));
    jw_kbool(w, "authority", (flags & EXFLAG_CA) != 0);
    jw_kbool(w, "strong", key_is_strong(X509_get0_pubkey(x)));
    jw_kbool(w, "strong_signature", signature_is_strong(x));
    jw_kbool(w, "encrypts", may(x, SMIME_ENCRYPTS));
    jw_kbool(w, "signs", may(x, SMIME_SIGNS));
}

bool smime_list(arena *a, X509 *x, STACK_OF(X509) * of, X509_STORE *store, instant now, str *ret)
{
    str subject, issuer;
    instant from, until;
    jsonw w = jsonw_new(a, 2048);
    if (!x509_name_text(a, X509_get_subject_name(x), &subject) ||
            !x509_name_text(a, X509_get_issuer_name(x), &issuer) ||
            !x509_time(X509_get0_notBefore(x), &from) || !x509_time(X509_get0_notAfter(x), &until))
        return false;
    jw_obj(&w);
    jw_kstr(&w, "fingerprint", x509_sha256(a, x, HEX_CAPITALS));
    jw_kstr(&w, "subject", subject);
    jw_kstr(&w, "issuer", issuer);
    jw_kstr(&w, "serial", x509_serial(a, x));
    jw_ki64(&w, "from", from.us);
    jw_ki64(&w, "until", until.us);
    put_judged(&w, x, of, store, now);
    put_addresses(&w, x);
    jw_end_obj(&w);
    *ret = jsonw_done(&w);
    return true;
}

/* ---- what was brought ---- */

/* The only one, or the only one that is no authority's. */
static X509 *person_of(STACK_OF(X509) * all, int *ret_n)
{
    X509 *found = NULL;
    *ret_n = 0;
    if (sk_X509_num(all) == 1) found = sk_X509_value(all, 0);
    for (int i = 0; !found && i < sk_X509_num(all); i++)
        if (!(X509_get_extension_flags(sk_X509_value(all, i)) & EXFLAG_CA))
            found = sk_X509_value(all, i);
    for (int i = 0; found && i < sk_X509_num(all); i++) {
        X509 *x = sk_X509_value(all, i);
        *ret_n += x == found ||
                  (!(X509_get_extension_flags(x) & EXFLAG_CA) && X509_cmp(x, found) != 0);
    }
    return found;
}

static X509_STORE *store_of(str authorities)
{
    if (!authorities.n) return NULL;
    x509_found f = x509_find(authorities);
    X509_STORE *s = X509_STORE_new();
    ASSERT(s);
    for (int i = 0; i < sk_X509_num(f.all); i++)
        (void)X509_STORE_add_cert(s, sk_X509_value(f.all, i));
    x509_found_free(&f);
    return s;
}

static str pem_of(arena *a, X509 *x)
{
    BIO *b = BIO_new(BIO_s_mem());
    char *p;
    ASSERT(b && PEM_write_bio_X509(b, x) == 1);
    long n = BIO_get_mem_data(b, &p);
    str s = str_copy(a, (str){ p, (size_t)n });
    BIO_free(b);
    return s;
}

static str refusal(arena *a, const char *why)
{
    jsonw w = jsonw_new(a, 64);
    jw_obj(&w);
    jw_kstr(&w, "fault", str_of(why));
    jw_end_obj(&w);
    return jsonw_done(&w);
}

void smime_look(arena *a, str brought, str authorities, instant now, str *ret_listing, str *ret_pem)
{
    int n;
    x509_found f = x509_find(brought);
    X509 *x = person_of(f.all, &n);
    X509_STORE *store = store_of(authorities);
    *ret_pem = (str){ 0 };
    if (f.secret)
        *ret_listing = refusal(a, "secret");
    else if (n != 1)
        *ret_listing = refusal(a, n ? "many" : "none");
    else if (smime_list(a, x, f.all, store, now, ret_listing))
        *ret_pem = pem_of(a, x);
    else
        *ret_listing = refusal(a, "none");
    X509_STORE_free(store);
    x509_found_free(&f);
}

/* ---- judging ---- */

static err no(const char *words, str what)
{
    return err_at_pointer(ERR1(E_INVALID, words, what), S("/key"));
}

static bool is_set(const json *j, const char *name)
{
    bool v = false;
    return json_bool(json_get(j, str_of(name)), &v) && v;
}

static bool has_address(const json *j, str address)
{
    const json *all = json_get(j, S("addresses")), *x;
    for (size_t i = 0; (x = json_at(all, i)) != NULL; i++)
        if (str_eq_nocase(json_text(x), address)) return true;
    return false;
}

static bool read_time(const json *j, instant *ret)
{
    return json_i64(j, &ret->us) && ret->us >= 0 && ret->us <= TIME_MAX_S * US_PER_S;
}

static bool read_json(arena *a, const json *j, smime_cert *ret)
{
    smime_cert c = { .fingerprint = str_copy(a, json_get_text(j, S("fingerprint"))),
        .subject = str_copy(a, json_get_text(j, S("subject"))),
        .issuer = str_copy(a, json_get_text(j, S("issuer"))),
        .serial = str_copy(a, json_get_text(j, S("serial"))) };
    if (c.fingerprint.n != 64 || !str_only(c.fingerprint, "0123456789ABCDEF") ||
            c.subject.n > X509_TEXT_MAX || c.issuer.n > X509_TEXT_MAX ||
            !read_time(json_get(j, S("from")), &c.from) ||
            !read_time(json_get(j, S("until")), &c.until))
        return false;
    *ret = c;
    return true;
}

bool smime_read(arena *a, str listing, smime_cert *ret)
{
    const json *j;
    return listing.n && !failed(json_parse(a, listing, NULL, &j)) && read_json(a, j, ret);
}

static err refuse_for(str why)
{
    if (str_eq(why, S("secret"))) return no("error.smime.secret", S(""));
    if (str_eq(why, S("many"))) return no("error.smime.many", S(""));
    return no("error.smime.none", S(""));
}

static err refuse(
        arena *a, const json *j, const smime_cert *c, str address, smime_purpose p, instant now)
{
    str from = str_sub(instant_text(a, c->from), 0, 10);
    str until = str_sub(instant_text(a, c->until), 0, 10);
    if (!is_set(j, "strong")) return no("error.smime.weak", S(""));
    if (!is_set(j, "strong_signature")) return no("error.smime.sha1", S(""));
    if (!is_set(j, "whole")) return no("error.smime.altered", S(""));
    if (c->until.us <= now.us) return no("error.smime.ended", until);
    if (c->from.us > now.us) return no("error.smime.early", from);
    if (is_set(j, "authority") || !is_set(j, p == SMIME_SIGNS ? "signs" : "encrypts"))
        return no("error.smime.purpose", S(""));
    if (!has_address(j, address)) return no("error.smime.address", address);
    return is_set(j, "leads") ? OK : no("error.smime.authority", c->issuer);
}

err smime_judge(arena *a, str listing, str address, smime_purpose p, instant now, smime_cert *ret)
{
    const json *j;
    smime_cert c;
    if (!listing.n || failed(json_parse(a, listing, NULL, &j)))
        return no("error.smime.none", S(""));
    if (!read_json(a, j, &c)) return refuse_for(json_get_text(j, S("fault")));
    TRY(refuse(a, j, &c, address, p, now));
    *ret = c;
    return OK;
}

/* ---- encrypting ---- */

/* For a curve the key is derived by SHA-256; OpenSSL's own way is SHA-1. */
static bool add_reader(CMS_ContentInfo *cms, X509 *x)
{
    CMS_RecipientInfo *r = CMS_add1_recipient_cert(cms, x, CMS_KEY_PARAM);
    if (!r) return false;
    EVP_PKEY_CTX *c = CMS_RecipientInfo_get0_pkey_ctx(r);
    return CMS_RecipientInfo_type(r) != CMS_RECIPINFO_AGREE ||
           (c && EVP_PKEY_CTX_set_ecdh_kdf_md(c, EVP_sha256()) == 1);
}

static bool encrypt_to(arena *a, str entity, X509 *x, mail_cipher c, str *ret)
{
    uint8_t *der = NULL;
    const EVP_CIPHER *by = c == MAIL_GCM ? EVP_aes_256_gcm() : EVP_aes_256_cbc();
    CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, by, CMS_PARTIAL | CMS_BINARY);
    BIO *in = BIO_new_mem_buf(entity.p, (int)entity.n);
    ASSERT(in);
    bool good = cms && add_reader(cms, x) && CMS_final(cms, in, NULL, CMS_BINARY) == 1;
    int n = good ? i2d_CMS_ContentInfo(cms, &der) : 0;
    if (n > 0) *ret = str_copy(a, (str){ (const char *)der, (size_t)n });
    OPENSSL_free(der);
    BIO_free(in);
    CMS_ContentInfo_free(cms);
    return n > 0;
}

bool smime_encrypt(arena *a, str entity, str pem, mail_cipher c, str *ret)
{
    x509_found f = x509_find(pem);
    X509 *x = sk_X509_num(f.all) == 1 ? sk_X509_value(f.all, 0) : NULL;
    bool good = x && key_is_strong(X509_get0_pubkey(x)) && encrypt_to(a, entity, x, c, ret);
    x509_found_free(&f);
    return good;
}
