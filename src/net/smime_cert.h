/* smime_cert.h - certificates for mail (RFC 8550, 8551): what somebody brought is described as a
 * listing (JSON) without a judgement; a listing is judged; and mail is encrypted to a certificate.
 * Describing and encrypting run where no secret is (proc/guest.h), judging anywhere. Owns nothing;
 * the time is a parameter. Any thread. */
#pragma once
#include "net/mail_wrap.h"
#include "net/x509_text.h"

enum { SMIME_RSA_BITS = 2048, SMIME_RSA_BITS_MAX = 8192 };

typedef struct {
    str fingerprint; /* SHA-256, hex, capitals */
    str subject, issuer, serial;
    instant from, until;
} smime_cert;

/* Does somebody bring a certificate, rather than an OpenPGP key? By its form alone. */
bool smime_is_certificate(str brought);

/* The one certificate of a person in what was brought: its listing, and itself alone as PEM;
 * ret_pem empty: there is none. authorities: PEM, to one of which its chain must lead; or empty.
 */
void smime_look(
        arena *a, str brought, str authorities, instant now, str *ret_listing, str *ret_pem);
/* A listing of x; of: that which came with it, and holds its issuer, or not; store: NULL, nobody is
 * named whom it must come from. False: it says what nobody can read. */
MUST_USE bool smime_list(
        arena *a, X509 *x, STACK_OF(X509) * of, X509_STORE *store, instant now, str *ret);

typedef enum { SMIME_ENCRYPTS, SMIME_SIGNS } smime_purpose;
/* A listing, for mail to or from an address. Errors: E_INVALID with the words of what is wrong with
 * it (error.smime.none, many, secret, altered, authority, early, ended, weak, sha1, purpose,
 * address); their pointer is "/key". In a. */
MUST_USE err smime_judge(
        arena *a, str listing, str address, smime_purpose p, instant now, smime_cert *ret);
/* What a listing says of its certificate, good or not. False: it is none. */
MUST_USE bool smime_read(arena *a, str listing, smime_cert *ret);

/* CMS, DER. False: it cannot be. */
MUST_USE bool smime_encrypt(arena *a, str entity, str pem, mail_cipher c, str *ret);
