/* id_token.c - ID tokens of an identity provider: the first line is the token, the rest the key
 * set. What is taken has a subject, is signed under an allowed algorithm, and does not hold for
 * anybody else. */
#include "access/auth/oidc_token.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 26);
    str in = { (const char *)data, n };
    ptrdiff_t line = str_find_byte(in, '\n');
    const json *keys;
    id_token_claims c;
    bool unknown;
    id_token_want us = { S("https://id.example"), S("minar"), S("n-1"),
        { INT64_C(1800000000) * US_PER_S } };
    if (line < 0) return 0;
    str token = str_sub(in, 0, (size_t)line);
    if (failed(json_parse(a, str_sub(in, (size_t)line + 1, n), NULL, &keys))) return 0;
    if (failed(id_token_verify(a, token, keys, &us, &c, &unknown))) return 0;
    ASSERT(!unknown && c.subject.n > 0 && c.subject.n <= 255);
    id_token_want other = us;
    other.client_id = S("somebody-else");
    ASSERT(failed(id_token_verify(a, token, keys, &other, &c, &unknown)));
    other = us;
    other.nonce = S("n-2");
    ASSERT(failed(id_token_verify(a, token, keys, &other, &c, &unknown)));
    return 0;
}
