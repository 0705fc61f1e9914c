/* reaction.h - what a desk does after a ledger entry. Each reaction has its own cursor (table
 * reaction), saved in the transaction of its effect: at least once, and once as far as the store
 * goes. An entry that fails is tried again 3 times with growing waits, then put into table parked,
 * in sight, with a ledger entry of its own. One thread a realm; the functions run on the store's
 * writer. */
#pragma once
#include "access/realm.h"
#include "ledger/ledger.h"

struct txn;

/* Acts on entries (ascending, all of the wanted types) within t, which also saves the cursor. The
 * batch shrinks and grows so that a call takes about 10 ms. A fault undoes the whole batch; the
 * entries are then handed over one by one. */
typedef err (*reaction_fn)(
        struct txn *t, const realm *r, void *ctx, const ledger_item *entries, size_t n);

typedef struct {
    const char *name;      /* of the cursor: never changed once released */
    const ledger_type *on; /* entries wanted */
    size_t n_on;
    const ledger_type *writes; /* every type that fn may append; held against what it does */
    size_t n_writes;
    reaction_fn fn;
    void *ctx;
} reaction_def;

enum { REACTIONS_MAX = 16, REACTION_DEPTH_MAX = 4, REACTION_RETRIES = 3 };

typedef struct reactions reactions;
typedef struct {
    int64_t wait_us[REACTION_RETRIES]; /* all 0: 1 s, 10 s, 60 s */
} reactions_options;

/* Starts the realm's thread; defs are borrowed until the stop. Errors: E_CONFIG when reactions
 * answer one another in a circle or in a chain longer than REACTION_DEPTH_MAX (a flood that feeds
 * itself cannot begin). */
MUST_USE err reactions_start(
        realm *r, const reaction_def *defs, size_t n, const reactions_options *o, reactions **ret);
/* Ends the thread; nothing is lost. Before the store is closed. */
void reactions_stop(reactions *x);
/* How many sealed entries the slowest reaction has not looked at. */
int64_t reactions_behind(reactions *x);
/* Waits until none is behind; false when that took longer. For commands and tests. */
bool reactions_settle(reactions *x, int timeout_ms);
