/* dkim_key.h - the keys that sign mail by DKIM: for each selector one file, DATA/keys/dkim-NAME.pem
 * (mode 0600): RSA of 2048 bits, and Ed25519. The one that the settings name signs and is made when
 * absent; others wait for their record to be published, or for mail under way to arrive.
 * Read by the keys process, or by a command that the folder's owner runs. Constant once open. */
#pragma once
#include "net/dkim.h"

typedef struct dkim_key dkim_key;
/* Makes the keys of a selector when there are none. Errors: E_IO. */
MUST_USE err dkim_key_make(const char *folder, str selector);
/* Errors: E_ABSENT (error.dkim.none), E_IO, E_CONFIG (error.dkim.form). */
MUST_USE err dkim_key_open(const char *folder, str selector, dkim_key **ret);
void dkim_key_close(dkim_key *k); /* NULL: nothing */
/* Its public half, as dkim_record takes it. */
str dkim_key_public(const dkim_key *k, dkim_algorithm g, arena *a);
/* Signs a statement of net/dkim.h for its own selector; *ret_n: at most DKIM_SIGNATURE_MAX. False:
 * it is no such statement. */
MUST_USE bool dkim_key_sign(const dkim_key *k, dkim_algorithm g, str statement,
        uint8_t ret[DKIM_SIGNATURE_MAX], size_t *ret_n);

/* ---- for commands ---- */
bool dkim_key_there(const char *folder, str selector);
enum { DKIM_KEYS_MAX = 16 };
/* The selectors that have keys, in a, sorted. Errors: E_IO. */
MUST_USE err dkim_key_list(const char *folder, arena *a, str ret[DKIM_KEYS_MAX], size_t *ret_n);
/* E_ABSENT (error.dkim.none). */
MUST_USE err dkim_key_drop(const char *folder, str selector);
