/* bulk.h - one act on many findings or notices: what it would do to each, and doing it, by the
 * same checked handles as the act on one. Included by WATCH's bulk files and by main, which gives
 * the kinds to the realm's runner of jobs. */
#pragma once
#include "access/record.h"
#include "common/job/runner.h"
#include "gen/permissions.h"
#include "gen/records/delivery.h"
#include "gen/records/finding.h"
#include "gen/records/notice.h"

enum { BULK_MAX = 10000, BULK_KINDS = 4 };

/* What becomes of one thing: changed; is so already; not this person's to change; not there for
 * this person; its state lets it no more. */
typedef enum {
    BULK_DONE,
    BULK_SAME,
    BULK_DENIED,
    BULK_ABSENT,
    BULK_LATE,
    BULK_OUTCOMES
} bulk_outcome;
extern const char *const bulk_words[BULK_OUTCOMES];

/* What is asked for. answer: of findings; who: for whom a deputy acts, zero: nobody. */
typedef struct {
    str answer;
    id128 who;
} bulk_order;

/* One thing as it was looked at; after doing it, the version that it has. */
typedef struct {
    bulk_outcome outcome;
    int64_t owner, was, made;
} bulk_one;
/* use TRY: only looks, in any transaction. HOLD: does it where the outcome is BULK_DONE. v: who
 * asks; by: the same as deputy where it stands in. */
typedef err bulk_fn(struct txn *t, const viewer *v, const viewer *by, const bulk_order *o,
        int64_t row, record_use use, bulk_one *ret);
typedef struct {
    const char *kind; /* of the job */
    permission permission;
    bulk_fn *one;
    bool undo;
} bulk_act;
extern const bulk_act bulk_answer, bulk_acknowledge, bulk_withhold;

/* The jobs' kinds: the three acts and the undo of answers. */
extern const job_kind bulk_kinds[BULK_KINDS];

/* ---- the acts on one thing, for their own routes too ---- */
finding_draft answer_draft(
        const struct txn *t, const viewer *by, const finding_handle *h, str answer);
MUST_USE err answer_save(
        struct txn *t, const viewer *by, const finding_handle *h, const finding_draft *d);
/* Takes a held notice back whole: nothing of it leaves, its findings are untold again. */
MUST_USE err notice_take_back(struct txn *t, const viewer *v, const notice_handle *h);

/* ---- what a filter shows ---- */
struct call;
struct finding_query;
struct notice_query;
/* Rows in the order of the list, at most max of them, which has place for so many. */
MUST_USE err finding_rows(
        struct call *c, const struct finding_query *q, size_t max, int64_t *rows, size_t *n);
MUST_USE err notice_rows(
        struct call *c, const struct notice_query *q, size_t max, int64_t *rows, size_t *n);
