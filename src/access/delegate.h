/* delegate.h - administration that is delegated: which organisation (the keeper) administers the
 * people and keys of another one in its stead, and until when. One keeper for an organisation, and
 * nobody administers a keeper: there are no chains. Owns table delegate, which desk/office writes.
 * A viewer brings its list (sight_load.c); what that lets it do is model.c's. The thread is the
 * transaction's. */
#pragma once
#include "access/viewer.h"

struct txn;

/* What an entry of the ledger says of an act by a delegate about this organisation: {"delegate":
 * id of v's organisation}; empty: it is none. */
str delegate_mark(struct txn *t, const viewer *v, int64_t org);

/* Who administers an organisation now: the keeper's row, 0 nobody, since and until when. */
typedef struct {
    int64_t keeper;
    instant since, until;
} delegate_now;
MUST_USE err delegate_of(struct txn *t, int64_t org, delegate_now *ret);
