/* pgp_key.h - what gpg lists of OpenPGP keys (--with-colons, doc/DETAILS of GnuPG), read and
 * judged: may mail to an address be encrypted to this key? Owns nothing; pure: gpg runs elsewhere,
 * the time is a parameter. Any thread.
 */
#pragma once
#include "base/base.h"

enum { PGP_KEYS_MAX = 16, PGP_KEY_BYTES_MAX = 32 << 10, PGP_RSA_BITS = 2048 };

typedef struct {
    str fingerprint;          /* hex, capitals */
    str user;                 /* its first user id */
    instant created, expires; /* expires {0}: never */
    int64_t algorithm, bits;  /* RFC 4880, section 9.1 */
    bool revoked, expired, invalid;
    bool secret; /* its secret half is here */
} pgp_key;
/* Those of a listing, at most PGP_KEYS_MAX. Slices of the listing; user is unescaped in a. */
size_t pgp_keys_read(arena *a, str listing, pgp_key ret[PGP_KEYS_MAX]);
/* May it sign now? */
bool pgp_key_signs(const pgp_key *k, instant now);
/* "ABCD 1234 .." as people compare it: ten groups of four. */
str pgp_grouped(arena *a, str fingerprint);

/* The address of a listing of one key. Errors: E_INVALID with the words of what is wrong with it
 * (error.pgp.none, many, secret, revoked, expired, invalid, weak, address, no_encryption). The
 * key's end is the earlier one of the key and of what encrypts for it. */
MUST_USE err pgp_key_judge(arena *a, str listing, str address, instant now, pgp_key *ret);
