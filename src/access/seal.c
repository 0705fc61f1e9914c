/* seal.c - keys of people, wrapped by the master key, and the text sealed under them.
 * Owns the mail hash's key (guarded memory, constant after the start). A sealed value is a nonce of
 * 24 bytes, then ciphertext and tag; table, column and record id are authenticated with it. */
#include "access/seal.h"

#include <sodium.h>

#include "access/seal_cache.h"
#include "gen/access/queries.h"
#include "proc/keys.h"
#include "store/store.h"

enum {
    KEY = KEY_BYTES,
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
};

static keys *door, *own; /* own: made by seal_init */
static uint8_t *mail_key;

err seal_begin(struct keys *k)
{
    uint8_t key[KEY];
    ASSERT(k && sodium_init() >= 0);
    TRY(keys_derive(k, DERIVE_MAIL_HASH, key));
    if (!mail_key) mail_key = sodium_malloc(KEY);
    ASSERT(mail_key);
    sodium_mprotect_readwrite(mail_key);
    memcpy(mail_key, key, KEY);
    sodium_mprotect_readonly(mail_key);
    sodium_memzero(key, sizeof key);
    seal_cache_clear();
    door = k;
    return OK;
}

void seal_end(void)
{
    seal_cache_clear();
    door = NULL;
    keys_free(own);
    own = NULL;
}

err seal_init(const char *path)
{
    keyring *ring;
    TRY(keyring_open(path, NULL, &ring));
    keys *fresh = keys_alone(ring);
    err e = seal_begin(fresh);
    ASSERT(!failed(e));
    keys_free(own);
    own = fresh;
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

static str wrap_label(arena *a, int64_t person)
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

/* Hot: a page of people asks for each of them. */
static err unwrap(str label, str wrapped, uint8_t key[KEY])
{
    if (wrapped.n == KEY_WRAPPED_BYTES && seal_cache_find(wrapped, key)) return OK;
    TRY(keys_unwrap(door, label, wrapped, key));
    seal_cache_put(wrapped, key);
    return OK;
}

/* *ret_found false: never made or destroyed. */
static err person_key(struct txn *t, int64_t person, uint8_t key[KEY], bool *ret_found)
{
    person_key_find_row *row;
    ASSERT(door);
    *ret_found = false;
    err e = person_key_find(t, &(person_key_find_args){ .person = person }, txn_arena(t), &row);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    if (!row->wrapped.p) return OK;
    TRY(unwrap(wrap_label(txn_arena(t), person), row->wrapped, key));
    *ret_found = true;
    return OK;
}

err seal_new_key(struct txn *t, int64_t person)
{
    uint8_t key[KEY], wrapped[KEY_WRAPPED_BYTES];
    int64_t n;
    ASSERT(door && person > 0);
    randombytes_buf(key, sizeof key);
    err e = keys_wrap(door, wrap_label(txn_arena(t), person), key, wrapped);
    sodium_memzero(key, sizeof key);
    TRY(e);
    return person_key_add(t,
            &(person_key_add_args){
                    .person = person, .wrapped = { (char *)wrapped, sizeof wrapped } },
            &n);
}

err seal_destroy_key(struct txn *t, int64_t person)
{
    int64_t n;
    person_key_find_row *row;
    err e = person_key_find(t, &(person_key_find_args){ .person = person }, txn_arena(t), &row);
    if (!failed(e) && row->wrapped.n == KEY_WRAPPED_BYTES) seal_cache_drop(row->wrapped);
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
    ASSERT(mail_key);
    mail = str_trim(mail);
    crypto_generichash_init(&state, mail_key, KEY, SEAL_MAIL_HASH);
    for (size_t i = 0; i < mail.n; i++) {
        uint8_t c = (uint8_t)mail.p[i];
        if (c >= 'A' && c <= 'Z') c = (uint8_t)(c + 32);
        crypto_generichash_update(&state, &c, 1);
    }
    crypto_generichash_final(&state, ret, SEAL_MAIL_HASH);
}

/* ---- keys of things ---- */

err seal_key_make(str label, uint8_t key[SEAL_KEY], uint8_t wrapped[SEAL_WRAPPED])
{
    static_assert((int)SEAL_KEY == KEY && (int)SEAL_WRAPPED == KEY_WRAPPED_BYTES, "its own");
    ASSERT(door);
    randombytes_buf(key, SEAL_KEY);
    return keys_wrap(door, label, key, wrapped);
}

err seal_key_open(str label, str wrapped, uint8_t key[SEAL_KEY])
{
    ASSERT(door);
    return unwrap(label, wrapped, key);
}

void seal_key_drop(str wrapped)
{
    seal_cache_drop(wrapped);
}

str seal_bytes(arena *a, const uint8_t key[SEAL_KEY], str place, str plain)
{
    return encrypt(a, key, place, plain);
}

bool seal_open_bytes(arena *a, const uint8_t key[SEAL_KEY], str place, str sealed, str *ret)
{
    if (sealed.n < NONCE + TAG) return false;
    uint8_t *out = arena_alloc(a, sealed.n);
    if (!decrypt(key, place, sealed, out)) return false;
    *ret = (str){ (char *)out, sealed.n - NONCE - TAG };
    return true;
}
