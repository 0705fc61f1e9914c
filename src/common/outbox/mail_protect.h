/* mail_protect.h - mail is signed with the site's OpenPGP keys, if it has any, and encrypted to the
 * receiver's, if that is on file. Outside of any transaction: it asks the keys process, where gpg
 * takes some 20 ms for each. */
#pragma once
#include "common/outbox/outbox.h"

/* *message becomes PGP/MIME (RFC 3156): signed, then encrypted. key: armored, or empty. Errors:
 * E_BUSY (another time), E_TOO_LARGE: what is to be encrypted never leaves in clear, nor unsigned
 * when there is a key that signs. */
MUST_USE err mail_protect(arena *a, const outbox_options *o, str key, str *message);
