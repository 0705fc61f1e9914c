/* smime.h - what the keys process does with S/MIME, asked from the server: signs mail with the
 * site's key (smime_key.h), reads a certificate that somebody brought and encrypts to one, both in
 * a throw-away child (smime_guest.h). Owns nothing; any thread, one job at a time. Errors of all:
 * E_BUSY (error.keys.absent, error.pgp.failed: try again), E_TOO_LARGE. */
#pragma once
#include "base/base.h"
#include "net/mail_wrap.h"

struct keys;
/* The listing of the certificate that signs (net/smime_cert.h); empty: there is none. In a. */
MUST_USE err smime_site(struct keys *k, arena *a, str *ret_listing);
/* An entity of net/mail_wrap.h -> its signature, DER; empty: nothing signs now. */
MUST_USE err smime_sign(struct keys *k, arena *a, str entity, str *ret);
/* What somebody brought -> a listing to judge, and the certificate as PEM, which may be empty.
 * authorities: as smime_look takes them. */
MUST_USE err smime_look_at(
        struct keys *k, arena *a, str brought, str authorities, str *ret_listing, str *ret_pem);
MUST_USE err smime_encrypt_to(
        struct keys *k, arena *a, str entity, str pem, mail_cipher c, str *ret);
