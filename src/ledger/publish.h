/* publish.h - what outsiders get of one realm's ledger: a signed checkpoint at fixed times, whose
 * tree is always a whole number of batches of 256, so that nobody can count. One thread a realm.
 * Fails shut: before anything is signed, new leaves are recomputed from their stored bytes, old
 * ones in turn, and the tree above all of them; what does not fit halts the signing until
 * everything fits. Owns tables ledger_checkpoint, ledger_halt; DATA/published/ledger.last outlives
 * a restored store. Included by main and by the ledger's handlers. */
#pragma once
#include "ledger/checkpoint.h"
#include "ledger/ledger.h"
#include "ledger/note.h"
#include "ledger/sign.h"
#include "ledger/witness.h"

typedef struct {
    struct store *store;
    ledger *ledger;
    const clock_src *clock;
    str origin; /* of the first checkpoint; later ones keep it */
    const signer *key;
    int64_t every_s; /* times are multiples of it since 1970 */
    const char
            *last_path; /* file that remembers the last checkpoint outside the store; NULL: none */
    struct courier *courier; /* NULL: witnesses are not asked */
    const witness_peer *witnesses;
    size_t n_witnesses;
} publish_options;

typedef struct publisher publisher;
/* Options are borrowed until publisher_stop. */
MUST_USE err publisher_start(const publish_options *o, publisher **ret);
void publisher_stop(publisher *p); /* NULL allowed; waits for what is under way */
/* One round, now, on this thread: what the publisher does at each fixed time. Not on the writer's.
 * E_INVALID: halted, and why. */
MUST_USE err publish_now(const publish_options *o);

/* What was published last. E_ABSENT: nothing yet. note: the checkpoint with the log's and all
 * witnesses' signatures; in the transaction's arena. */
typedef struct {
    log_head head;
    instant at;
    str note, text; /* text: the note's, which is what is signed */
} published;
MUST_USE err published_last(struct txn *t, published *ret);
/* Why signing is halted: *ret_key is NULL when it is not. */
typedef struct {
    const char *key;
    str detail;
    instant at;
} publish_halt;
MUST_USE err published_halt(struct txn *t, publish_halt *ret);
