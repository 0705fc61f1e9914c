/* passkey.h - the passkeys of a person: added, listed, named, removed, shown. Owns tables passkey
 * and passkey_spent. Names are sealed under the person's key. A challenge needs no row until it is
 * answered: it carries its own end and a seal of this process, is bound to a session or to the
 * browser that tries to sign in, and counts once. Time of challenges is the monotonic clock's. */
#pragma once
#include "access/auth/factor.h"
#include "access/auth/webauthn.h"
#include "access/realm.h"
#include "access/viewer.h"

struct txn;

enum { PASSKEY_CHALLENGE = 40, PASSKEY_MAX = 20, PASSKEY_ASKED_S = 300 };

/* ---- what is asked of staff ---- */
typedef enum { PASSKEY_OFF, PASSKEY_ASKED, PASSKEY_REQUIRED } passkey_wish;
/* Once at start: signin.staff_passkey, "required", "asked" or "off". */
void passkey_staff(str wish);
/* What is asked of this person while there is no passkey: OFF for who is not staff (acts for the
 * organisation that runs the site, with more than reading). Live realm or not. */
passkey_wish passkey_wanted(const viewer *v);
bool passkey_is_staff(bool national, uint32_t roles);
passkey_wish passkey_wish_now(void);

/* ---- challenges ---- */
typedef enum { ASKED_ADD = 'a', ASKED_PROVE = 'p', ASKED_SIGN_IN = 's' } passkey_purpose;
/* bound: the session's token, or what the browser that tries to sign in holds. */
void passkey_ask(const realm *r, passkey_purpose p, str bound, uint8_t ret[PASSKEY_CHALLENGE]);
/* E_INVALID (error.access.passkey_late): not ours, for something else, or too old. */
MUST_USE err passkey_asked(const realm *r, passkey_purpose p, str bound, str challenge);

/* ---- a person's ---- */
typedef struct {
    id128 id;
    str credential, name; /* name empty: its words are gone */
    instant created, used, doubted;
} passkey_facts;
MUST_USE err passkey_count(struct txn *t, int64_t person, size_t *ret);
MUST_USE err passkey_list(
        struct txn *t, int64_t person, arena *a, passkey_facts **ret, size_t *ret_n);
/* Adds one; no session of the person is strong any more. E_INVALID (passkey_late): the challenge is
 * spent. E_CONFLICT: known already, or too many. */
MUST_USE err passkey_add_to(
        struct txn *t, int64_t person, const webauthn_made *m, str challenge, str name, id128 *ret);
/* E_ABSENT: not this person's. */
MUST_USE err passkey_name(struct txn *t, int64_t person, id128 id, str name);
/* Ends the person's other sessions that were opened with a passkey; cookie: the one that stays.
 * E_ABSENT as above; E_CONFLICT (passkey_last): no way in would be left. */
MUST_USE err passkey_remove_from(struct txn *t, int64_t person, id128 id, str cookie);
MUST_USE err passkey_remove_all(struct txn *t, int64_t person, int64_t *ret_n);

/* ---- showing one ---- */
typedef struct {
    passkey_purpose purpose;
    const passkey_site *site;
    str bound, peer;
    id128 person_id; /* whose it must be; zero: whoever's it is */
    str credential, client_data, auth_data, signature, user_handle;
} passkey_shown;
/* Checks what was brought back, throttled by credential and address, then runs `with` in the same
 * transaction, *ret_person known. E_INVALID: passkey_bad, _origin, _unverified, _late; E_AUTH:
 * passkey_wrong (unknown, somebody else's, or a wrong signature, all alike), passkey_counter (it
 * may have been copied; written down); E_FULL. A worker's thread. */
MUST_USE err passkey_guess(const realm *r, arena *a, const passkey_shown *s, factor_then *with,
        void *ctx, int64_t *ret_person);
