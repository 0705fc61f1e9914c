/* pgp.h - what the keys process does with OpenPGP, asked from the server: signs mail with the
 * site's keys, reads a key that somebody brought, encrypts to it. Owns nothing; any thread, one job
 * at a time; a job takes some 20 ms a run of gpg, and the thread waits for it. Errors of all:
 * E_BUSY (error.keys.absent, error.pgp.failed: try again), E_TOO_LARGE. */
#pragma once
#include "base/base.h"

struct keys;
/* gpg's listing of the site's keys (net/pgp_key.h reads it) and the keys, armored; both empty:
 * there is none. In a. */
MUST_USE err pgp_site(struct keys *k, arena *a, str *ret_listing, str *ret_keys);
/* An entity of net/pgp_key.h -> its signature, armored; empty: there is no key that may sign. */
MUST_USE err pgp_sign(struct keys *k, arena *a, str entity, str *ret);
/* What somebody brought -> a listing to judge, and the key without what others signed on it; both
 * may be empty. */
MUST_USE err pgp_look(struct keys *k, arena *a, str key, str *ret_listing, str *ret_key);
MUST_USE err pgp_encrypt(struct keys *k, arena *a, str entity, str key, str *ret);
