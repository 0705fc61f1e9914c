/* smime_guest.h - certificates that others bring are read, and mail is encrypted to them, in a
 * throw-away child of the guest's starter (gpg.h): no secret is there, no socket, and it ends with
 * the answer. Owns nothing. Called in that child alone. */
#pragma once
#include "base/base.h"

typedef enum {
    GUEST_GPG,     /* gpg itself */
    GUEST_LOOK,    /* a text, and authorities -> two fields: listing, PEM */
    GUEST_ENCRYPT, /* an entity, and a certificate -> CMS, by MAIL_CBC */
    GUEST_ENCRYPT_GCM,
    GUEST_WORKS
} guest_work;
/* Reads descriptor 0 to its end, then 3; writes 1. The exit code: 0 is good. */
int smime_guest(guest_work w);
