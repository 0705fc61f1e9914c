/* audience.h - audiences as interned values, the groups they name, and what one viewer sees by
 * them. Owns tables audience, audience_person, group_member and the cache of sights. Writing
 * functions: in a writing transaction; the rest on any thread. */
#pragma once
#include "access/viewer.h"
#include "gen/records/sharing_group.h"

/* The audience of a label with a group (row of a sharing_group; 0 none) or, for RED, named people
 * (rows, any order). The same value always has the same row: number * 8 + label. Borrows persons.
 * Errors: E_INVALID (label, people without RED, a group with CLEAR, GREEN or RED). */
MUST_USE err audience_intern(
        txn *t, int label, int64_t grp, const int64_t *persons, size_t n_persons, int64_t *ret_row);
/* May there be such an audience? E_INVALID as above. */
MUST_USE err audience_check(int label, int64_t grp, size_t n_persons);
/* What an audience says. E_ABSENT when there is none. */
MUST_USE err audience_read(txn *t, int64_t row, int *ret_label, int64_t *ret_grp);

/* Makes a sharing group with its members (rows of organisations). Errors: as sharing_group_insert.
 */
MUST_USE err group_create(txn *t, const viewer *v, const sharing_group_draft *d,
        const int64_t *orgs, size_t n_orgs, const sharing_group_handle **ret);
/* Adds or removes one organisation: a new version of the group and a ledger entry, unless it is so
 * already (*ret_changed false). */
MUST_USE err group_add(
        txn *t, const viewer *v, const sharing_group_handle *g, int64_t org, bool *ret_changed);
MUST_USE err group_remove(
        txn *t, const viewer *v, const sharing_group_handle *g, int64_t org, bool *ret_changed);
/* Rows of the member organisations, ascending, in t's arena. */
MUST_USE err group_read(txn *t, int64_t grp, const int64_t **ret, size_t *n);

/* Rises whenever a change of who may see what has become durable in this store (groups, audiences,
 * organisations, people). A viewer made before is to be made anew; take the epoch before the
 * transaction it is read in. */
int64_t access_epoch(const store *s);

/* What a person of an organisation sees. provider 0: none. now is txn_now(t). The list of audiences
 * is shared and stays for an hour after a newer one has replaced it; nobody keeps a viewer as long.
 */
MUST_USE err sight_load(
        txn *t, int64_t person, int64_t org, int64_t provider, bool community, sight *ret);
/* Forgets the cached sights of a store that closes. */
void sight_forget(const store *s);
