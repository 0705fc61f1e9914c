/* oidc_token.h - is this ID token (OpenID Connect Core 1.0, section 3.1.3.7) the provider's word
 * about somebody, to us, now, in answer to what we asked? Pure: keys and time are given. Any
 * thread. */
#pragma once
#include "base/base.h"
#include "base/json.h"

enum { ID_TOKEN_BYTES_MAX = 16384 };

typedef struct {
    str issuer, client_id, nonce;
    instant now;
} id_token_want;

typedef struct {
    str subject;
    instant auth_time; /* when the person proved to the provider who they are; 0: not said */
} id_token_claims;

/* keys: the provider's JWK set. The algorithm must be RS256, PS256 or ES256 and fit the key's type.
 * Errors: E_AUTH (error.access.oidc_token) with the claim or field that does not hold as argument.
 * *ret_unknown: no such key in the set; it may have been changed since it was fetched. */
MUST_USE err id_token_verify(arena *a, str token, const json *keys, const id_token_want *want,
        id_token_claims *ret, bool *ret_unknown);
