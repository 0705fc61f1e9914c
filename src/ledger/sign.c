/* sign.c - see sign.h. The public half is asked for once; what is signed is asked for each time. */
#include "ledger/sign.h"
#include <stdlib.h>

_Static_assert((int)SIGN_PUBLIC == KEY_BYTES && (int)SIGN_BYTES == SIGNATURE_BYTES, "sizes");

struct signer {
    keys *k;
    sign_purpose purpose;
    uint8_t public[SIGN_PUBLIC];
};

err signer_open(keys *k, sign_purpose p, signer **ret)
{
    uint8_t public[SIGN_PUBLIC];
    TRY(keys_public(k, p, public));
    signer *s = calloc(1, sizeof *s);
    ASSERT(s);
    s->k = k;
    s->purpose = p;
    memcpy(s->public, public, sizeof public);
    *ret = s;
    return OK;
}

void signer_close(signer *s)
{
    free(s);
}

const uint8_t *signer_public(const signer *s)
{
    return s->public;
}

err signer_sign(const signer *s, str bytes, uint8_t ret[SIGN_BYTES])
{
    return keys_sign(s->k, s->purpose, bytes, ret);
}
