/* factor.c - codes of authenticators: made, compared, spent. Owns nothing in memory; the table's
 * rows are read and written within the transaction given. */
#include "access/auth/factor.h"

#include <openssl/hmac.h>
#include <sodium.h>

#include "access/auth/throttle.h"
#include "access/seal.h"
#include "base/time.h"
#include "gen/access/auth/queries.h"
#include "store/store.h"

enum { DRIFT_STEPS = 1 }; /* a clock of the phone half a minute off is forgiven */

uint32_t totp_code(const uint8_t secret[TOTP_SECRET], int64_t step)
{
    uint8_t counter[8], mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    for (int i = 0; i < 8; i++)
        counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    const void *done = HMAC(EVP_sha1(), secret, TOTP_SECRET, counter, sizeof counter, mac, &n);
    ASSERT(done && n == 20);
    const uint8_t *p = mac + (mac[19] & 15); /* RFC 4226 5.3, dynamic truncation */
    uint32_t v = (uint32_t)(p[0] & 127) << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    return v % 1000000;
}

void totp_text(const uint8_t secret[TOTP_SECRET], char ret[TOTP_TEXT])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    for (size_t i = 0; i < TOTP_TEXT; i++) {
        size_t bit = i * 5;
        unsigned two = (unsigned)secret[bit / 8] << 8;
        if (bit / 8 + 1 < TOTP_SECRET) two |= secret[bit / 8 + 1];
        ret[i] = digits[two >> (11 - bit % 8) & 31];
    }
}

const char *factor_name(factor_kind k)
{
    static const char *const names[] = { "none", "pending", "totp" };
    ASSERT(k < ARRAY_LEN(names));
    return names[k];
}

/* *ret NULL: there is none. */
static err row_of(struct txn *t, int64_t person, factor_find_row **ret)
{
    *ret = NULL;
    err e = factor_find(t, &(factor_find_args){ .person = person }, txn_arena(t), ret);
    return err_code_of(e) == E_ABSENT ? OK : e;
}

err factor_of(struct txn *t, int64_t person, factor_kind *ret)
{
    factor_find_row *row;
    TRY(row_of(t, person, &row));
    *ret = !row ? FACTOR_NONE : row->confirmed.us ? FACTOR_TOTP : FACTOR_PENDING;
    return OK;
}

static seal_place place_of(id128 person_id)
{
    return (seal_place){ "second_factor", "secret", person_id };
}

err factor_begin(struct txn *t, int64_t person, id128 person_id, str *ret)
{
    uint8_t secret[TOTP_SECRET];
    char text[TOTP_TEXT];
    str sealed;
    factor_kind now;
    seal_place at = place_of(person_id);
    TRY(factor_of(t, person, &now));
    if (now == FACTOR_TOTP) return ERR(E_CONFLICT, "error.access.factor_there");
    randombytes_buf(secret, sizeof secret);
    totp_text(secret, text);
    err e = seal_text(t, person, &at, (str){ (char *)secret, sizeof secret }, &sealed);
    sodium_memzero(secret, sizeof secret);
    TRY(e);
    TRY(factor_put(t, &(factor_put_args){ .person = person, .secret = sealed }, NULL));
    *ret = str_copy(txn_arena(t), (str){ text, sizeof text });
    return OK;
}

/* The step whose code this is, within the drift; 0 when none. Compared without telling where. */
static int64_t step_of(const uint8_t secret[TOTP_SECRET], str code)
{
    int64_t given, found = 0;
    int64_t now = clock_now(&clock_system).us / US_PER_S / TOTP_STEP_S;
    if (code.n != TOTP_DIGITS || !str_to_i64(code, &given) || given < 0) return 0;
    for (int64_t step = now - DRIFT_STEPS; step <= now + DRIFT_STEPS; step++) {
        uint32_t right = totp_code(secret, step), said = (uint32_t)given;
        if (sodium_memcmp(&right, &said, sizeof right) == 0) found = step;
    }
    return found;
}

/* *ret_step 0: the code is wrong, or not newer than the last one that counted. */
static err code_step(struct txn *t, const factor_find_row *row, int64_t person, id128 person_id,
        str code, int64_t *ret_step)
{
    str secret;
    bool lost;
    seal_place at = place_of(person_id);
    *ret_step = 0;
    TRY(open_text(t, person, &at, row->secret, &secret, &lost));
    if (lost || secret.n != TOTP_SECRET) return OK;
    int64_t step = step_of((const uint8_t *)secret.p, code);
    sodium_memzero((void *)(uintptr_t)secret.p, secret.n);
    if (step > row->last_step) *ret_step = step;
    return OK;
}

err factor_confirm(struct txn *t, int64_t person, id128 person_id, str code)
{
    factor_find_row *row;
    int64_t step;
    TRY(row_of(t, person, &row));
    if (!row || row->confirmed.us) return ERR(E_ABSENT, "error.access.factor_absent");
    TRY(code_step(t, row, person, person_id, code, &step));
    if (!step) return err_at_pointer(ERR(E_INVALID, "error.access.code"), S("/code"));
    TRY(session_weaken(t, &(session_weaken_args){ .person = person }, NULL));
    return factor_used(t,
            &(factor_used_args){
                    .person = person, .step = step, .confirmed = clock_now(&clock_system) },
            NULL);
}

err factor_check(struct txn *t, int64_t person, id128 person_id, str code)
{
    factor_find_row *row;
    int64_t step = 0;
    TRY(row_of(t, person, &row));
    if (row && row->confirmed.us) TRY(code_step(t, row, person, person_id, code, &step));
    if (!step) return ERR(E_AUTH, "error.access.code");
    return factor_used(t,
            &(factor_used_args){ .person = person, .step = step, .confirmed = row->confirmed },
            NULL);
}

err factor_remove(struct txn *t, int64_t person)
{
    int64_t n;
    TRY(factor_drop(t, &(factor_drop_args){ .person = person }, &n));
    return n ? OK : ERR(E_ABSENT, "error.access.factor_absent");
}

/* ---- guessed at ---- */

typedef struct {
    int64_t person;
    id128 person_id;
    str code;
    factor_then *with;
    void *ctx;
} guess;

static err guess_apply(txn *t, void *ctx)
{
    guess *g = ctx;
    TRY(factor_check(t, g->person, g->person_id, g->code));
    return g->with ? g->with(t, g->ctx) : OK;
}

err factor_guess(const realm *r, int64_t person, id128 person_id, str code, str peer,
        factor_then *with, void *ctx)
{
    guess g = { person, person_id, code, with, ctx };
    str account = { (const char *)person_id.b, sizeof person_id.b };
    TRY(throttle_ask(account, peer));
    err e = store_write(r->store, guess_apply, &g);
    bool wrong = err_code_of(e) == E_AUTH;
    throttle_tell(account, peer,
            !failed(e) ? THROTTLE_RIGHT
            : wrong    ? THROTTLE_WRONG
                       : THROTTLE_UNTRIED);
    return e;
}
