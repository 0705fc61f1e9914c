/* matrix.h - the world of the access matrix: people of every standing, role and state with every
 * kind of credential, and a record for every relation, label and time, in a founded realm. Names
 * and order are those of test/matrix/expect.mjs. Tests only. */
#pragma once
#include "access/auth/auth.h"
#include "access/record.h"
#include "support/world.h"

enum { STANDINGS = 3, ROLE_SETS = ROLES + 2, PERSON_STATES = 3, CREDENTIALS = 10 };
enum { RELATIONS = 8, LABELS = 5, TIMES = 8 };
enum {
    REL_OWN,
    REL_GROUP,
    REL_PROVIDER,
    REL_PROVIDER_GROUP,
    REL_NAMED,
    REL_AUTHOR,
    REL_DELEGATED,
    REL_NONE
};
enum {
    TIME_PLAIN,
    TIME_EARLY,
    TIME_GLASS,
    TIME_EARLY_GLASS,
    TIME_SELF,
    TIME_ONE,
    TIME_OLD,
    TIME_ORPHAN
};

extern const char *const matrix_standings[STANDINGS],
        *const matrix_states[PERSON_STATES], *const matrix_credentials[CREDENTIALS],
                                                     *const matrix_relations[RELATIONS],
                                                             *const matrix_labels[LABELS],
                                                                     *const matrix_times[TIMES];
const char *matrix_role(int role); /* the roles by bit number, then "none" and "all" */
uint32_t matrix_role_bits(int role);

/* One object, and what a viewer with some credentials may do with it. */
typedef struct {
    int relation, label, time;
} matrix_at;
enum { MATRIX_YES = '+', MATRIX_DENIED = '-', MATRIX_UNSEEN = '.' };
typedef struct {
    char see[RECORD_KINDS][RELATIONS][LABELS][TIMES], hold[RECORD_KINDS][RELATIONS][LABELS][TIMES];
    char told[RELATIONS][LABELS];
} matrix_rights;

typedef struct matrix_world matrix_world;
/* Founds it; records are made of these kinds alone. */
matrix_world *matrix_open(const bool kinds[RECORD_KINDS]);
void matrix_close(matrix_world *m);
/* Does a kind's record have a parent, so that TIME_ORPHAN applies? */
bool matrix_has_parent(record_kind kind);
/* Who somebody with these credentials is, as access/auth says. */
MUST_USE err matrix_viewer(
        matrix_world *m, int standing, int role, int state, int credential, viewer *ret);
/* Asks access/ about every record for v, who is of this standing and role. */
void matrix_ask(matrix_world *m, const viewer *v, int standing, int role, matrix_rights *ret);
/* Row of the organisation of a standing, and of one that none of them belongs to. */
int64_t matrix_org(const matrix_world *m, int standing);
int64_t matrix_elsewhere(const matrix_world *m);
/* The organisation that those of a standing administer in its stead. */
int64_t matrix_kept(const matrix_world *m, int64_t keeper);
