/* pgp_make.h - the site's OpenPGP keys made, extended, changed and ended: by a command of the
 * folder's owner, beside a running server, which hears of it within half a minute. Keys sign and
 * certify and do nothing else: nobody can write to Minar, so there is nothing to decrypt.
 * Owns its own starter of gpg (proc/gpg.h), started before anything else is. One thread.
 * Errors of all: E_IO (error.pgp.gpg), E_ABSENT (error.pgp.no_key). */
#pragma once
#include "net/pgp_key.h"

enum { PGP_YEARS = 2, PGP_YEARS_MAX = 10 };

typedef struct pgp_maker pgp_maker;
/* folder: of the keys; made when absent. Errors: E_CONFIG (error.pgp.path: too long for a socket),
 * E_IO. */
MUST_USE err pgp_maker_open(arena *a, const char *folder, pgp_maker **ret);
void pgp_maker_close(pgp_maker *m); /* NULL: nothing */

/* All of them, in the maker's arena. */
MUST_USE err pgp_maker_list(pgp_maker *m, pgp_key ret[PGP_KEYS_MAX], size_t *ret_n);
/* The one whose fingerprint ends like this, blanks aside: at least eight digits. */
MUST_USE err pgp_maker_find(pgp_maker *m, str end, pgp_key *ret);
/* A new one. Those that sign now and it certify each other. */
MUST_USE err pgp_maker_make(pgp_maker *m, str user, int years);
/* It ends so many years from now. */
MUST_USE err pgp_maker_extend(pgp_maker *m, str fingerprint, int years);
/* Revoked for good, and its secret half destroyed; the public one stays, with its revocation.
 * E_CONFLICT (error.pgp.last): no other one signs. */
MUST_USE err pgp_maker_drop(pgp_maker *m, str fingerprint);
/* Public halves, armored. */
MUST_USE err pgp_maker_export(pgp_maker *m, str *ret);
/* What revokes it, as gpg wrote it when the key was made: for the safe. */
MUST_USE err pgp_maker_revocation(pgp_maker *m, str fingerprint, str *ret);
