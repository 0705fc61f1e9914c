/* smime_key.c - see smime_key.h. OpenSSL makes and reads all structures. Owns an open key's memory.
 */
#include "proc/smime_key.h"
#include "proc/key_file.h"
#include "proc/key_pair.h"

#include <errno.h>
#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <unistd.h>

#define USED "smime.pem"
#define WAITS "smime-next.pem"
enum { RSA_BITS = 3072, NAME_MAX_BYTES = 64 };

struct smime_key {
    key_pair pair;
    instant from, until;
};

/* ---- reading ---- */

/* *ret_there: is there such a file? */
static err read_file(const char *folder, const char *name, key_pair *ret, bool *ret_there)
{
    char path[KEY_PATH_ROOM];
    key_file_path(path, folder, name);
    err e = key_file_look(path);
    *ret_there = !failed(e);
    if (err_code_of(e) == E_ABSENT) return OK;
    if (err_code_of(e) == E_CONFIG) return ERR1(E_CONFIG, "error.smime.form", str_of(path));
    TRY(e);
    return key_pair_read(path, path, ret) ? OK : ERR1(E_CONFIG, "error.smime.form", str_of(path));
}

err smime_key_open(const char *folder, smime_key **ret)
{
    bool there;
    smime_key *k = calloc(1, sizeof *k);
    ASSERT(k);
    *ret = NULL;
    err e = read_file(folder, USED, &k->pair, &there);
    if (!failed(e) && there) {
        const X509 *x = k->pair.certificate;
        bool good = x && x509_time(X509_get0_notBefore(x), &k->from) &&
                    x509_time(X509_get0_notAfter(x), &k->until);
        if (good) {
            *ret = k;
            return OK;
        }
        e = ERR1(E_CONFIG, "error.smime.form", S(USED));
    }
    smime_key_close(k);
    return e;
}

void smime_key_close(smime_key *k)
{
    if (!k) return;
    key_pair_clear(&k->pair);
    free(k);
}

str smime_key_listing(const smime_key *k, arena *a, instant now)
{
    str s;
    return k && smime_list(a, k->pair.certificate, k->pair.others, NULL, now, &s) ? s : S("");
}

/* ---- signing ---- */

str smime_key_sign(const smime_key *k, str entity, instant now, arena *a)
{
    uint8_t *der = NULL;
    if (!k || now.us < k->from.us || now.us >= k->until.us) return S("");
    BIO *in = BIO_new_mem_buf(entity.p, (int)entity.n);
    CMS_ContentInfo *cms =
            CMS_sign(NULL, NULL, k->pair.others, NULL, CMS_PARTIAL | CMS_DETACHED | CMS_BINARY);
    ASSERT(in && cms &&
            CMS_add1_signer(cms, k->pair.certificate, k->pair.key, EVP_sha256(),
                    CMS_BINARY | CMS_DETACHED | CMS_CADES | CMS_NOSMIMECAP) &&
            CMS_final(cms, in, NULL, CMS_BINARY | CMS_DETACHED) == 1);
    int n = i2d_CMS_ContentInfo(cms, &der);
    ASSERT(n > 0);
    str s = str_copy(a, (str){ (const char *)der, (size_t)n });
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    return s;
}

/* ---- making ---- */

err smime_key_make(const char *folder)
{
    char path[KEY_PATH_ROOM];
    key_file_path(path, folder, WAITS);
    if (access(path, F_OK) == 0) return ERR(E_CONFLICT, "error.smime.waits");
    key_pair p = { .key = EVP_RSA_gen(RSA_BITS) };
    ASSERT(p.key);
    err e = key_pair_keep(folder, WAITS, &p);
    key_pair_clear(&p);
    return e;
}

static void add_extension(STACK_OF(X509_EXTENSION) * to, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, NULL, NULL, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    ASSERT(e && sk_X509_EXTENSION_push(to, e) > 0);
}

/* The address as it stands: no word of a configuration in it is read as one. */
static void add_address(STACK_OF(X509_EXTENSION) * to, str address)
{
    GENERAL_NAMES *all = sk_GENERAL_NAME_new_null();
    GENERAL_NAME *n = GENERAL_NAME_new();
    ASN1_IA5STRING *s = ASN1_IA5STRING_new();
    ASSERT(all && n && s && ASN1_STRING_set(s, address.p, (int)address.n) == 1);
    GENERAL_NAME_set0_value(n, GEN_EMAIL, s);
    ASSERT(sk_GENERAL_NAME_push(all, n) > 0 &&
            X509V3_add1_i2d(&to, NID_subject_alt_name, all, 0, X509V3_ADD_APPEND) == 1);
    GENERAL_NAMES_free(all);
}

/* As many whole characters as a common name takes. */
static str name_cut(str name)
{
    size_t n = 0;
    while (n < name.n) {
        size_t one = utf8_len(name.p + n, name.n - n);
        if (!one || n + one > NAME_MAX_BYTES) break;
        n += one;
    }
    return str_sub(name, 0, n);
}

static str request_of(arena *a, EVP_PKEY *key, str name, str address)
{
    X509_REQ *r = X509_REQ_new();
    STACK_OF(X509_EXTENSION) *x = sk_X509_EXTENSION_new_null();
    BIO *b = BIO_new(BIO_s_mem());
    char *p;
    ASSERT(r && x && b && X509_REQ_set_version(r, X509_REQ_VERSION_1) == 1);
    name = name_cut(name);
    ASSERT(X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(r), "CN", MBSTRING_UTF8,
                   (const uint8_t *)name.p, (int)name.n, -1, 0) == 1);
    add_address(x, address);
    add_extension(x, NID_key_usage, "critical,digitalSignature,nonRepudiation");
    add_extension(x, NID_ext_key_usage, "emailProtection");
    ASSERT(X509_REQ_add_extensions(r, x) == 1 && X509_REQ_set_pubkey(r, key) == 1 &&
            X509_REQ_sign(r, key, EVP_sha256()) > 0 && PEM_write_bio_X509_REQ(b, r) == 1);
    long n = BIO_get_mem_data(b, &p);
    str s = str_copy(a, (str){ p, (size_t)n });
    BIO_free(b);
    sk_X509_EXTENSION_pop_free(x, X509_EXTENSION_free);
    X509_REQ_free(r);
    return s;
}

err smime_key_request(const char *folder, arena *a, str name, str address, str *ret)
{
    bool there;
    key_pair p = { 0 };
    TRY(read_file(folder, WAITS, &p, &there));
    if (!there) return ERR(E_ABSENT, "error.smime.none_waits");
    *ret = request_of(a, p.key, name, address);
    key_pair_clear(&p);
    return OK;
}

/* ---- taking a certificate in ---- */

/* That of this key goes into p, the others of it beside. */
static bool take_those(key_pair *p, STACK_OF(X509) * all)
{
    X509_free(p->certificate);
    sk_X509_pop_free(p->others, X509_free);
    p->certificate = NULL;
    p->others = sk_X509_new_null();
    for (int i = 0; i < sk_X509_num(all); i++) {
        X509 *x = sk_X509_value(all, i);
        bool ours = !p->certificate && X509_check_private_key(x, p->key) == 1;
        X509_up_ref(x);
        if (ours)
            p->certificate = x;
        else
            sk_X509_push(p->others, x);
    }
    return p->certificate && sk_X509_num(p->others) < KEY_PAIR_OTHERS;
}

static err judge(arena *a, const key_pair *p, str address, instant now, smime_cert *ret)
{
    str listing = { 0 };
    (void)!smime_list(a, p->certificate, p->others, NULL, now, &listing);
    return err_at_pointer(smime_judge(a, listing, address, SMIME_SIGNS, now, ret), S(""));
}

static err put_in_use(const char *folder, const key_pair *p)
{
    bool there;
    key_pair was = { 0 };
    TRY(read_file(folder, USED, &was, &there));
    err e = there && was.certificate ? key_pair_keep_certificate(folder, "smime", &was) : OK;
    key_pair_clear(&was);
    TRY(e);
    return key_pair_keep(folder, USED, p);
}

/* With the key in that file, if it is the one. */
static err try_key(const char *folder, const char *name, arena *a, const x509_found *f, str address,
        instant now, smime_cert *ret, bool *ret_ours)
{
    bool there;
    key_pair p = { 0 };
    TRY(read_file(folder, name, &p, &there));
    *ret_ours = there && take_those(&p, f->all);
    err e = *ret_ours ? judge(a, &p, address, now, ret) : OK;
    if (!failed(e) && *ret_ours) e = put_in_use(folder, &p);
    key_pair_clear(&p);
    return e;
}

err smime_key_take(
        const char *folder, arena *a, str brought, str address, instant now, smime_cert *ret)
{
    bool ours;
    x509_found f = x509_find(brought);
    err e = sk_X509_num(f.all) ? try_key(folder, WAITS, a, &f, address, now, ret, &ours)
                               : ERR(E_INVALID, "error.smime.none");
    if (!failed(e) && ours)
        e = smime_key_drop(folder, SMIME_WAITS);
    else if (!failed(e))
        e = try_key(folder, USED, a, &f, address, now, ret, &ours);
    x509_found_free(&f);
    TRY(e);
    return ours ? OK : ERR(E_INVALID, "error.smime.other_key");
}

/* ---- ending and looking ---- */

err smime_key_drop(const char *folder, smime_which w)
{
    char path[KEY_PATH_ROOM];
    bool there = true;
    key_pair was = { 0 };
    if (w == SMIME_USED) {
        TRY(read_file(folder, USED, &was, &there));
        err e = there && was.certificate ? key_pair_keep_certificate(folder, "smime", &was) : OK;
        key_pair_clear(&was);
        TRY(e);
    }
    key_file_path(path, folder, w == SMIME_USED ? USED : WAITS);
    if (unlink(path) == 0) return OK;
    if (errno != ENOENT) return err_errno("error.access.master_key", str_of(path));
    return w == SMIME_USED ? ERR(E_ABSENT, "error.smime.none_used")
                           : ERR(E_ABSENT, "error.smime.none_waits");
}

err smime_key_look(const char *folder, arena *a, instant now, smime_state *ret)
{
    char path[KEY_PATH_ROOM];
    smime_key *k;
    *ret = (smime_state){ 0 };
    key_file_path(path, folder, WAITS);
    ret->waits = access(path, F_OK) == 0;
    TRY(smime_key_open(folder, &k));
    ret->listing = smime_key_listing(k, a, now);
    ret->used = smime_read(a, ret->listing, &ret->certificate);
    smime_key_close(k);
    return OK;
}
