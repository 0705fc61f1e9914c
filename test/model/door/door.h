/* door.h - what the files of the oracle's door share. Compiled only with the option `faults`. */
#pragma once
#include "api/api.h"
#include "access/audience.h"
#include "store/store.h"

/* Rows of what ids name, whoever may see it. 0 for the id of nothing. Errors: E_ABSENT. */
MUST_USE err door_org(txn *t, id128 id, int64_t *ret);
MUST_USE err door_person(txn *t, id128 id, int64_t *ret);
MUST_USE err door_record(txn *t, str kind, id128 id, int64_t *ret);
const record_def *door_def(str kind);
/* Interns an audience as it was sent. */
MUST_USE err door_audience(txn *t, int64_t label, id128 grp, const str_list *named, int64_t *ret);
