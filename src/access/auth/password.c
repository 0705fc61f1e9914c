/* password.c - Argon2id hashes, and the only place where a password is verified, throttle included.
 * Slow calls: worker threads only; two hash at a time, 32 wait, more hear E_BUSY. */
#include "access/auth/auth.h"
#include "access/auth/throttle.h"
#include "access/seal.h"
#include "gen/access/auth/queries.h"
#include "store/store.h"
#include <pthread.h>
#include <sodium.h>

/* OWASP's second choice for Argon2id: 19 MiB, two passes; about 30 ms. */
enum { OPS = 2, MEM_BYTES = 19 << 20, AT_ONCE = 2, WAITING = 32 };

static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_free = PTHREAD_COND_INITIALIZER;
static int gate_running, gate_waiting;

static err gate_enter(void)
{
    err e = OK;
    pthread_mutex_lock(&gate_lock);
    if (gate_running >= AT_ONCE && gate_waiting >= WAITING) {
        e = ERR(E_BUSY, "error.access.busy");
    } else {
        gate_waiting++;
        while (gate_running >= AT_ONCE)
            pthread_cond_wait(&gate_free, &gate_lock);
        gate_waiting--;
        gate_running++;
    }
    pthread_mutex_unlock(&gate_lock);
    return e;
}

static void gate_leave(void)
{
    pthread_mutex_lock(&gate_lock);
    gate_running--;
    pthread_cond_signal(&gate_free);
    pthread_mutex_unlock(&gate_lock);
}

static int different_bytes(str s)
{
    bool seen[256] = { 0 };
    int n = 0;
    for (size_t i = 0; i < s.n; i++) {
        n += !seen[(uint8_t)s.p[i]];
        seen[(uint8_t)s.p[i]] = true;
    }
    return n;
}

err password_hash(arena *a, str password, str *ret)
{
    char out[crypto_pwhash_STRBYTES];
    if (password.n < PASSWORD_MIN || password.n > PASSWORD_MAX || different_bytes(password) < 5)
        return err_at_pointer(ERR(E_INVALID, "error.access.password_weak"), S("/password"));
    TRY(gate_enter());
    int bad = crypto_pwhash_str_alg(
            out, password.p, password.n, OPS, MEM_BYTES, crypto_pwhash_ALG_ARGON2ID13);
    gate_leave();
    if (bad) return ERR(E_BUSY, "error.access.busy");
    *ret = str_copy(a, str_of(out));
    return OK;
}

err password_keep(struct txn *t, int64_t person, str hash)
{
    return password_set(
            t, &(password_set_args){ .person = person, .hash = hash, .changed = txn_now(t) }, NULL);
}

/* A hash that no password has, so that an unknown mail costs the same time. */
static const char *decoy(void)
{
    static char hash[crypto_pwhash_STRBYTES];
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    char random[32];
    pthread_mutex_lock(&lock);
    if (!hash[0]) {
        randombytes_buf(random, sizeof random);
        if (crypto_pwhash_str_alg(
                    hash, random, sizeof random, OPS, MEM_BYTES, crypto_pwhash_ALG_ARGON2ID13))
            hash[0] = 0;
    }
    pthread_mutex_unlock(&lock);
    return hash;
}

/* The person and hash behind a mail address; person 0 when there is none that may sign in. */
static err find_hash(const realm *r, str mail, arena *a, int64_t *ret_person, char **ret_hash)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    uint8_t mail_hash[SEAL_MAIL_HASH];
    person_by_mail_row *p;
    password_find_row *h;
    *ret_person = 0;
    seal_mail_hash(mail, mail_hash);
    TRY(txn_read(r->store, 0, &t));
    err e = person_by_mail(t,
            &(person_by_mail_args){ .mail_hash = { (const char *)mail_hash, sizeof mail_hash } }, a,
            &p);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    e = password_find(t, &(password_find_args){ .person = p->row }, a, &h);
    if (err_code_of(e) == E_ABSENT || !str_eq(p->state, S("active"))) return OK;
    TRY(e);
    *ret_person = p->row;
    *ret_hash = str_z(a, h->hash);
    return OK;
}

/* Compares in the same time whether there is such a person or not. */
static err compare(const realm *r, str mail, str password, int64_t *ret_person, bool *ret_right)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    char *hash = NULL;
    TRY(find_hash(r, mail, a, ret_person, &hash));
    TRY(gate_enter());
    int bad = crypto_pwhash_str_verify(*ret_person ? hash : decoy(), password.p, password.n);
    gate_leave();
    *ret_right = !bad && *ret_person;
    return OK;
}

static void tell(str account, str peer, err e, bool right)
{
    throttle_tell(account, peer,
            failed(e) ? THROTTLE_UNTRIED
            : right   ? THROTTLE_RIGHT
                      : THROTTLE_WRONG);
}

err password_verify(const realm *r, str mail, str password, str peer, int64_t *ret_person)
{
    uint8_t hash[SEAL_MAIL_HASH];
    str account = { (const char *)hash, sizeof hash };
    int64_t person = 0;
    bool right = false;
    if (password.n > PASSWORD_MAX) return ERR(E_AUTH, "error.access.sign_in");
    seal_mail_hash(mail, hash);
    TRY(throttle_ask(account, peer));
    err e = compare(r, mail, password, &person, &right);
    tell(account, peer, e, right);
    TRY(e);
    if (!right) return ERR(E_AUTH, "error.access.sign_in");
    *ret_person = person;
    return OK;
}

/* *ret_right false: another password, or none at all. */
static err compare_own(const realm *r, int64_t person, str password, bool *ret_right)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    CLEANUP(txn_end_p) txn *t = NULL;
    password_find_row *h;
    TRY(txn_read(r->store, 0, &t));
    err e = password_find(t, &(password_find_args){ .person = person }, a, &h);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    TRY(gate_enter());
    *ret_right = !crypto_pwhash_str_verify(str_z(a, h->hash), password.p, password.n);
    gate_leave();
    return OK;
}

err password_again(const realm *r, const viewer *v, str password, str peer)
{
    bool right = false;
    str account = { (const char *)v->person_id.b, sizeof v->person_id.b };
    if (password.n > PASSWORD_MAX) return ERR(E_AUTH, "error.access.password_wrong");
    TRY(throttle_ask(account, peer));
    err e = compare_own(r, v->person, password, &right);
    tell(account, peer, e, right);
    TRY(e);
    return right ? OK : ERR(E_AUTH, "error.access.password_wrong");
}
