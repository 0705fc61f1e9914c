/* mail_protect.c - see mail_protect.h. */
#include "common/outbox/mail_protect.h"

#include "proc/pgp.h"
#include "proc/smime.h"

/* The entity signed that way, or as it is: no key signs. */
static err sign(arena *a, const outbox_options *o, mail_way way, str *entity, bool *ret_signed)
{
    str signature;
    TRY(way == MAIL_SMIME ? smime_sign(o->keys, a, *entity, &signature)
                          : pgp_sign(o->keys, a, *entity, &signature));
    *ret_signed = signature.n > 0;
    if (signature.n) *entity = mail_signed(a, way, *entity, signature);
    return OK;
}

static err encrypt(arena *a, const outbox_options *o, mail_way way, str key, str *entity)
{
    str sealed;
    TRY(way == MAIL_SMIME ? smime_encrypt_to(o->keys, a, *entity, key, o->cipher, &sealed)
                          : pgp_encrypt(o->keys, a, *entity, key, &sealed));
    *entity = mail_encrypted(a, way, o->cipher, sealed);
    return OK;
}

err mail_protect(arena *a, const outbox_options *o, mail_way way, str key, str *message)
{
    str headers, entity;
    bool has = false;
    if (!o->keys) return key.n ? ERR(E_BUSY, "error.keys.absent") : OK;
    if (!mail_split(*message, &headers, &entity)) return ERR(E_BUG, "error.pgp.failed");
    if (key.n) TRY(sign(a, o, way, &entity, &has));
    if (!has && (!key.n || way != o->sign)) TRY(sign(a, o, o->sign, &entity, &has));
    if (key.n) TRY(encrypt(a, o, way, key, &entity));
    *message = str_cat(a, headers, entity);
    return OK;
}
