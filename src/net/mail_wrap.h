/* mail_wrap.h - a mail that is signed or encrypted, as MIME: OpenPGP's way (RFC 3156) or S/MIME's
 * (RFC 8551, section 3). Who signs and encrypts is elsewhere. Owns nothing; any thread. */
#pragma once
#include "base/base.h"

typedef enum { MAIL_OPENPGP, MAIL_SMIME } mail_way;
/* What a mail is encrypted by to a certificate: EnvelopedData by AES-256-CBC, which every program
 * reads, or AuthEnvelopedData by AES-256-GCM (RFC 5083, 8551), which few do. */
typedef enum { MAIL_CBC, MAIL_GCM } mail_cipher;
mail_cipher mail_cipher_of(str name);  /* "gcm"; MAIL_CBC for anything else */
const char *mail_way_name(mail_way w); /* "openpgp", "smime" */
mail_way mail_way_of(str name);        /* MAIL_OPENPGP for anything else */

/* A message of message_build in two: what the relay reads, and what is signed: from Content-Type
 * on. False: it is no such message. */
MUST_USE bool mail_split(str message, str *ret_headers, str *ret_entity);
/* Is it such an entity? What the keys process asks before it signs. */
bool mail_entity_is_sane(str entity);
/* An entity again: multipart/signed; multipart/encrypted or application/pkcs7-mime. What was made
 * of the entity is armored by gpg, or DER. */
str mail_signed(arena *a, mail_way w, str entity, str signature);
str mail_encrypted(arena *a, mail_way w, mail_cipher c, str sealed);
