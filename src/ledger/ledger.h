/* ledger.h - what happened, provable, in order: an append-only list whose entries are hashed into
 * an RFC 6962 Merkle tree. Owns tables ledger_entry, ledger_head, ledger_tile. Entries hold ids and
 * salted hashes, never personal or RED text. Appending happens in a writing transaction; sealing
 * (the numbers) happens just before the group commits; followers hear of it after. */
#pragma once
#include "base/base.h"

struct txn;
struct store;
/* Types come from data/ledger.json: "finding.opened" is LEDGER_finding_opened. LEDGER_NONE is for
 * rows written under one entry of their batch (bulk acts are one entry). */
#include "gen/ledger_types.h"

typedef struct {
    ledger_type type;
    instant at;            /* zero: txn_now; a record's entry has the time that the record says */
    str kind;              /* record kind ("finding"), or empty */
    id128 subject;         /* the record's id, or zero */
    int64_t version;       /* of the record after this entry */
    const uint8_t *digest; /* 32 bytes: salted hash of the content, or NULL */
    int64_t audience, owner, author;
    str more; /* further members as JSON object text without personal text, or empty */
} ledger_draft;
/* Appends within t. */
MUST_USE err ledger_append(struct txn *t, const ledger_draft *d);

struct ledger;
/* Appends entries that say nothing up to a multiple of 256; *ret_size: the tree's size after them.
 */
MUST_USE err ledger_pad(struct txn *t, struct ledger *l, int64_t *ret_size);

/* One realm's ledger over its store. Installs the commit hooks. Free after the store is closed. */
typedef struct ledger ledger;
MUST_USE err ledger_open(struct store *s, ledger **ret);
void ledger_close(ledger *l);

/* The sealed tree. */
typedef struct {
    int64_t size;
    uint8_t root[32];
    instant sealed;
} ledger_head;
/* The type with this name, LEDGER_NONE when there is none. */
ledger_type ledger_type_of(str name);

ledger_head ledger_head_now(ledger *l);

/* A sealed entry as followers get it. Slices borrow until the callback returns. */
typedef struct {
    int64_t number;
    id128 id;
    instant at;
    ledger_type type;
    str kind;
    id128 subject;
    int64_t version;
    int64_t audience, owner, author;
    str body;
} ledger_item;
typedef err (*ledger_fn)(void *ctx, const ledger_item *e);
/* Sealed entries with number > after, at most limit, ascending. From memory when recent enough,
 * from the store otherwise. Callers that show them to people must ask access/ first. */
MUST_USE err ledger_read(
        ledger *l, int64_t after, int64_t limit, ledger_fn fn, void *ctx, int64_t *ret_last);
/* Blocks until the head is past `after`, or timeout_ms passed; returns the head's size. */
int64_t ledger_wait(ledger *l, int64_t after, int timeout_ms);
/* wake(ctx) is called (writer thread, must not block) after each sealing. At most 16 followers. */
void ledger_follow(ledger *l, void (*wake)(void *ctx), void *ctx);

/* Recomputes every leaf from stored bytes, the tree, the tiles and the head. Errors: E_INVALID with
 * the entry's number. progress may be NULL. Proofs: ledger/proof.h. */
typedef struct {
    int64_t entries;
    uint8_t root[32];
} ledger_proof;
MUST_USE err ledger_verify(struct store *s,
        void (*progress)(void *ctx, int64_t done, int64_t total), void *ctx, ledger_proof *ret);
