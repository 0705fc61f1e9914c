/* dkim_sign.c - see dkim_sign.h. */
#include "common/outbox/dkim_sign.h"

#include "base/time.h"
#include "proc/keys.h"

static err header_of(arena *a, const outbox_options *o, dkim_algorithm g, str message, str *ret)
{
    dkim_draft d;
    str signature;
    TRY(dkim_prepare(a, message, o->dkim, g, clock_now(&clock_system), &d));
    TRY(keys_dkim(o->keys, g, d.statement, a, &signature));
    *ret = dkim_header(a, &d, signature);
    return OK;
}

err dkim_sign(arena *a, const outbox_options *o, str *message)
{
    str rsa, ed;
    if (!o->dkim.selector.n) return OK;
    ASSERT(o->keys);
    TRY(header_of(a, o, DKIM_RSA, *message, &rsa));
    TRY(header_of(a, o, DKIM_ED25519, *message, &ed));
    *message = str_cat(a, str_cat(a, rsa, ed), *message);
    return OK;
}
