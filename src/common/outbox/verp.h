/* verp.h - the envelope sender of each mail: an address of ours with a tag that says which mail it
 * was, under a key, so that what comes back to it is about that mail and nobody can make one up.
 * "bounces+d123-0123456789abcdef0123@cert.example". Owns nothing; pure; any thread. */
#pragma once
#include "base/base.h"

enum { VERP_KEY = 32, VERP_NAME_MAX = 20 };
typedef enum { VERP_DELIVERY = 'd', VERP_PERSON = 'p' } verp_kind;

/* address "name@host", name of at most VERP_NAME_MAX bytes. row: of the delivery or the person. */
str verp_make(arena *a, const uint8_t key[VERP_KEY], str address, verp_kind kind, int64_t row);
/* Looks for such an address with a tag that is right anywhere in text (a header or several).
 * Letters may have changed their case on the way. */
bool verp_find(
        const uint8_t key[VERP_KEY], str address, str text, verp_kind *ret_kind, int64_t *ret_row);
