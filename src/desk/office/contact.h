/* contact.h - what office's files share about contacts: the people whom notices reach, confirmed
 * every ninety days by whoever administers their organisation. Office only. */
#pragma once
#include "api/api.h"
#include "desk/office/tell.h"
#include "gen/desk/office/queries.h"

enum { CONTACT_LIST_HEX = 64, CONTACT_STALE_ASKS = 4 };

/* The contacts of one organisation as they stand. */
typedef struct {
    int64_t org;
    contact_people_row *people;
    size_t n, due; /* due: whom nobody has confirmed for so long */
    size_t admins; /* active people who administer the organisation */
} contact_body;
MUST_USE err contact_body_read(
        struct txn *t, const struct app *a, arena *m, int64_t org, contact_body *ret);
/* Has nobody confirmed this contact for so long? */
bool contact_is_due(const struct app *a, const contact_people_row *p, instant now);
/* Whom nobody has confirmed since this moment is due; before all time when none ever is. */
instant contact_stale_before(const struct app *a, instant now);
/* What was shown, so that a confirmation is of exactly that. one: of this person alone; 0: of all.
 */
void contact_list_hash(
        arena *m, const contact_body *b, int64_t one, char ret[CONTACT_LIST_HEX + 1]);

/* Confirms those that are due, without a change: of the whole organisation, or one alone. list: as
 * contact_list_hash gave it. by: whose entry it is. Errors: E_CONFLICT, the list has changed. */
MUST_USE err contact_confirm_due(
        const teller *x, int64_t org, int64_t one, str list, const viewer *by);
/* A contact was confirmed or changed: when no more is due the organisation is asked no more. */
MUST_USE err contact_settle(const teller *x, int64_t org, int64_t doer);

/* Whom the link of a person covers: the whole organisation, for whoever administers it, or the
 * person alone. */
MUST_USE err contact_of_link(struct txn *t, int64_t person, int64_t *ret_org, int64_t *ret_one);

/* What time does: asks on Mondays, tells the national desk of who never answers. */
MUST_USE err contact_turn_wanted(struct txn *t, const struct app *a, bool *ret);
MUST_USE err contact_turn(const teller *x);
