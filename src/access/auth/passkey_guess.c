/* passkey_guess.c - somebody shows a passkey: looked up, its signature checked outside the writer,
 * then spent, counted and acted on in one transaction. Owns nothing. */
#include <sodium.h>

#include "access/auth/auth.h"
#include "access/auth/passkey.h"
#include "access/auth/passkey_in.h"
#include "access/auth/throttle.h"
#include "base/time.h"
#include "gen/access/auth/queries.h"
#include "store/store.h"

typedef struct {
    const passkey_shown *s;
    str challenge;
    const passkey_known_row *k;
    uint32_t counter;
    factor_then *with;
    void *ctx;
    bool went_back;
} guess;

static err wrong(void)
{
    return ERR(E_AUTH, "error.access.passkey_wrong");
}

/* *ret NULL: nobody's. */
static err known(const realm *r, arena *a, str credential, const passkey_known_row **ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    passkey_known_row *k = NULL;
    TRY(txn_read(r->store, 0, &t));
    err e = passkey_known(t, &(passkey_known_args){ .credential = credential }, a, &k);
    *ret = failed(e) ? NULL : k;
    return err_code_of(e) == E_ABSENT ? OK : e;
}

/* Whoever it is must be who the browser says, and who is asked. */
static bool right_person(const passkey_shown *s, const passkey_known_row *k)
{
    str h = s->user_handle;
    if (h.n && (h.n != sizeof k->person_id.b || memcmp(h.p, k->person_id.b, h.n) != 0))
        return false;
    if (!h.n && s->purpose == ASKED_SIGN_IN)
        return false; /* 7.2, step 6: nobody was named before */
    return id_is_zero(s->person_id) || id_eq(s->person_id, k->person_id);
}

/* A counter that does not move is one that the authenticator does not keep. */
static bool counts(const passkey_known_row *k, uint32_t counter)
{
    return (!counter && !k->counter) || (int64_t)counter > k->counter;
}

static err guess_apply(txn *t, void *ctx)
{
    guess *g = ctx;
    int64_t n;
    instant now = clock_now(&clock_system);
    TRY(passkey_spend_challenge(t, g->challenge));
    g->went_back = !counts(g->k, g->counter);
    if (g->went_back) {
        TRY(passkey_doubt(t, &(passkey_doubt_args){ .row = g->k->row, .at = now }, NULL));
        return person_entry(t, g->k->person, g->k->person, LEDGER_person_passkey_doubted);
    }
    TRY(passkey_used(t,
            &(passkey_used_args){
                    .row = g->k->row, .before = g->k->counter, .counter = g->counter, .used = now },
            &n));
    if (!n) return wrong(); /* removed, or shown by another, in the meantime */
    if (g->k->doubted.us)
        TRY(person_entry(t, g->k->person, g->k->person, LEDGER_person_passkey_used_doubted));
    return g->with(t, g->ctx);
}

/* A wrong one and an unknown one are the same answer. */
static err check(const realm *r, arena *a, guess *g, int64_t *ret_person)
{
    const passkey_shown *s = g->s;
    TRY(known(r, a, s->credential, &g->k));
    if (!g->k || !right_person(s, g->k)) return wrong();
    if (!webauthn_signed(s->site, s->client_data, s->auth_data, s->signature, (int)g->k->alg,
                g->k->public_key))
        return wrong();
    *ret_person = g->k->person;
    TRY(store_write(r->store, guess_apply, g));
    return g->went_back ? ERR(E_AUTH, "error.access.passkey_counter") : OK;
}

err passkey_guess(const realm *r, arena *a, const passkey_shown *s, factor_then *with, void *ctx,
        int64_t *ret_person)
{
    guess g = { .s = s, .with = with, .ctx = ctx };
    uint8_t account[crypto_hash_sha256_BYTES];
    TRY(webauthn_client(a, s->site, s->client_data, S("webauthn.get"), &g.challenge));
    TRY(passkey_asked(r, s->purpose, s->bound, g.challenge));
    TRY(webauthn_shown(s->site, s->auth_data, &g.counter));
    crypto_hash_sha256(account, (const uint8_t *)s->credential.p, s->credential.n);
    str who = { (const char *)account, sizeof account };
    TRY(throttle_ask(who, s->peer));
    err e = check(r, a, &g, ret_person);
    throttle_tell(who, s->peer,
            !failed(e)                 ? THROTTLE_RIGHT
            : err_code_of(e) == E_AUTH ? THROTTLE_WRONG
                                       : THROTTLE_UNTRIED);
    return e;
}
