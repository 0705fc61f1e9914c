/* mail_key.h - what time does to keys and certificates for mail, and what its files share. Office,
 * and main at its start. */
#pragma once
#include "base/conf.h"
#include "desk/office/tell.h"
#include "net/mail_wrap.h"
#include "net/pgp_key.h"
#include "net/smime_cert.h"

#define MAIL_KEY_PATH "/keys"

/* Whose key ends in a month, in a week, or has ended is told once each, and of the last the desk
 * too; keys that nobody confirmed go. Writer. */
MUST_USE err mail_key_turn(const teller *x);
/* Is there one? Any transaction. */
MUST_USE err mail_key_turn_wanted(struct txn *t, bool *ret);
/* The authorities that mail.smime_ca names, PEM; empty: none. Errors: E_CONFIG with the setting. */
MUST_USE err mail_key_authorities(arena *a, const conf *c, str *ret);
/* signs, ended, revoked; public: only its public half is here. */
const char *site_key_state(const pgp_key *k, instant now);
/* signs, ended, waits: it does not count yet */
const char *site_certificate_state(const smime_cert *k, instant now);
