/* job.h - slow work in the store: who has it, how far it is, when it is tried again. Owns table
 * job. A claim is a lease: whoever works on a job renews it with each report of progress, and a job
 * whose lease ran out is anybody's. Leases count by the live clock, whatever the realm's says: a
 * realm whose clock stands still still takes over. All but job_read in a writing transaction. */
#pragma once
#include "base/base.h"

struct txn;

typedef struct {
    str kind, body;       /* body: JSON */
    int64_t person;       /* whose; 0 the system's */
    instant run_at;       /* not before; {0}: at once */
    int64_t max_attempts; /* 0: 5 */
    int64_t total;        /* units of progress, 0 unknown */
} job_draft;

typedef struct {
    int64_t row;
    id128 id;
    str kind, body, state; /* ready|running|done|failed|stopped */
    int64_t person, attempts, max_attempts, progress, total;
    str error;      /* of the last attempt */
    str result;     /* what came of it so far: a JSON object; empty: nothing yet */
    int64_t undone; /* row of the job that undoes it, 0: none */
    instant run_at, lease_until, created, started, finished;
} job;

MUST_USE err job_enqueue(struct txn *t, const job_draft *d, int64_t *ret_row, id128 *ret_id);
/* Takes the job that is due longest for lease_us. kind empty: any. who: names this worker uniquely.
 * E_ABSENT when none is due. The job lives in a. */
MUST_USE err job_claim(
        struct txn *t, arena *a, str kind, str who, int64_t lease_us, const job **ret);
/* OK when one of this kind could be claimed; E_ABSENT. In any transaction. */
MUST_USE err job_due(struct txn *t, str kind);
typedef struct {
    int64_t progress, total;
    str result; /* empty: as it was */
} job_report;
/* Reports progress and renews the lease. *ret_stop: the job was stopped or is somebody else's by
 * now; drop it without finishing. */
MUST_USE err job_progress(
        struct txn *t, int64_t row, str who, const job_report *r, int64_t lease_us, bool *ret_stop);
/* E_CONFLICT when the job is no longer this worker's: undo what was done with it. */
MUST_USE err job_finish(struct txn *t, int64_t row, str who);
/* Gives up for now: tried again after 10 s, 40 s, 160 s ... at most an hour, until max_attempts is
 * reached
 * (*ret_over, state failed). */
MUST_USE err job_fail(struct txn *t, int64_t row, str who, str error, bool *ret_over);
/* Puts it back as it is, for whoever comes next: the program stops. Nothing when it was not ours.
 */
MUST_USE err job_release(struct txn *t, int64_t row, str who);
/* Gives up for good. E_CONFLICT as job_finish. */
MUST_USE err job_give_up(struct txn *t, int64_t row, str who, str error);
/* Asks that a ready or running job stop; E_CONFLICT when it has ended. */
MUST_USE err job_stop(struct txn *t, int64_t row);
MUST_USE err job_read(struct txn *t, arena *a, int64_t row, const job **ret);
/* Rows of the long works that people ask for (mails are none of them: their deliveries tell), the
 * latest first. person 0: everybody's. In a. */
MUST_USE err job_rows(
        struct txn *t, arena *a, int64_t person, int64_t limit, int64_t **ret, size_t *ret_n);
/* Says that `undoing` undoes it; E_CONFLICT when another does already. */
MUST_USE err job_mark_undone(struct txn *t, int64_t row, int64_t undoing);
/* Takes out of the queue what of this kind waits for a person. */
MUST_USE err job_withdraw(struct txn *t, str kind, int64_t person);
MUST_USE err job_find(struct txn *t, id128 id, int64_t *ret_row);
