/* hold.h - legal holds: what must not go, of one thing, of one organisation or of one person, with
 * a reason, until two persons lift it. They win over every rule and over erasure. Owns table
 * legal_hold; who may place and lift one is the routes'. */
#pragma once
#include "base/base.h"

struct txn;

typedef struct {
    str kind; /* organisation|person|finding|notice|attachment */
    int64_t record;
    id128 subject;
    str reason;
    int64_t author;
} hold_facts;
MUST_USE err hold_place(struct txn *t, const hold_facts *d, id128 *ret_id);
/* E_CONFLICT (error.office.held) while one stands on this thing, or on its organisation (org 0:
 * it has none). */
MUST_USE err hold_refuses(struct txn *t, str kind, int64_t record, int64_t org);
/* Does any stand at all? What cannot be told apart (events of a month) stays while one does. */
MUST_USE err hold_any(struct txn *t, bool *ret);
