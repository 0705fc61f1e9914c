/* passkey.c - see passkey.h. Rows within the transaction given; in memory only the seal of
 * challenges, made when it is first needed, and what is asked of staff. */
#include "access/auth/passkey.h"

#include <pthread.h>
#include <sodium.h>

#include "access/auth/auth.h"
#include "access/auth/passkey_in.h"
#include "access/auth/token.h"
#include "access/seal.h"
#include "base/time.h"
#include "gen/access/auth/queries.h"
#include "gen/permissions.h"
#include "store/store.h"

enum { NONCE = 16, UNTIL = 8, SEAL = PASSKEY_CHALLENGE - NONCE - UNTIL };

static _Atomic int staff_wish = PASSKEY_ASKED;

void passkey_staff(str wish)
{
    staff_wish = str_eq(wish, S("required")) ? PASSKEY_REQUIRED
                 : str_eq(wish, S("off"))    ? PASSKEY_OFF
                                             : PASSKEY_ASKED;
}

passkey_wish passkey_wish_now(void)
{
    return (passkey_wish)staff_wish;
}

bool passkey_is_staff(bool national, uint32_t roles)
{
    return national && (roles & ~(uint32_t)ROLE_READER);
}

passkey_wish passkey_wanted(const viewer *v)
{
    return passkey_is_staff(v->national, v->roles) ? passkey_wish_now() : PASSKEY_OFF;
}

/* ---- challenges ---- */

static uint8_t seal_key[crypto_generichash_KEYBYTES];
static pthread_once_t seal_made = PTHREAD_ONCE_INIT;

static void make_seal(void)
{
    randombytes_buf(seal_key, sizeof seal_key);
}

/* Of nonce and end, for a purpose, a realm and who holds `bound`. */
static void seal_of(
        const realm *r, passkey_purpose p, str bound, const uint8_t *head, uint8_t ret[SEAL])
{
    crypto_generichash_state s;
    uint8_t purpose = (uint8_t)p;
    pthread_once(&seal_made, make_seal);
    crypto_generichash_init(&s, seal_key, sizeof seal_key, SEAL);
    crypto_generichash_update(&s, &purpose, 1);
    crypto_generichash_update(&s, (const uint8_t *)r->name, sizeof r->name);
    crypto_generichash_update(&s, head, NONCE + UNTIL);
    crypto_generichash_update(&s, (const uint8_t *)bound.p, bound.n);
    crypto_generichash_final(&s, ret, SEAL);
}

void passkey_ask(const realm *r, passkey_purpose p, str bound, uint8_t ret[PASSKEY_CHALLENGE])
{
    uint64_t until = (uint64_t)(monotonic_us() + PASSKEY_ASKED_S * US_PER_S);
    randombytes_buf(ret, NONCE);
    for (int i = 0; i < UNTIL; i++)
        ret[NONCE + i] = (uint8_t)(until >> (56 - 8 * i));
    seal_of(r, p, bound, ret, ret + NONCE + UNTIL);
}

err passkey_asked(const realm *r, passkey_purpose p, str bound, str challenge)
{
    uint8_t seal[SEAL];
    const uint8_t *c = (const uint8_t *)challenge.p;
    uint64_t until = 0;
    err late = ERR(E_INVALID, "error.access.passkey_late");
    if (challenge.n != PASSKEY_CHALLENGE || !bound.n) return late;
    seal_of(r, p, bound, c, seal);
    if (sodium_memcmp(seal, c + NONCE + UNTIL, SEAL) != 0) return late;
    for (int i = 0; i < UNTIL; i++)
        until = until << 8 | c[NONCE + i];
    return (int64_t)until > monotonic_us() ? OK : late;
}

err passkey_spend_challenge(struct txn *t, str challenge)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    int64_t n;
    instant now = clock_now(&clock_system);
    crypto_hash_sha256(hash, (const uint8_t *)challenge.p, challenge.n);
    TRY(passkey_spent_purge(
            t, &(passkey_spent_purge_args){ .before = { now.us - US_PER_DAY } }, NULL));
    TRY(passkey_spend(t,
            &(passkey_spend_args){ .challenge = { (const char *)hash, sizeof hash }, .at = now },
            &n));
    return n ? OK : ERR(E_INVALID, "error.access.passkey_late");
}

/* ---- a person's ---- */

static seal_place place_of(id128 id)
{
    return (seal_place){ "passkey", "name", id };
}

err passkey_count(struct txn *t, int64_t person, size_t *ret)
{
    passkey_mine_row *rows;
    return passkey_mine(t, &(passkey_mine_args){ .person = person }, txn_arena(t), &rows, ret);
}

err passkey_list(struct txn *t, int64_t person, arena *a, passkey_facts **ret, size_t *ret_n)
{
    passkey_mine_row *rows;
    size_t n;
    bool lost;
    TRY(passkey_mine(t, &(passkey_mine_args){ .person = person }, txn_arena(t), &rows, &n));
    passkey_facts *f = NEW_ARRAY(a, passkey_facts, n);
    for (size_t i = 0; i < n; i++) {
        seal_place at = place_of(rows[i].id);
        str name;
        TRY(open_text(t, person, &at, rows[i].name, &name, &lost));
        f[i] = (passkey_facts){ rows[i].id, str_copy(a, rows[i].credential), str_copy(a, name),
            rows[i].created, rows[i].used, rows[i].doubted };
    }
    *ret = f;
    *ret_n = n;
    return OK;
}

err passkey_add_to(
        struct txn *t, int64_t person, const webauthn_made *m, str challenge, str name, id128 *ret)
{
    size_t count;
    int64_t n;
    str sealed;
    id128 id = id_new();
    seal_place at = place_of(id);
    TRY(passkey_spend_challenge(t, challenge));
    TRY(passkey_count(t, person, &count));
    if (count >= PASSKEY_MAX) return ERR(E_CONFLICT, "error.access.passkey_many");
    TRY(seal_text(t, person, &at, name, &sealed));
    TRY(passkey_add(t,
            &(passkey_add_args){ .id = id,
                    .person = person,
                    .credential = m->credential,
                    .alg = m->alg,
                    .public_key = { (const char *)m->key, m->key_n },
                    .counter = m->counter,
                    .name = sealed,
                    .created = clock_now(&clock_system) },
            &n));
    if (!n) return ERR(E_CONFLICT, "error.access.passkey_known");
    TRY(session_weaken(t, &(session_weaken_args){ .person = person }, NULL));
    *ret = id;
    return OK;
}

err passkey_name(struct txn *t, int64_t person, id128 id, str name)
{
    str sealed;
    int64_t n;
    seal_place at = place_of(id);
    TRY(seal_text(t, person, &at, name, &sealed));
    TRY(passkey_rename(
            t, &(passkey_rename_args){ .id = id, .person = person, .name = sealed }, &n));
    return n ? OK : ERR(E_ABSENT, "error.access.absent");
}

/* A password is a way in; a link is somebody else's to give. */
static err has_other(struct txn *t, int64_t person, bool *ret)
{
    size_t n;
    password_find_row *row;
    TRY(passkey_count(t, person, &n));
    *ret = n > 0;
    if (n) return OK;
    err e = password_find(t, &(password_find_args){ .person = person }, txn_arena(t), &row);
    *ret = !failed(e);
    return err_code_of(e) == E_ABSENT ? OK : e;
}

err passkey_remove_from(struct txn *t, int64_t person, id128 id, str cookie)
{
    uint8_t keep[TOKEN_HASH] = { 0 };
    int64_t n;
    bool other;
    str token = auth_cookie_token(cookie);
    ptrdiff_t dot = str_find_byte(token, '.');
    TRY(passkey_drop(t, &(passkey_drop_args){ .id = id, .person = person }, &n));
    if (!n) return ERR(E_ABSENT, "error.access.absent");
    TRY(has_other(t, person, &other));
    if (!other) return ERR(E_CONFLICT, "error.access.passkey_last");
    if (dot >= 0) token_hash(str_sub(token, (size_t)dot + 1, token.n), keep);
    return session_end_passkey(t,
            &(session_end_passkey_args){
                    .person = person, .keep = { (const char *)keep, sizeof keep } },
            NULL);
}

err passkey_remove_all(struct txn *t, int64_t person, int64_t *ret_n)
{
    return passkey_drop_all(t, &(passkey_drop_all_args){ .person = person }, ret_n);
}
