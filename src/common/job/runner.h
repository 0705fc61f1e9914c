/* runner.h - the thread that does a realm's long works: takes the job that is due longest, does it
 * in slices on the writer, each with its progress in one transaction, until it is done, stopped or
 * at fault. A crash therefore loses and doubles nothing. Owns no table: store/job.h. Started by
 * main; kinds come from the desks. */
#pragma once
#include "access/realm.h"
#include "base/json.h"
#include "ledger/ledger.h"
#include "store/job.h"

struct txn;
struct viewer;

/* What a slice says of the job it worked on. */
typedef struct {
    int64_t progress, total;
    str result; /* JSON object of counts, as it stands by now; empty: as it was */
    bool over;  /* nothing is left to do */
} job_step;
/* One slice, from j->progress on, within the writer's transaction: at most JOB_SLICE_US of work.
 * E_IO and E_BUSY are tried again later, any other fault ends the job. */
typedef err job_slice_fn(struct txn *t, const realm *r, const job *j, job_step *ret);
typedef struct job_kind {
    const char *name;
    job_slice_fn *slice;
} job_kind;

/* An act that can be undone can be for so long after its end. */
enum { JOB_SLICE_US = 8000, JOB_CRASHES = 3, JOB_UNDO_S = 30 };

typedef struct job_runner job_runner;
/* kinds is borrowed until the stop. Errors: E_IO (no thread). */
MUST_USE err job_runner_start(const realm *r, const job_kind *kinds, size_t n, job_runner **ret);
void job_runner_stop(job_runner *k); /* after the slice in hand; NULL: nothing */

/* Enters a job of v's and tells the ledger: its kind and how many things it is about. In a writing
 * transaction. */
typedef struct {
    str kind, body;
    int64_t total;
} job_asked;
MUST_USE err job_ask(
        struct txn *t, const struct viewer *v, const job_asked *d, int64_t *ret_row, id128 *ret_id);
/* The ledger's word on a job: asked, finished, stopped, failed. */
MUST_USE err job_tell(struct txn *t, const realm *r, int64_t row, int64_t author, ledger_type type);
