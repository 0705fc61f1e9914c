/* seal_cache.h - people's keys that were unwrapped lately, so that the keys process is asked once
 * and not for each field of each row. Bounded in number and in age: what is not used is asked for
 * anew, and a key that was destroyed is dropped at once. Found by its wrapped form, which is never
 * the same for two keys: a key is found only by who has the row, in the state that it sees.
 * Owns the keys (guarded memory). Thread-safe. Called by seal.c alone. */
#pragma once
#include "base/base.h"
#include "proc/keyring.h"

enum { SEAL_CACHE_KEYS = 4096, SEAL_CACHE_AGE_S = 600 };

/* wrapped: KEY_WRAPPED_BYTES. */
MUST_USE bool seal_cache_find(str wrapped, uint8_t ret[KEY_BYTES]);
void seal_cache_put(str wrapped, const uint8_t key[KEY_BYTES]);
void seal_cache_drop(str wrapped);
void seal_cache_clear(void);
