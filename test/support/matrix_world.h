/* matrix_world.h - what matrix.c and matrix_records.c know of their world. Nobody else includes it.
 */
#pragma once
#include "access/audience.h"
#include "store/store.h"
#include "support/matrix.h"

typedef struct {
    int64_t row;
    str session, ended, read, write, expired, revoked, unknown, other_realm;
} matrix_person;

/* The author's relation is a person's own: a record for each role. Others use the first. */
typedef struct {
    int64_t row[ROLE_SETS], audience, owner;
} matrix_object;

struct matrix_world {
    world w;
    arena *a;
    bool kinds[RECORD_KINDS];
    int64_t org[STANDINGS], provider[STANDINGS], kept[STANDINGS], elsewhere;
    int64_t group[STANDINGS],
            provider_group[STANDINGS];  /* whose only member is that organisation */
    int64_t parent_open, parent_hidden; /* notices */
    int64_t approver[2];
    matrix_person people[STANDINGS][ROLE_SETS][PERSON_STATES];
    matrix_object objects[RECORD_KINDS][STANDINGS][RELATIONS][LABELS][TIMES];
};

void matrix_must(err e, const char *what);
MUST_USE err matrix_delegate(txn *t, int64_t org, int64_t keeper);
void matrix_records_make(matrix_world *m);
