/* checkpoint.h - the text of a checkpoint (C2SP tlog-checkpoint) and what is sent to a witness with
 * it (C2SP tlog-witness, add-checkpoint). Pure; any thread. The bytes are hostile: limits are here.
 */
#pragma once
#include "base/base.h"
#include "ledger/tree.h"

/* A tree's head as outsiders know it. origin borrows. */
typedef struct {
    str origin;
    int64_t size;
    uint8_t root[TREE_HASH];
} log_head;
str checkpoint_text(arena *a, const log_head *h);
/* The text of a note; lines after the third are let pass and mean nothing. E_INVALID
 * (error.ledger.checkpoint) with row. */
MUST_USE err checkpoint_parse(str text, log_head *ret);

enum { SUBMISSION_PATH_MAX = 63 };
typedef struct {
    int64_t old; /* the size that the witness is thought to know */
    str path;    /* consistency proof: hashes end to end */
    str note;    /* the signed checkpoint */
} submission;
str submission_text(arena *a, const submission *s);
/* path lives in a, note borrows. E_USAGE (error.ledger.submission) with row. */
MUST_USE err submission_parse(arena *a, str body, submission *ret);

/* The decimal number of a size: no sign, no leading zero. */
MUST_USE bool size_parse(str s, int64_t *ret);
