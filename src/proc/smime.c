/* smime.c - see smime.h. */
#include "proc/smime.h"

#include "proc/keys_in.h"

err smime_site(struct keys *k, arena *a, str *ret_listing)
{
    return keys_mail_job(k, a, SMIME_SITE, S(""), S(""), ret_listing);
}

err smime_sign(struct keys *k, arena *a, str entity, str *ret)
{
    return keys_mail_job(k, a, SMIME_SIGN, entity, S(""), ret);
}

err smime_look_at(
        struct keys *k, arena *a, str brought, str authorities, str *ret_listing, str *ret_pem)
{
    str both;
    TRY(keys_mail_job(k, a, SMIME_LOOK, brought, authorities, &both));
    return keys_mail_two(both, ret_listing, ret_pem);
}

err smime_encrypt_to(struct keys *k, arena *a, str entity, str pem, mail_cipher c, str *ret)
{
    return keys_mail_job(k, a, c == MAIL_GCM ? SMIME_ENCRYPT_GCM : SMIME_ENCRYPT, entity, pem, ret);
}
