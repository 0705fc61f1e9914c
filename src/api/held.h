/* held.h - acts that wait for a second person: a route whose row says two_person is not done when
 * it is asked for, but kept as it was asked; another person who has the same right lets it happen,
 * in one transaction with the act itself, by the asker's rights as they are then. Owns table
 * held_act. Called by api/write.c and the office's handlers, in c->t. */
#pragma once
#include "api/api.h"
#include "gen/permissions.h"

#define HELD_US (24 * 3600 * US_PER_S) /* how long it waits */

typedef struct {
    int64_t row, person, org; /* person, org: the asker's */
    id128 id;
    str route, path, body;
    instant created, expires;
} held_act;

/* Those that wait and that the viewer asked for or may decide, oldest first. */
typedef err held_fn(call *c, const held_act *h);
MUST_USE err held_each(call *c, held_fn *fn);
/* One of them; E_ABSENT when it is not. */
MUST_USE err held_find(call *c, id128 id, held_act *ret);
/* May the viewer be the second person of this one? E_DENIED says why not. */
MUST_USE err held_second(const call *c, const held_act *h);
/* Who has let it happen so far and still could: all of them others than the asker. */
enum { HELD_YES_MAX = 4 };
typedef struct {
    int64_t who[HELD_YES_MAX];
    size_t n;
    bool national, mine; /* one of them is of the national desk; is the viewer */
} held_yes;
MUST_USE err held_given(const call *c, const held_act *h, held_yes *ret);
uint8_t held_needed(const call *c, const held_act *h); /* how many must */
/* The right that an act needs: of the route that was asked for. False: there is no such route. */
bool held_permission(const struct app *a, str route, permission *ret);
/* The viewer's yes; with the last that is needed it happens, and the answer is the act's own. Where
 * two are needed one of them is of the national desk (E_DENIED). Writing. Errors: held_second's,
 * E_CONFLICT (the asker is not active any more, or somebody was quicker), and those of the act:
 * then all stays as it was. */
MUST_USE err held_approve(call *c, const held_act *h);
/* Refuses it, or, by the asker, takes it back. Writing. */
MUST_USE err held_refuse(call *c, const held_act *h);
