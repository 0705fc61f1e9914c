/* reach.h - who may see one thing now, and why: the see clause of model.c turned round
 * (tools/gen/reach.py), together with what permit_use asks of roles and keys. What another label or
 * audience, or other members of a group, would change. Decides nothing of its own and writes
 * nothing. Handlers' threads; what is returned lives in the arena given. */
#pragma once
#include "access/realm.h"
#include "access/record.h"

/* An audience, thought of or as it is. people: rows between commas, ",3,17,"; empty: none. */
typedef struct reach_audience {
    int label;
    int64_t grp;
    str people;
} reach_audience;

/* One organisation that sees it, or of which somebody does. */
typedef struct {
    int64_t org;
    uint32_t why;   /* reach_why bits that let the organisation in; 0: only the named ones */
    int64_t people; /* active ones whose role reads such things */
    int64_t others; /* active ones who are let in too, but have no such role */
    int64_t keys;   /* good ones of those people, that may be used for it */
} reach_org;
/* Somebody whom a clause that asks for the person lets in: author, named, broken glass. */
typedef struct {
    int64_t person, org, keys;
    uint32_t why;
} reach_person;

typedef struct reach {
    reach_org *orgs; /* by row */
    size_t n;
    reach_person *named; /* by row */
    size_t n_named;
    int64_t people, keys; /* of all */
    int64_t unshown; /* organisations that the label lets in and that may not see whose it is */
} reach;

/* Who sees the record in this row. as NULL: by the audience that it has. */
MUST_USE err reach_of(txn *t, const realm *r, const record_def *d, int64_t row,
        const reach_audience *as, arena *a, reach *ret);

/* People of one organisation who see it and whom v may see, in the order of their rows, after one.
 */
typedef struct {
    const record_def *d;
    int64_t row, org, after, limit;
} reach_people_of;
MUST_USE err reach_people(txn *t, const realm *r, const viewer *v, const reach_people_of *q,
        arena *a, reach_person **ret, size_t *n, bool *ret_more);

/* What becomes of an organisation: who begins to see it, and who stops. */
typedef struct {
    int64_t org;
    uint32_t why;                                 /* before, when it loses; after, when it gains */
    int64_t gains, loses, keys_gained, keys_lost; /* people, keys */
    bool begins, ends;                            /* the organisation as a whole */
} reach_change;
typedef struct reach_effect {
    reach_change *orgs; /* those for which anything changes, by row */
    size_t n;
    reach_change all;     /* sums; org and why mean nothing; begins: anybody gains; ends: loses */
    int64_t begins, ends; /* organisations */
} reach_effect;
void reach_compare(arena *a, const reach *before, const reach *after, reach_effect *ret);

/* How many of a kind an organisation gains and loses when a group's members change. */
typedef struct {
    int64_t org, gains, loses, strict; /* strict: gained ones above AMBER */
} reach_count;
/* into, out, orgs: rows between commas; orgs: those that are asked about. */
MUST_USE err reach_group(txn *t, const record_def *d, int64_t grp, str into, str out, str orgs,
        arena *a, reach_count **ret, size_t *n);

/* The roles that are shown records of this kind, in the national organisation or another. */
uint32_t reach_roles(record_kind kind, bool national);
/* ",3,17,"; empty for none. */
str reach_list(arena *a, const int64_t *rows, size_t n);
/* The place of an organisation in r->orgs, or NULL. */
const reach_org *reach_find(const reach *r, int64_t org);
