/* session.c - sessions: a cookie whose secret is kept as a hash, idle and total limits by the live
 * clock (sign-in never uses a realm's own). Within the transaction given. */
#include "access/auth/auth.h"
#include "access/auth/factor.h"
#include "access/auth/passkey.h"
#include "access/auth/session.h"
#include "access/auth/token.h"
#include "base/time.h"
#include "gen/access/auth/queries.h"
#include "gen/records/person.h"
#include "ledger/ledger.h"
#include "store/store.h"

#define COOKIE "__Host-minar"

static _Atomic int64_t idle_us = 12 * 3600 * US_PER_S, max_us = 7 * 24 * 3600 * US_PER_S;
static _Atomic int64_t strong_us = 10 * 60 * US_PER_S;
static _Atomic int64_t dormant_us = INT64_C(180) * US_PER_DAY;

void session_dormant(int64_t after_us)
{
    dormant_us = after_us;
}

void session_limits(int64_t idle_h, int64_t max_h, int64_t strong_min)
{
    strong_us = strong_min * 60 * US_PER_S;
    idle_us = idle_h * 3600 * US_PER_S;
    max_us = max_h * 3600 * US_PER_S;
}

instant session_idle_end(instant used)
{
    return (instant){ used.us + idle_us };
}
int64_t session_max_us(void)
{
    return max_us;
}

int64_t session_strong_us(void)
{
    return strong_us;
}

str auth_cookie_token(str cookie)
{
    str rest = cookie, part, name = S(COOKIE "=");
    while (str_split(&rest, ';', &part)) {
        part = str_trim(part);
        if (str_starts(part, name)) return str_sub(part, name.n, part.n);
    }
    return (str){ 0 };
}

static str cookie_text(arena *a, str token, int64_t max_age_s)
{
    return str_fmt(a, COOKIE "=%.*s; Path=/; Max-Age=%lld; Secure; HttpOnly; SameSite=Strict",
            STR_ARG(token), (long long)max_age_s);
}

/* A passkey is strong; a code of an authenticator for who has none; a password or a link only for
 * who has nothing stronger. What the identity provider says may be from this morning: before a
 * dangerous act it is asked anew. */
static err strength_of(struct txn *t, int64_t person, str how, instant now, instant *ret)
{
    factor_kind factor;
    size_t passkeys;
    TRY(factor_of(t, person, &factor));
    TRY(passkey_count(t, person, &passkeys));
    bool weak =
            passkeys ? !str_eq(how, S("passkey"))
                     : (factor == FACTOR_TOTP && !str_eq(how, S("totp"))) || str_eq(how, S("oidc"));
    *ret = weak ? (instant){ 0 } : now;
    return OK;
}

/* An account that nobody used for long is somebody's who left. A fresh invitation wakes it. */
static err wake(struct txn *t, int64_t person, str how, instant now)
{
    seen_find_row *row = NULL;
    err e = seen_find(t, &(seen_find_args){ .person = person }, txn_arena(t), &row);
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    bool sleeps = row && now.us - row->at.us > dormant_us && !str_eq(how, S("invite"));
    if (sleeps) return ERR(E_AUTH, "error.access.dormant");
    return seen_set(t, &(seen_set_args){ .person = person, .at = now }, NULL);
}

err session_open(struct txn *t, const realm *r, int64_t person, str how, arena *a, str *ret_cookie)
{
    uint8_t hash[TOKEN_HASH];
    instant now = clock_now(&clock_system), strong;
    TRY(wake(t, person, how, now));
    TRY(strength_of(t, person, how, now, &strong));
    str token = token_new(txn_arena(t), r->name, hash);
    TRY(session_purge(t, &(session_purge_args){ .now = now }, NULL));
    TRY(session_add(t,
            &(session_add_args){ .token_hash = { (const char *)hash, sizeof hash },
                    .person = person,
                    .created = now,
                    .used = now,
                    .expires = session_idle_end(now),
                    .how = how,
                    .strong = strong },
            NULL));
    TRY(person_entry(t, person, person, LEDGER_person_signed_in));
    *ret_cookie = cookie_text(a, token, max_us / US_PER_S);
    return OK;
}

bool session_cookie_hash(str cookie, uint8_t ret[TOKEN_HASH])
{
    str token = auth_cookie_token(cookie);
    ptrdiff_t dot = str_find_byte(token, '.');
    if (dot < 0) return false;
    token_hash(str_sub(token, (size_t)dot + 1, token.n), ret);
    return true;
}

err session_strengthen(struct txn *t, str cookie)
{
    uint8_t hash[TOKEN_HASH];
    if (!session_cookie_hash(cookie, hash)) return ERR(E_USAGE, "error.access.no_session");
    TRY(session_strong(t,
            &(session_strong_args){ .token_hash = { (const char *)hash, sizeof hash },
                    .strong = clock_now(&clock_system) },
            NULL));
    txn_raise_epoch(t);
    return OK;
}

err session_close(struct txn *t, const viewer *v, str cookie, arena *a, str *ret_cookie)
{
    uint8_t hash[TOKEN_HASH];
    if (session_cookie_hash(cookie, hash)) {
        TRY(session_remove(t,
                &(session_remove_args){ .token_hash = { (const char *)hash, sizeof hash } }, NULL));
        txn_raise_epoch(t);
        TRY(person_entry(t, v->person, v->person, LEDGER_person_signed_out));
    }
    *ret_cookie = cookie_text(a, S(""), 0);
    return OK;
}
