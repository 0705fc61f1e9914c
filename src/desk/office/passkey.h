/* passkey.h - what office's handlers share about passkeys. Office only. */
#pragma once
#include "access/auth/passkey.h"
#include "api/api.h"

/* This site, for passkeys. E_CONFLICT (error.access.passkey_address) when its public address is not
 * one for which browsers make them. */
MUST_USE err passkey_here(call *c, passkey_site *ret);
/* What a browser brought back, decoded. E_INVALID (error.access.passkey_bad). */
MUST_USE err passkey_decode(call *c, const struct passkey_shown *b, passkey_shown *ret);
/* The proof of a dangerous act: by a passkey of the viewer's own. Errors: passkey_guess's. */
MUST_USE err passkey_prove(call *c, const struct passkey_shown *b, factor_then *with, void *ctx);
