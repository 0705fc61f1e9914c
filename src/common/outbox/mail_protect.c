/* mail_protect.c - see mail_protect.h. */
#include "common/outbox/mail_protect.h"

#include "net/pgp_key.h"
#include "proc/pgp.h"

err mail_protect(arena *a, const outbox_options *o, str key, str *message)
{
    str headers, entity, signature, sealed;
    if (!o->keys) return key.n ? ERR(E_BUSY, "error.keys.absent") : OK;
    if (!pgp_split(*message, &headers, &entity)) return ERR(E_BUG, "error.pgp.failed");
    TRY(pgp_sign(o->keys, a, entity, &signature));
    if (!signature.n && !key.n) return OK;
    if (signature.n) entity = pgp_signed(a, entity, signature);
    if (key.n) {
        TRY(pgp_encrypt(o->keys, a, entity, key, &sealed));
        entity = pgp_encrypted(a, sealed);
    }
    *message = str_cat(a, headers, entity);
    return OK;
}
