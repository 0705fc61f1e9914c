/* recert.h - what office's files share about the yearly confirmation of who may act for an
 * organisation. Office only. */
#pragma once
#include "api/api.h"
#include "desk/office/tell.h"
#include "gen/desk/office/queries.h"

/* When it opens, is due, and suspends what nobody confirmed. */
typedef struct {
    instant opens, due, suspends;
} recert_times;
recert_times recert_when(const struct app *a, instant due);
/* Has somebody decided about this person since then: added, changed, or confirmed? */
bool recert_decided(const recert_people_row *p, instant opens);
/* How many nobody has decided about. */
size_t recert_left(const recert_people_row *p, size_t n, instant opens);

/* Somebody decided about a person, by adding a confirmation or by a change of roles or state: kept,
 * and when it was the last one the next round begins. by: who. Writing. */
MUST_USE err recert_decide(const teller *x, const person_handle *p, const viewer *by);
/* Begins the next round when nothing is left to decide and the time for it is there. */
MUST_USE err recert_settle(const teller *x, int64_t org, const viewer *by);

/* What time does: asks, reminds, suspends. */
MUST_USE err recert_turn_wanted(struct txn *t, const struct app *a, bool *ret);
MUST_USE err recert_turn(const teller *x);
