/* witness.h - outside witnesses, both ways: asking them to cosign our checkpoints, and cosigning
 * those of other logs (C2SP tlog-witness, tlog-cosignature). A witness keeps the latest head of
 * each log before it answers, and never goes back or along a fork. Owns tables ledger_witness,
 * ledger_cosignature, ledger_witnessed. Any thread but the writer's and the HTTP threads. */
#pragma once
#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include "ledger/sign.h"

struct courier;
struct store;
struct txn;

enum { WITNESS_MAX = 16 };
typedef struct witness_peer {
    note_key key;
    str url; /* where add-checkpoint is; empty in a list of logs */
} witness_peer;
/* "VKEY URL VKEY URL ...": whom we ask. E_CONFIG at `setting`. Slices live in a. */
MUST_USE err witness_peers_parse(
        arena *a, str text, const char *setting, witness_peer *ret, size_t *n);
/* "VKEY VKEY ...": whose logs we cosign. */
MUST_USE err witness_logs_parse(
        arena *a, str text, const char *setting, witness_peer *ret, size_t *n);

/* Asks one witness about a published note and keeps what it answered, good or bad. */
typedef struct {
    struct store *store;
    struct courier *courier;
    str note, text;
    log_head head;
    instant now;
} witness_question;
MUST_USE err witness_ask(const witness_question *q, const witness_peer *w);

/* Cosigning. */
typedef struct {
    struct store *store;
    str name;
    const signer *key;
    const witness_peer *logs;
    size_t n_logs;
} witness_site;
/* body: a submission. OK: *ret_line is our cosignature, in a. Errors: E_USAGE (form, an old size
 * beyond the new one), E_ABSENT (a log that is not ours to watch), E_DENIED (no good signature of
 * it), E_CONFLICT (it does not begin at what we know: *ret_known is that), E_INVALID (it did not
 * grow from what we know). */
MUST_USE err witness_add(
        const witness_site *w, arena *a, str body, instant now, str *ret_line, int64_t *ret_known);
