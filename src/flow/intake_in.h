/* intake_in.h - one import in hand. Included by src/flow's intake*.c and write.c. */
#pragma once
#include "flow/flow_in.h"
#include "flow/intake.h"
#include "flow/pipeline.h"

enum { INTAKE_ERRORS = 1000, INTAKE_VALUE_BYTES = 200 };

typedef struct {
    int64_t rows, events, rejects, repeats, owned, matched, promoted;
    int64_t by_class[FLOW_CLASSES];
    bool quarantined;
} intake_counts;

typedef struct {
    int64_t row;
    str reason, column, value;
} intake_error;

typedef struct {
    str column;
    drift_kind kind;
} intake_drift;

typedef struct intake_run intake_run;
struct intake_run {
    intake_run *next;
    arena *a;
    int64_t row, feed, bytes_total;
    id128 id;
    str file_name, hash_hex;
    lang l;
    char path[4096], input[128]; /* the file; its name as an input of the history */
    bool begun;                  /* in this process */
    int64_t not_before_us;       /* monotonic: after a failure that passes */
    int64_t told_us;             /* monotonic: when progress was last written */
    /* what is committed */
    intake_counts c;
    flow_position at;
    /* what the report will say */
    intake_error *errors;
    size_t n_errors;
    intake_drift *drift;
    size_t n_drift;
    bool drift_known;
    const fault *fault; /* why it failed, in a */
    _Atomic bool stop;  /* somebody stopped it */
};

/* ---- intake_report.c ---- */
/* The counts as the mark of an input's position, and back. */
str intake_mark(arena *a, const intake_counts *c, int64_t row);
void intake_mark_read(str mark, intake_counts *c, int64_t *ret_row);
void intake_note_batch(intake_run *run, const flow_batch *b); /* rejects and drift */
/* Members of the report: counts (with_counts) and mapping, errors, drift, types, ... */
void intake_report(const intake_run *run, const intake_counts *c, bool with_counts, jsonw *w);
/* Rejects of what an earlier process read, out of the history. */
void intake_errors_again(flow *f, intake_run *run);
/* Counts n rows of b from `from`, and rejects. */
void intake_count(intake_counts *c, const flow_batch *b, size_t from, size_t n, int64_t n_rejects);

/* ---- intake_file.c: one turn of one import ---- */
typedef enum { TURN_OVER, TURN_AGAIN, TURN_LATER } turn;
typedef struct {
    flow *f;
    intake_run *run;
    bool (*others)(const flow *f); /* does somebody else wait for a turn? */
} turn_input;
turn intake_turn(const turn_input *in);
MUST_USE err intake_finish(flow *f, intake_run *run, str state);
/* Writes progress at most once a second; sets run->stop when the import was stopped by somebody. */
void intake_tell(flow *f, intake_run *run);

/* A feed as a run needs it; lives in a. */
typedef struct {
    const flow_feed *feed;
    int64_t row, audience; /* of events without an owner */
} intake_feed;
MUST_USE err intake_feed_read(flow *f, arena *a, int64_t row, intake_feed *ret);
