/* webauthn.c - what a browser brings back: whatever comes, items lie in the input, a map's value is
 * found only once, and what is accepted has an id and a key. First byte: which of the readers. */
#include "access/auth/cbor.h"
#include "access/auth/webauthn.h"
#include "fuzz/fuzz.h"

static const passkey_site site = { S("localhost"), S("http://localhost:8420") };

static void whole(str in)
{
    cbor_item it, value;
    if (!cbor_read(in, &it)) return;
    ASSERT(it.raw.p == in.p && it.raw.n > 0 && it.raw.n <= in.n);
    if (!cbor_get(&it, S("authData"), &value)) return;
    ASSERT(value.raw.p > in.p && value.raw.p + value.raw.n <= in.p + in.n);
    ASSERT(value.body.n <= value.raw.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 1) return 0;
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 24);
    str in = { (const char *)data + 1, n - 1 }, challenge;
    webauthn_made made;
    uint32_t counter;
    switch (data[0] % 3) {
    case 0:
        whole(in);
        if (!failed(webauthn_register(a, &site, S("{}"), in, &made)))
            ASSERT(made.credential.n && made.key_n && made.key_n <= WEBAUTHN_KEY_MAX);
        break;
    case 1:
        if (!failed(webauthn_client(a, &site, in, S("webauthn.get"), &challenge)))
            ASSERT(challenge.n < 128);
        break;
    default:
        if (!failed(webauthn_shown(&site, in, &counter))) ASSERT(in.n >= 37);
        ASSERT(!webauthn_signed(&site, S("{}"), in, S("sig"), -7, S("key")));
    }
    return 0;
}
