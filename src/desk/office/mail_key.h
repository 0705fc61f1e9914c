/* mail_key.h - what time does to OpenPGP keys for mail, and what its files share. Office only. */
#pragma once
#include "desk/office/tell.h"
#include "net/pgp_key.h"

#define MAIL_KEY_PATH "/keys"

/* Whose key ends in a month, in a week, or has ended is told once each, and of the last the desk
 * too; keys that nobody confirmed go. Writer. */
MUST_USE err mail_key_turn(const teller *x);
/* Is there one? Any transaction. */
MUST_USE err mail_key_turn_wanted(struct txn *t, bool *ret);
/* signs, ended, revoked; public: only its public half is here. */
const char *site_key_state(const pgp_key *k, instant now);
