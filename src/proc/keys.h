/* keys.h - the door to the keys: wraps and unwraps people's keys, derives, signs.
 * Behind it stands the keys process, or, for a command that works alone, a keyring of one's own.
 * Owns the channel. Thread-safe; a question waits for its answer (some 30 us), and for a process
 * that is just being started again, two seconds at most. Called by access/seal, ledger and main. */
#pragma once
#include "base/base.h"
#include "net/dkim.h"
#include "proc/keyring.h"

typedef struct keys keys;
keys *keys_new(void); /* no channel yet */
/* A process that asks a token before it can answer: its first answer may take as long as that.
 * Before the first keys_link. */
void keys_wait_for_token(keys *k);
/* Without a process: k is the door's from here on. */
keys *keys_alone(keyring *k);
/* The keyring of such a door; NULL: a process has it. Still the door's. */
keyring *keys_ring(keys *k);
/* The channel that child_events.link brought; fd is the door's from here on. A question under way
 * on the old one is asked again. */
void keys_link(keys *k, int fd);
/* From here on each question is E_BUSY; the ones that wait end. */
void keys_stop(keys *k);
void keys_free(keys *k); /* NULL: nothing; nobody may be asking */

/* Errors of all: E_BUSY (error.keys.absent: no keys process now). */
MUST_USE err keys_wrap(
        keys *k, str label, const uint8_t key[KEY_BYTES], uint8_t ret[KEY_WRAPPED_BYTES]);
/* E_CONFIG (error.access.master_key_other): not wrapped under this master key and label. */
MUST_USE err keys_unwrap(keys *k, str label, str wrapped, uint8_t ret[KEY_BYTES]);
MUST_USE err keys_derive(keys *k, derive_purpose p, uint8_t ret[KEY_BYTES]);
/* E_INVALID (error.keys.statement): the bytes are no statement of that purpose. */
MUST_USE err keys_sign(keys *k, sign_purpose p, str bytes, uint8_t ret[SIGNATURE_BYTES]);
/* CMS over a letter's SHA-256 (proc/letter_key.h), in a. E_CONFIG (error.letter_key.none). */
MUST_USE err keys_letter(keys *k, const uint8_t digest[32], arena *a, str *ret);
/* A statement of net/dkim.h, signed for the selector of the settings. E_CONFIG (error.dkim.refused:
 * no such key, or no such statement). */
MUST_USE err keys_dkim(keys *k, dkim_algorithm g, str statement, arena *a, str *ret);
MUST_USE err keys_public(keys *k, sign_purpose p, uint8_t ret[KEY_BYTES]);
