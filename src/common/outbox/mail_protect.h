/* mail_protect.h - mail is signed with the site's keys, by OpenPGP or S/MIME, if it has any, and
 * encrypted to the receiver's key or certificate, if one is on file. Outside of any transaction: it
 * asks the keys process, where gpg takes some 20 ms for each, and S/MIME 5. */
#pragma once
#include "common/outbox/outbox.h"

/* *message is signed, then encrypted (net/mail_wrap.h). key: armored, or PEM, or empty. Signed as
 * the settings say; what is encrypted is signed the same way, where the site has a key for that, so
 * that one program reads both. Errors: E_BUSY (another time), E_TOO_LARGE: what is to be encrypted
 * never leaves in clear, nor unsigned when there is a key that signs. */
MUST_USE err mail_protect(arena *a, const outbox_options *o, mail_way way, str key, str *message);
