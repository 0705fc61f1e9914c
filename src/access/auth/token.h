/* token.h - secrets that stand for a right: "REALM.secret", kept only as a hash. Access only. */
#pragma once
#include "access/realm.h"

enum { TOKEN_HASH = 32 };

/* A fresh 256-bit token for realm r, in a. ret_hash is what the store keeps. */
str token_new(arena *a, const char *realm_name, uint8_t ret_hash[TOKEN_HASH]);
/* The realm a token names and its hash; NULL when it is not formed like one or the realm is gone.
 */
realm *token_parse(realms *all, str token, uint8_t ret_hash[TOKEN_HASH]);
/* The hash of a token's secret part. */
void token_hash(str secret, uint8_t ret_hash[TOKEN_HASH]);
