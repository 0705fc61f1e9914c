/* token_work.c - one visit to a token: the module loaded, the token found, the PIN given, the key
 * found or made, one secret sealed or opened. Runs in a child of its own (token.c), which then
 * ends: what the module leaves in memory goes with it. */
#include "proc/token_in.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <p11-kit/pkcs11.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOTS_MAX = 64, PIN_MAX = 256, NUMBER_MAX = 1024, BITS = 3072, BITS_LEAST = 2048 };
#define REFUSED_FILE ".token-refused" /* a name with a dot is in no backup */

typedef struct {
    const token_question *q;
    token_answer *a;
    void *so;
    CK_FUNCTION_LIST *f;
    CK_SLOT_ID slot;
    CK_TOKEN_INFO info;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;
} visit;

/* ---- what went wrong ---- */

static bool no_of(visit *v, err_code code, const char *text, str a1, str a2)
{
    v->a->code = code;
    v->a->text = text;
    snprintf(v->a->arg[0], TOKEN_ARG, "%.*s", STR_ARG(a1));
    snprintf(v->a->arg[1], TOKEN_ARG, "%.*s", STR_ARG(a2));
    return false;
}

static bool no(visit *v, const char *text)
{
    return no_of(v, E_CONFIG, text, v->q->setup->label, v->q->setup->key);
}

/* What the token says that we have no words for, by its number in the standard. */
static bool refused(visit *v, const char *call, CK_RV rv)
{
    char number[32];
    snprintf(number, sizeof number, "0x%lx", rv);
    if (rv == CKR_DEVICE_MEMORY)
        return no_of(v, E_FULL, "error.token.full", v->q->setup->label, S(""));
    return no_of(v, E_CONFIG, "error.token.refused", str_of(call), str_of(number));
}

/* ---- module and token ---- */

static bool load(visit *v)
{
    char path[4096];
    CK_C_GetFunctionList list = NULL;
    snprintf(path, sizeof path, "%.*s", STR_ARG(v->q->setup->module));
    v->so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *found = v->so ? dlsym(v->so, "C_GetFunctionList") : NULL;
    if (!found)
        return no_of(v, E_CONFIG, "error.token.module", v->q->setup->module, str_of(dlerror()));
    memcpy(&list, &found, sizeof list);
    CK_RV rv = list(&v->f);
    if (rv != CKR_OK || !v->f) return refused(v, "C_GetFunctionList", rv);
    rv = v->f->C_Initialize(NULL);
    if (rv == CKR_OK) return true;
    v->f = NULL;
    return refused(v, "C_Initialize", rv);
}

/* The standard's texts are padded by blanks, and end nowhere. */
static str padded(const CK_UTF8CHAR *p, size_t n)
{
    while (n && (p[n - 1] == ' ' || !p[n - 1]))
        n--;
    return (str){ (const char *)p, n };
}

static str label_of(const CK_TOKEN_INFO *i)
{
    return padded(i->label, sizeof i->label);
}

static str serial_of(const CK_TOKEN_INFO *i)
{
    return padded(i->serialNumber, sizeof i->serialNumber);
}

static bool is_asked(const visit *v, const CK_TOKEN_INFO *i)
{
    str label = v->q->setup->label;
    return i->flags & CKF_TOKEN_INITIALIZED &&
           (str_eq(label_of(i), label) || str_eq(serial_of(i), label));
}

static bool is_same(const visit *v, const CK_TOKEN_INFO *i)
{
    return !v->q->same || str_eq(serial_of(i), str_of(v->q->same->serial));
}

static bool find_token(visit *v)
{
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG n = SLOTS_MAX;
    CK_TOKEN_INFO i;
    size_t named = 0, same = 0;
    CK_RV rv = v->f->C_GetSlotList(CK_TRUE, slots, &n);
    if (rv != CKR_OK) return refused(v, "C_GetSlotList", rv);
    for (CK_ULONG s = 0; s < n; s++) {
        if (v->f->C_GetTokenInfo(slots[s], &i) != CKR_OK || !is_asked(v, &i)) continue;
        named++;
        if (!is_same(v, &i)) continue;
        same++;
        v->slot = slots[s];
        v->info = i;
    }
    if (!named) return no(v, "error.token.none");
    if (!same)
        return no_of(
                v, E_CONFIG, "error.token.other", v->q->setup->label, str_of(v->q->same->serial));
    return same == 1 || no(v, "error.token.two");
}

/* ---- the PIN: tried once ---- */

/* What tells this file of the PIN from one that was written since, and this token from others. */
static bool pin_mark(const visit *v, const struct stat *st, char ret[128])
{
    str serial = serial_of(&v->info);
    int n = snprintf(ret, 128, "%.*s %llu %lld %lld.%09ld\n", STR_ARG(serial),
            (unsigned long long)st->st_ino, (long long)st->st_size, (long long)st->st_mtim.tv_sec,
            st->st_mtim.tv_nsec);
    return n > 0 && n < 128;
}

static void mark_path(const visit *v, char ret[4400])
{
    snprintf(ret, 4400, "%s/" REFUSED_FILE, v->q->setup->folder);
}

static bool was_refused(const visit *v, const char *mark)
{
    char path[4400], was[128] = "";
    mark_path(v, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return false;
    ssize_t n = read(fd, was, sizeof was - 1);
    close(fd);
    return n > 0 && strcmp(was, mark) == 0;
}

static void remember(const visit *v, const char *mark, bool is_wrong)
{
    char path[4400];
    mark_path(v, path);
    (void)unlink(path);
    if (!is_wrong) return;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return;
    (void)!write(fd, mark, strlen(mark));
    close(fd);
}

static bool pin_read(visit *v, char pin[PIN_MAX], CK_ULONG *n, char mark[128])
{
    char path[4096];
    struct stat st;
    str at = v->q->setup->pin_file;
    snprintf(path, sizeof path, "%.*s", STR_ARG(at));
    int fd = at.n ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t got =
            fd >= 0 && fstat(fd, &st) == 0 && !(st.st_mode & 07) ? read(fd, pin, PIN_MAX) : -1;
    if (fd >= 0) close(fd);
    while (got > 0 && (pin[got - 1] == '\n' || pin[got - 1] == '\r'))
        got--;
    if (got <= 0 || got == PIN_MAX || !pin_mark(v, &st, mark))
        return no_of(v, E_CONFIG, "error.token.pin_file", at.n ? at : S("-"), S(""));
    *n = (CK_ULONG)got;
    return true;
}

/* Before anything is tried: is there a try to lose? */
static bool may_try(visit *v)
{
    if (v->info.flags & CKF_USER_PIN_LOCKED) return no(v, "error.token.pin_locked");
    if (v->info.flags & CKF_USER_PIN_FINAL_TRY) return no(v, "error.token.pin_last");
    return true;
}

/* The standard has no number of tries, only what is near: told as the token says it. */
static bool wrong_pin(visit *v)
{
    CK_TOKEN_INFO i;
    CK_FLAGS flags = v->f->C_GetTokenInfo(v->slot, &i) == CKR_OK ? i.flags : 0;
    return no(v, flags & CKF_USER_PIN_LOCKED      ? "error.token.pin_locked"
                 : flags & CKF_USER_PIN_FINAL_TRY ? "error.token.pin_wrong_last"
                 : flags & CKF_USER_PIN_COUNT_LOW ? "error.token.pin_wrong_low"
                                                  : "error.token.pin_wrong");
}

static bool give_pin(visit *v)
{
    char pin[PIN_MAX], mark[128] = "";
    CK_ULONG n = 0;
    bool pad = !v->q->setup->pin_file.n && v->info.flags & CKF_PROTECTED_AUTHENTICATION_PATH;
    if (!may_try(v) || (!pad && !pin_read(v, pin, &n, mark))) return false;
    if (!pad && was_refused(v, mark))
        return no_of(v, E_CONFIG, "error.token.pin_refused", v->q->setup->pin_file, S(""));
    CK_RV rv = v->f->C_Login(v->session, CKU_USER, pad ? NULL : (CK_UTF8CHAR *)pin, n);
    sodium_memzero(pin, sizeof pin);
    bool wrong = rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LEN_RANGE || rv == CKR_PIN_INVALID;
    if (!pad) remember(v, mark, wrong);
    if (wrong) return wrong_pin(v);
    if (rv == CKR_PIN_LOCKED) return no(v, "error.token.pin_locked");
    return rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN || refused(v, "C_Login", rv);
}

static bool log_in(visit *v)
{
    bool makes = v->q->act == TOKEN_SEAL && !v->q->same;
    CK_FLAGS flags = CKF_SERIAL_SESSION | (makes ? CKF_RW_SESSION : 0);
    CK_RV rv = v->f->C_OpenSession(v->slot, flags, NULL, NULL, &v->session);
    return rv == CKR_OK ? give_pin(v) : refused(v, "C_OpenSession", rv);
}

/* ---- the key ---- */

static CK_OBJECT_CLASS private_class = CKO_PRIVATE_KEY, public_class = CKO_PUBLIC_KEY;
static CK_KEY_TYPE rsa = CKK_RSA;
static CK_BBOOL yes = CK_TRUE, not = CK_FALSE;

/* Those of the class with this attribute; how many, at most two. */
static bool find(
        visit *v, CK_OBJECT_CLASS *class, CK_ATTRIBUTE which, CK_OBJECT_HANDLE ret[2], CK_ULONG *n)
{
    CK_ATTRIBUTE t[] = { { CKA_CLASS, class, sizeof *class }, { CKA_KEY_TYPE, &rsa, sizeof rsa },
        which };
    *n = 0;
    CK_RV rv = v->f->C_FindObjectsInit(v->session, t, ARRAY_LEN(t));
    if (rv == CKR_OK) {
        rv = v->f->C_FindObjects(v->session, ret, 2, n);
        (void)v->f->C_FindObjectsFinal(v->session);
    }
    return rv == CKR_OK || refused(v, "C_FindObjects", rv);
}

static bool flag_of(visit *v, CK_ATTRIBUTE_TYPE type, bool otherwise)
{
    CK_BBOOL is = CK_FALSE;
    CK_ATTRIBUTE a = { type, &is, sizeof is };
    CK_RV rv = v->f->C_GetAttributeValue(v->session, v->key, &a, 1);
    return rv == CKR_OK ? is != CK_FALSE : otherwise;
}

/* What can be read out of the token would be no better than a file. */
static bool key_stays(visit *v)
{
    bool stays = flag_of(v, CKA_SENSITIVE, false) && !flag_of(v, CKA_EXTRACTABLE, true) &&
                 flag_of(v, CKA_DECRYPT, false);
    return stays || no(v, "error.token.key_loose");
}

static bool read_id(visit *v)
{
    token_lock *l = &v->a->lock;
    CK_ATTRIBUTE a = { CKA_ID, l->id, sizeof l->id };
    CK_RV rv = v->f->C_GetAttributeValue(v->session, v->key, &a, 1);
    if (rv != CKR_OK) return refused(v, "C_GetAttributeValue", rv);
    if (!a.ulValueLen || a.ulValueLen > sizeof l->id) return no(v, "error.token.key_loose");
    l->n_id = a.ulValueLen;
    return true;
}

static CK_ULONG bits_of(visit *v)
{
    CK_MECHANISM_INFO i = { 0 };
    CK_RV rv = v->f->C_GetMechanismInfo(v->slot, CKM_RSA_PKCS_KEY_PAIR_GEN, &i);
    return rv == CKR_OK && i.ulMaxKeySize >= BITS_LEAST && i.ulMaxKeySize < BITS ? BITS_LEAST
                                                                                 : BITS;
}

static bool make_key(visit *v)
{
    uint8_t id[16], exponent[] = { 1, 0, 1 };
    CK_ULONG bits = bits_of(v);
    CK_OBJECT_HANDLE public;
    str label = v->q->setup->key;
    CK_MECHANISM how = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
    randombytes_buf(id, sizeof id);
    CK_ATTRIBUTE name = { CKA_LABEL, (void *)(uintptr_t)label.p, label.n },
                 number = { CKA_ID, id, sizeof id };
    CK_ATTRIBUTE open[] = { { CKA_TOKEN, &yes, 1 }, { CKA_ENCRYPT, &yes, 1 },
        { CKA_MODULUS_BITS, &bits, sizeof bits },
        { CKA_PUBLIC_EXPONENT, exponent, sizeof exponent }, name, number };
    CK_ATTRIBUTE shut[] = { { CKA_TOKEN, &yes, 1 }, { CKA_PRIVATE, &yes, 1 },
        { CKA_SENSITIVE, &yes, 1 }, { CKA_EXTRACTABLE, &not, 1 }, { CKA_DECRYPT, &yes, 1 }, name,
        number };
    CK_RV rv = v->f->C_GenerateKeyPair(
            v->session, &how, open, ARRAY_LEN(open), shut, ARRAY_LEN(shut), &public, &v->key);
    return rv == CKR_OK || refused(v, "C_GenerateKeyPair", rv);
}

static bool key_of_label(visit *v)
{
    CK_OBJECT_HANDLE found[2];
    CK_ULONG n;
    str label = v->q->setup->key;
    CK_ATTRIBUTE name = { CKA_LABEL, (void *)(uintptr_t)label.p, label.n };
    if (!find(v, &private_class, name, found, &n)) return false;
    if (n > 1) return no(v, "error.token.keys");
    if (n == 1) v->key = found[0];
    return (n == 1 || make_key(v)) && key_stays(v) && read_id(v);
}

static bool key_of_lock(visit *v)
{
    CK_OBJECT_HANDLE found[2];
    CK_ULONG n;
    const token_lock *l = v->q->same;
    CK_ATTRIBUTE number = { CKA_ID, (void *)(uintptr_t)l->id, l->n_id };
    if (!find(v, &private_class, number, found, &n)) return false;
    if (n != 1) return no(v, "error.token.key");
    v->key = found[0];
    memcpy(v->a->lock.id, l->id, l->n_id);
    v->a->lock.n_id = l->n_id;
    return true;
}

/* ---- sealing: by the public half, here ---- */

typedef struct {
    uint8_t modulus[NUMBER_MAX], exponent[16];
    CK_ULONG n_modulus, n_exponent;
} public_half;

static bool half_of(visit *v, CK_OBJECT_HANDLE of, public_half *ret)
{
    CK_ATTRIBUTE a[] = { { CKA_MODULUS, ret->modulus, sizeof ret->modulus },
        { CKA_PUBLIC_EXPONENT, ret->exponent, sizeof ret->exponent } };
    CK_RV rv = v->f->C_GetAttributeValue(v->session, of, a, ARRAY_LEN(a));
    ret->n_modulus = a[0].ulValueLen;
    ret->n_exponent = a[1].ulValueLen;
    return rv == CKR_OK && ret->n_modulus - 1 < NUMBER_MAX &&
           ret->n_exponent - 1 < sizeof ret->exponent;
}

/* Some tokens keep it with the private key, some with the public one alone. */
static bool read_half(visit *v, public_half *ret)
{
    CK_OBJECT_HANDLE found[2];
    CK_ULONG n;
    const token_lock *l = &v->a->lock;
    CK_ATTRIBUTE number = { CKA_ID, (void *)(uintptr_t)l->id, l->n_id };
    if (half_of(v, v->key, ret)) return true;
    if (!find(v, &public_class, number, found, &n)) return false;
    return (n && half_of(v, found[0], ret)) || no(v, "error.token.key_loose");
}

static EVP_PKEY *public_key(const public_half *h)
{
    EVP_PKEY *key = NULL;
    BIGNUM *n = BN_bin2bn(h->modulus, (int)h->n_modulus, NULL),
           *e = BN_bin2bn(h->exponent, (int)h->n_exponent, NULL);
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    ASSERT(n && e && b && c);
    bool good = OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, n) &&
                OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, e);
    OSSL_PARAM *p = good ? OSSL_PARAM_BLD_to_param(b) : NULL;
    if (p && EVP_PKEY_fromdata_init(c) > 0)
        (void)EVP_PKEY_fromdata(c, &key, EVP_PKEY_PUBLIC_KEY, p);
    OSSL_PARAM_free(p);
    EVP_PKEY_CTX_free(c);
    OSSL_PARAM_BLD_free(b);
    BN_free(n);
    BN_free(e);
    return key;
}

static bool wrap(visit *v, const public_half *h)
{
    token_lock *l = &v->a->lock;
    const EVP_MD *hash = l->sha256 ? EVP_sha256() : EVP_sha1();
    EVP_PKEY *key = public_key(h);
    EVP_PKEY_CTX *c = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    l->n_wrapped = sizeof l->wrapped;
    bool good = c && EVP_PKEY_bits(key) >= BITS_LEAST && EVP_PKEY_encrypt_init(c) > 0 &&
                EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_OAEP_PADDING) > 0 &&
                EVP_PKEY_CTX_set_rsa_oaep_md(c, hash) > 0 &&
                EVP_PKEY_CTX_set_rsa_mgf1_md(c, hash) > 0 &&
                EVP_PKEY_encrypt(c, l->wrapped, &l->n_wrapped, v->q->secret, KEY_BYTES) > 0;
    EVP_PKEY_CTX_free(c);
    EVP_PKEY_free(key);
    return good || no(v, "error.token.key_loose");
}

/* ---- opening: by the token ---- */

static CK_RV unwrap(visit *v, const token_lock *l, uint8_t ret[KEY_BYTES])
{
    uint8_t out[NUMBER_MAX];
    CK_ULONG n = sizeof out;
    CK_RSA_PKCS_OAEP_PARAMS p = { l->sha256 ? CKM_SHA256 : CKM_SHA_1,
        l->sha256 ? CKG_MGF1_SHA256 : CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, NULL, 0 };
    CK_MECHANISM how = { CKM_RSA_PKCS_OAEP, &p, sizeof p };
    CK_RV rv = v->f->C_DecryptInit(v->session, &how, v->key);
    if (rv == CKR_OK)
        rv = v->f->C_Decrypt(v->session, (CK_BYTE *)(uintptr_t)l->wrapped, l->n_wrapped, out, &n);
    if (rv == CKR_OK && n != KEY_BYTES) rv = CKR_ENCRYPTED_DATA_INVALID;
    if (rv == CKR_OK) memcpy(ret, out, KEY_BYTES);
    sodium_memzero(out, sizeof out);
    return rv;
}

static bool open_it(visit *v)
{
    CK_RV rv = unwrap(v, v->q->same, v->a->secret);
    if (rv == CKR_OK) return true;
    bool not_its = rv == CKR_ENCRYPTED_DATA_INVALID || rv == CKR_ENCRYPTED_DATA_LEN_RANGE ||
                   rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_FAILED;
    return not_its ? no(v, "error.token.sealed_other") : refused(v, "C_Decrypt", rv);
}

/* By SHA-256, and where the token does not open that, by SHA-1: OAEP rests on no collision. */
static bool seal_it(visit *v)
{
    token_lock *l = &v->a->lock;
    public_half h;
    uint8_t again[KEY_BYTES];
    CK_RV rv = CKR_OK;
    bool good = false;
    if (!read_half(v, &h)) return false;
    for (int sha1 = 0; sha1 < 2 && !good; sha1++) {
        l->sha256 = !sha1;
        if (!wrap(v, &h)) return false;
        rv = unwrap(v, l, again);
        good = rv == CKR_OK && sodium_memcmp(again, v->q->secret, KEY_BYTES) == 0;
    }
    sodium_memzero(again, sizeof again);
    if (!good && rv == CKR_MECHANISM_INVALID) return no(v, "error.token.no_oaep");
    return good || refused(v, "C_Decrypt", rv);
}

/* ---- the visit ---- */

/* Without a serial number it could not be told from another one. */
static bool name_token(visit *v)
{
    token_lock *l = &v->a->lock;
    str label = label_of(&v->info), serial = serial_of(&v->info);
    snprintf(l->label, sizeof l->label, "%.*s", STR_ARG(label));
    snprintf(l->serial, sizeof l->serial, "%.*s", STR_ARG(serial));
    return serial.n || no_of(v, E_CONFIG, "error.token.refused", S("C_GetTokenInfo"), S("-"));
}

static bool go(visit *v)
{
    if (!load(v) || !find_token(v) || !name_token(v)) return false;
    if (v->q->act == TOKEN_LOOK) return may_try(v);
    if (!log_in(v)) return false;
    if (!(v->q->same ? key_of_lock(v) : key_of_label(v))) return false;
    return v->q->act == TOKEN_SEAL ? seal_it(v) : open_it(v);
}

void token_work(const token_question *q, token_answer *ret)
{
    visit v = { .q = q, .a = ret };
    (void)go(&v);
    if (v.f && v.session) (void)v.f->C_Logout(v.session);
    if (v.f && v.session) (void)v.f->C_CloseSession(v.session);
    if (v.f) (void)v.f->C_Finalize(NULL);
    if (v.so) dlclose(v.so);
}
