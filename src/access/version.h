/* version.h - what a record was before, as far as a viewer may see that: each version by its own
 * label and audience, so that a later, wider label shows nothing of an earlier, narrower one. Above
 * access; the thread is the transaction's. */
#pragma once
#include "access/record.h"

typedef enum { VERSION_NONE, VERSION_UNSEEN, VERSION_SEEN } version_found;

/* Is this version, by its own label, audience and time, one that v sees? */
bool version_seen(const viewer *v, const record_head *h);
/* The version before h, which is any version of a record that v sees. *ret (in t's arena) is set
 * when it is seen. */
MUST_USE err version_before(txn *t, const viewer *v, const record_def *d, const record_head *h,
        version_found *found, const record_head **ret);
/* The version of this number, of a record that v holds as h: E_ABSENT when it was not kept. */
MUST_USE err version_numbered(txn *t, const record_def *d, const record_head *h, int64_t version,
        const record_head **ret);
/* The version that stood at a time; now: the record as it stands. E_ABSENT: it was not there yet,
 * or not for v. */
MUST_USE err version_at(txn *t, const viewer *v, const record_def *d, const record_head *now,
        instant at, const record_head **ret);

/* The value of a told column in a version, borrowed from it. */
cell version_cell(const record_def *d, const record_told *told, const record_head *h);
/* Whether it is the same in both. */
bool version_same(
        const record_def *d, const record_told *told, const record_head *a, const record_head *b);
/* Writes it as a JSON value; a row number as the id of what it stands for, null where v does not
 * see that. */
MUST_USE err version_value(txn *t, const viewer *v, jsonw *w, const record_def *d,
        const record_told *told, const record_head *h);
