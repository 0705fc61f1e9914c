/* pgp_slot.h - OpenPGP and S/MIME within the keys process: one job at a time, each a few runs of
 * gpg, without making other questions wait. Signs with every key of the site that may sign now;
 * reads and encrypts to strangers' keys where no secret is. Owns the channels to both starters and
 * the job's bytes. Included by keys_main alone; its one thread. */
#pragma once
#include "base/base.h"
#include "proc/keys_wire.h"
#include <poll.h>

struct smime_key;

typedef struct pgp_slot pgp_slot;
/* Starts the starters, with folders gpg and gpg-guest in that of the keys: before a key is read. */
MUST_USE err pgp_slot_open(const char *folder, pgp_slot **ret);
/* What signs by S/MIME from here on, or NULL; the slot's. */
void pgp_slot_smime(pgp_slot *s, struct smime_key *k);
void pgp_slot_close(pgp_slot *s); /* NULL: nothing */
/* Answers a KEYS_PGP_* question. False: it makes no sense. */
MUST_USE bool pgp_slot_answer(pgp_slot *s, uint16_t kind, str payload, keys_answer *ret);
/* Who asked is gone. */
void pgp_slot_forget(pgp_slot *s);

enum { PGP_SLOT_POLLS = 4 };
/* What to wait for, and what came of it. */
void pgp_slot_polls(const pgp_slot *s, struct pollfd w[PGP_SLOT_POLLS]);
void pgp_slot_turn(pgp_slot *s, const struct pollfd w[PGP_SLOT_POLLS]);
