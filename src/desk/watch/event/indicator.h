/* indicator.h - what entering one indicator and reading in a list share. WATCH only. */
#pragma once
#include "access/realm.h"
#include "access/viewer.h"
#include "common/observable/observable.h"
#include "gen/records/indicator.h"

/* What a recognised value makes of a draft: kind and value. False: such a thing cannot be an
 * indicator. */
bool indicator_of(const observable *o, indicator_draft *d);
/* Audience for a label that was asked for ("" : AMBER+STRICT); AMBER ones are shared with the
 * national desk. E_INVALID for RED and for what is no label. */
MUST_USE err indicator_audience(txn *t, const realm *r, str tlp, int64_t *ret);
/* Inserts d, unless its kind, value and source are there already (*ret_same, and *ret stays). */
MUST_USE err indicator_add(txn *t, const viewer *v, const indicator_draft *d, ledger_type entry,
        bool *ret_same, const indicator_handle **ret);
