/* sign.c - see sign.h. */
#include "ledger/sign.h"
#include "proc/keys.h"
#include <stdlib.h>

struct signer {
    keys *k;
    sign_purpose purpose;
    uint8_t public[SIGN_PUBLIC];
};

err signer_open(struct keys *k, sign_purpose p, signer **ret)
{
    signer made = { .k = k, .purpose = p };
    TRY(keys_public(k, p, made.public));
    signer *s = malloc(sizeof *s);
    ASSERT(s);
    *s = made;
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
