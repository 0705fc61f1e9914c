/* dkim_sign.h - a mail's DKIM signatures, made by the keys process. Called by the outbox's thread,
 * outside any transaction. Owns nothing. */
#pragma once
#include "common/outbox/outbox.h"

/* Puts both signatures (RSA, Ed25519) before *message when the settings name a selector. Errors:
 * E_BUSY (no keys process now: another time), E_CONFIG, E_INVALID: mail never leaves unsigned when
 * it was to be signed. */
MUST_USE err dkim_sign(arena *a, const outbox_options *o, str *message);
