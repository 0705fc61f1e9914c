/* leave.h - who is away and who stands in: what a viewer may therefore do (model.c decides), where
 * mail goes meanwhile, and for whom a thing was done. Owns tables leave, leave_gap and acted_for;
 * the first two are written by desk/office. The thread is the transaction's. */
#pragma once
#include "access/viewer.h"

struct txn;

enum { LEAVES_STOOD_IN = 6 }; /* for how many a person may be named, now and to come */

/* Fills v's leaves: its own, and those of active people of the same organisation that name it, from
 * now on. They count by v's clock at each question, so that they begin and end by themselves. */
MUST_USE err leave_load(struct txn *t, viewer *v);

/* Where somebody stands now. deputy: active and not away; 0: nobody. */
typedef struct {
    bool away;
    int64_t deputy; /* row */
    str deputy_lang;
    instant until;
} leave_now;
MUST_USE err leave_of(struct txn *t, int64_t person, leave_now *ret);

/* Notes for whom v did the last thing to this record, or that it was for itself. Writing. */
MUST_USE err leave_acted(struct txn *t, str kind, int64_t record, const viewer *v);
/* For whom: the person's row, 0 nobody. */
MUST_USE err leave_acted_for(struct txn *t, str kind, int64_t record, int64_t *ret_person);
