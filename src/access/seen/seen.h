/* seen.h - who read what: which reads are noted, the notes, and the hash over each day of them that
 * the ledger holds. Owns tables read_note and read_day. Included by api/ (which writes a note
 * before it answers), by the handlers that show them, and by main. Writing functions: in a writing
 * transaction; the rest on any thread. */
#pragma once
#include "access/realm.h"
#include "access/viewer.h"
#include "gen/record_kinds.h"

struct txn;
typedef enum { SEEN_NOT, SEEN_OUTSIDE, SEEN_LABEL, SEEN_GRANT, SEEN_MAIL } seen_why;

/* One thing that was read, as its handler knows it. */
typedef struct seen_thing {
    record_kind kind;
    int64_t row;
    id128 id;
    int64_t version, owner, audience, author;
} seen_thing;
/* Is this read noted, and why? From outside the owner, above AMBER by anybody, or by an emergency
 * grant. The machine's own reads are not. */
seen_why seen_asks(const viewer *v, const seen_thing *of);

/* A note; slices borrow. */
typedef struct seen_note {
    int64_t person, org;
    str how;
    seen_why why;
    seen_thing of;
} seen_note;
/* Adds the note to its day's chain. now: the live clock, in any realm. */
MUST_USE err seen_add(struct txn *t, const seen_note *n, instant now);

/* Puts the hash of each day that is over into the ledger, for the national auditor to see, and
 * removes a part of what is older than keep_days; *ret_more: call again. */
MUST_USE err seen_keep(
        struct txn *t, const realm *r, instant now, int64_t keep_days, bool *ret_more);
/* Makes every chain again and holds it against its day and its entry in the ledger. E_INVALID
 * (error.seen.*) names the first day that does not fit. *ret_notes: how many were held. */
MUST_USE err seen_verify(struct txn *t, int64_t *ret_notes);
/* "2026-11-24" of a day's number. In a. */
str seen_day_name(arena *a, int64_t day);

/* A thread a realm that does seen_keep every ten minutes. */
typedef struct seen_keeper seen_keeper;
MUST_USE err seen_keeper_start(const realm *r, int64_t keep_days, seen_keeper **ret);
void seen_keeper_stop(seen_keeper *k);
