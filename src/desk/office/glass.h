/* glass.h - what the files about things opened by emergency share: who is named in a grant, and
 * what its time does to it. Office only. */
#pragma once
#include "api/api.h"
#include "desk/office/tell.h"
#include "gen/desk/office/queries.h"

/* Name of a person and of an organisation (0: the person's own) in l, for whoever is to know to
 * whom it was opened: the grant itself says it, whatever else its reader may see. */
MUST_USE err glass_names(call *c, int64_t person, int64_t org, lang l, str *ret_name, str *ret_org);
/* The kind of record that a grant opens; NULL: there is none of this name. */
struct record_def;
const struct record_def *glass_def(str kind);
/* The grants that the viewer hears of, the latest first, or the one with this id. */
MUST_USE err glass_heard(call *c, id128 id, glass_page_row **rows, size_t *n);
/* Whose the opened thing is, for whoever may read it now; E_ABSENT for others. */
struct organisation_handle;
MUST_USE err glass_whose(call *c, const glass_page_row *r, const struct organisation_handle **ret);
bool glass_is_open(const call *c, const glass_page_row *r);

/* What time does: a grant's end stands in the ledger soon after (reading stops at the end itself,
 * by the clause). */
MUST_USE err glass_turn_wanted(struct txn *t, bool *ret);
MUST_USE err glass_turn(const teller *x);
