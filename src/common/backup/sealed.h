/* sealed.h - bytes sealed under a key (libsodium's secretstream) and bound to a name: what was
 * altered, cut, moved to another name or put together of two does not open. Owns nothing; any
 * thread. Used by the files of a backup. */
#pragma once
#include "base/base.h"

enum { SEALED_KEY = 32, SEALED_HEAD = 24, SEALED_TAG = 17, SEALED_PART = 1 << 16 };

/* One piece: head, then the sealed bytes. n: plain bytes. */
size_t sealed_bytes(size_t n);
void sealed_put_one(const uint8_t key[SEALED_KEY], str name, str plain, char *to);
/* ret has room for sealed.n bytes. False: not whole, not this name's, not under this key. */
MUST_USE bool sealed_get_one(
        const uint8_t key[SEALED_KEY], str name, str sealed, char *ret, size_t *ret_n);

/* A text of any length in parts of 64 KiB, in a. */
str sealed_put(arena *a, const uint8_t key[SEALED_KEY], str name, str plain);
MUST_USE bool sealed_get(arena *a, const uint8_t key[SEALED_KEY], str name, str sealed, str *ret);
