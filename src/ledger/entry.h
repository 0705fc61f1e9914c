/* entry.h - an entry's exact bytes and what outsiders get of it: a salted commitment. The tree's
 * leaf is the RFC 6962 hash of the commitment, so that the whole tree can be published and says
 * nothing.
 *
 *   commitment = SHA-256( SHA-256(salt[0..16] || said) || SHA-256(salt[16..32] || inner) )
 *
 * said is what whoever sees the entry may know (id, time, type, subject, version, digest), inner
 * what stays inside (audience, owner, author). Each is a JSON text; one can be shown without the
 * other. Pure; any thread. Included by src/ledger and by the proof's handler. */
#pragma once
#include "ledger/ledger.h"

enum { ENTRY_SALT = 32, ENTRY_COMMITMENT = 32 };

/* A new id: random, behind the millisecond that the entry tells anyway (UUID version 7, RFC 9562),
 * so that the index of a long ledger grows at its end. */
id128 entry_id(instant at);
/* The bytes that are kept and committed to. */
str entry_body(arena *a, const ledger_draft *d, id128 id, instant at);
/* false: these are not the bytes of an entry, or the salt is not one. */
MUST_USE bool entry_commitment(str body, str salt, uint8_t ret[ENTRY_COMMITMENT]);

/* What opens a commitment as far as its viewer may know. Slices live in a or borrow. */
typedef struct {
    str said;          /* JSON text */
    str salt;          /* 16 bytes: of said */
    uint8_t inner[32]; /* the hash of the other half */
} entry_opening;
MUST_USE bool entry_open(arena *a, str body, str salt, entry_opening *ret);
