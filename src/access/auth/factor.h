/* factor.h - the second factor of a person: a code of an authenticator (TOTP, RFC 6238: SHA-1, six
 * digits, thirty seconds). Owns table second_factor; the secret is sealed under the person's key.
 * A code counts once. Time is the live clock's, as for all of signing in. Within the transaction
 * given; whoever lets people guess asks the throttle first (factor_guess). */
#pragma once
#include "access/realm.h"

struct txn;

enum { TOTP_SECRET = 20, TOTP_DIGITS = 6, TOTP_STEP_S = 30, TOTP_TEXT = 32 };

/* The code of a step (seconds since 1970 / 30). Pure. */
uint32_t totp_code(const uint8_t secret[TOTP_SECRET], int64_t step);
/* Base 32 (RFC 4648) without padding. Pure. */
void totp_text(const uint8_t secret[TOTP_SECRET], char ret[TOTP_TEXT]);

typedef enum { FACTOR_NONE, FACTOR_PENDING, FACTOR_TOTP } factor_kind;
const char *factor_name(factor_kind k); /* none|pending|totp */
MUST_USE err factor_of(struct txn *t, int64_t person, factor_kind *ret);

/* A fresh secret for the person, waiting for its first code; an earlier one that waited ends.
 * *ret: its text, in t's arena, shown this once. E_CONFLICT when there is a second factor. */
MUST_USE err factor_begin(struct txn *t, int64_t person, id128 person_id, str *ret);
/* The first code makes it the person's, and no session of theirs is strong any more. E_INVALID
 * (/code) when it is wrong; E_ABSENT when nothing waits. */
MUST_USE err factor_confirm(struct txn *t, int64_t person, id128 person_id, str code);
/* E_AUTH when the code is wrong, or was used before. */
MUST_USE err factor_check(struct txn *t, int64_t person, id128 person_id, str code);
/* E_ABSENT when there is none. */
MUST_USE err factor_remove(struct txn *t, int64_t person);

/* A code that somebody gives, checked in a writing transaction of its own, throttled by person and
 * by address; then `with`, if given, in the same transaction. Errors: E_AUTH, E_FULL. */
typedef err factor_then(struct txn *t, void *ctx);
MUST_USE err factor_guess(const realm *r, int64_t person, id128 person_id, str code, str peer,
        factor_then *with, void *ctx);
