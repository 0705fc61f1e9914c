/* token.c - makes and reads tokens. Any thread. */
#include "access/auth/token.h"
#include <sodium.h>

enum { SECRET = 32, SECRET_TEXT = 43 };

void token_hash(str secret, uint8_t ret_hash[TOKEN_HASH])
{
    crypto_hash_sha256(ret_hash, (const uint8_t *)secret.p, secret.n);
}

str token_new(arena *a, const char *realm_name, uint8_t ret_hash[TOKEN_HASH])
{
    uint8_t secret[SECRET];
    char text[SECRET_TEXT + 1];
    randombytes_buf(secret, sizeof secret);
    sodium_bin2base64(
            text, sizeof text, secret, sizeof secret, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    token_hash((str){ text, SECRET_TEXT }, ret_hash);
    return str_fmt(a, "%s.%s", realm_name, text);
}

realm *token_parse(realms *all, str token, uint8_t ret_hash[TOKEN_HASH])
{
    ptrdiff_t dot = str_find_byte(token, '.');
    if (dot < 1 || token.n - (size_t)dot - 1 != SECRET_TEXT) return NULL;
    token_hash(str_sub(token, (size_t)dot + 1, SECRET_TEXT), ret_hash);
    return realms_find(all, str_sub(token, 0, (size_t)dot));
}
