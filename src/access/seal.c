/* seal.c - keys of people, wrapped by the master key, and the text sealed under them.
 * Owns the master key's subkeys (locked memory, constant after seal_init). A sealed value is a
 * nonce of 24 bytes, then ciphertext and tag; table, column and record id are authenticated with
 * it. */
#include "access/seal.h"

#include "gen/access/queries.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    KEY = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    WRAPPED = NONCE + KEY + TAG,
};

static uint8_t *keys; /* wrapping key, then the mail hash's; in guarded memory */

/* ---- the master key ---- */

static err make_master(const char *path, uint8_t *key)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return err_errno("error.access.master_key", str_of(path));
    randombytes_buf(key, KEY);
    bool good = write(fd, key, KEY) == KEY && fsync(fd) == 0;
    err e = good ? OK : err_errno("error.access.master_key", str_of(path));
    close(fd);
    if (!good) unlink(path);
    return e;
}

static err read_master(int fd, const char *path, uint8_t *key)
{
    struct stat st;
    if (fstat(fd, &st)) return err_errno("error.access.master_key", str_of(path));
    if (!S_ISREG(st.st_mode) || st.st_size != KEY || (st.st_mode & 077) ||
            read(fd, key, KEY) != KEY)
        return ERR1(E_CONFIG, "error.access.master_key_form", str_of(path));
    return OK;
}

static err load_master(const char *path, uint8_t *key)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) return make_master(path, key);
    if (fd < 0) return err_errno("error.access.master_key", str_of(path));
    err e = read_master(fd, path, key);
    close(fd);
    return e;
}

err seal_init(const char *path)
{
    uint8_t master[KEY];
    ASSERT(sodium_init() >= 0);
    TRY(load_master(path, master));
    if (!keys) keys = sodium_malloc(2 * KEY);
    ASSERT(keys);
    sodium_mprotect_readwrite(keys);
    crypto_kdf_derive_from_key(keys, KEY, 1, "wrapkeys", master);
    crypto_kdf_derive_from_key(keys + KEY, KEY, 2, "mailhash", master);
    sodium_mprotect_readonly(keys);
    sodium_memzero(master, sizeof master);
    return OK;
}

/* ---- the cipher ---- */

static str encrypt(arena *a, const uint8_t *key, str ad, str plain)
{
    uint8_t *out = arena_alloc(a, NONCE + plain.n + TAG);
    randombytes_buf(out, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, NULL, (const uint8_t *)plain.p, plain.n,
            (const uint8_t *)ad.p, ad.n, NULL, out, key);
    return (str){ (char *)out, NONCE + plain.n + TAG };
}

static bool decrypt(const uint8_t *key, str ad, str sealed, uint8_t *out)
{
    const uint8_t *p = (const uint8_t *)sealed.p;
    if (sealed.n < NONCE + TAG) return false;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, p + NONCE, sealed.n - NONCE,
                   (const uint8_t *)ad.p, ad.n, p, key) == 0;
}

static str wrap_ad(arena *a, int64_t person)
{
    return str_fmt(a, "person_key %lld", (long long)person);
}

static str place_ad(arena *a, const seal_place *at)
{
    char id[36];
    id_put(id, at->id);
    return str_fmt(a, "%s %s %.36s", at->table, at->column, id);
}

/* ---- a person's key ---- */

/* *ret_found false: never made or destroyed. */
static err person_key(struct txn *t, int64_t person, uint8_t key[KEY], bool *ret_found)
{
    person_key_find_row *row;
    ASSERT(keys);
    *ret_found = false;
    err e = person_key_find(t, &(person_key_find_args){ .person = person }, txn_arena(t), &row);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    if (!row->wrapped.p) return OK;
    if (row->wrapped.n != WRAPPED ||
            !decrypt(keys, wrap_ad(txn_arena(t), person), row->wrapped, key))
        return ERR(E_CONFIG, "error.access.master_key_other");
    *ret_found = true;
    return OK;
}

err seal_new_key(struct txn *t, int64_t person)
{
    uint8_t key[KEY];
    int64_t n;
    ASSERT(keys && person > 0);
    randombytes_buf(key, sizeof key);
    str wrapped =
            encrypt(txn_arena(t), keys, wrap_ad(txn_arena(t), person), (str){ (char *)key, KEY });
    sodium_memzero(key, sizeof key);
    return person_key_add(t, &(person_key_add_args){ .person = person, .wrapped = wrapped }, &n);
}

err seal_destroy_key(struct txn *t, int64_t person)
{
    int64_t n;
    return person_key_destroy(
            t, &(person_key_destroy_args){ .person = person, .now = txn_now(t) }, &n);
}

/* ---- text ---- */

err seal_text(struct txn *t, int64_t person, const seal_place *at, str plain, str *ret)
{
    uint8_t key[KEY];
    bool found;
    TRY(person_key(t, person, key, &found));
    if (!found) return ERR(E_CONFLICT, "error.access.key_destroyed");
    *ret = encrypt(txn_arena(t), key, place_ad(txn_arena(t), at), plain);
    sodium_memzero(key, sizeof key);
    return OK;
}

err open_text(
        struct txn *t, int64_t person, const seal_place *at, str sealed, str *ret, bool *ret_lost)
{
    uint8_t key[KEY];
    bool found;
    *ret = S("");
    *ret_lost = false;
    if (!sealed.n) return OK;
    TRY(person_key(t, person, key, &found));
    *ret_lost = !found;
    if (!found) return OK;
    uint8_t *plain = arena_alloc(txn_arena(t), sealed.n);
    bool good = decrypt(key, place_ad(txn_arena(t), at), sealed, plain);
    sodium_memzero(key, sizeof key);
    if (!good)
        return ERR2(E_INVALID, "error.access.tampered", str_of(at->table), str_of(at->column));
    *ret = (str){ (char *)plain, sealed.n - NONCE - TAG };
    return OK;
}

void seal_mail_hash(str mail, uint8_t ret[SEAL_MAIL_HASH])
{
    crypto_generichash_state state;
    ASSERT(keys);
    mail = str_trim(mail);
    crypto_generichash_init(&state, keys + KEY, KEY, SEAL_MAIL_HASH);
    for (size_t i = 0; i < mail.n; i++) {
        uint8_t c = (uint8_t)mail.p[i];
        if (c >= 'A' && c <= 'Z') c = (uint8_t)(c + 32);
        crypto_generichash_update(&state, &c, 1);
    }
    crypto_generichash_final(&state, ret, SEAL_MAIL_HASH);
}
