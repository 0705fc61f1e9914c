/* actions.h - what an organisation has to do by a time: given about a finding, a notice or itself,
 * done by its people, verified by somebody else, with its effect read from what the sensors say
 * since. Desks give them; office has the routes. In a writing transaction but for what says
 * otherwise. */
#pragma once
#include "access/realm.h"
#include "base/time.h"
#include "gen/records/action.h"

enum { ACTIONS_PER_THING = 200 };

/* What it is about (a record that the giver sees) and whose it is to do. */
typedef struct {
    str about; /* organisation|finding|notice */
    int64_t parent, owner;
} actions_whole;
typedef struct {
    str title, detail, lang;
    instant due;
    int64_t person; /* of the owner's people; 0: nobody yet */
} actions_wish;
/* z: the site's zone, for the number's year. Errors: permit_create's, E_FULL (error.action.many).
 */
MUST_USE err actions_give(txn *t, const realm *r, const viewer *v, const zone *z,
        const actions_whole *w, const actions_wish *q, const action_handle **ret);

/* Other words, time or person: by who asked for it; the person by its owner's people too. */
MUST_USE err actions_change(txn *t, const viewer *v, const action_handle *h, const actions_wish *q,
        const action_handle **ret);

/* to: done (by its owner's people), verified or open (back; by who may give it and did not do it),
 * dropped (by who asked for it). said: why, or what was done. E_CONFLICT (error.action.step) when
 * it does not stand where that begins, E_DENIED. */
MUST_USE err actions_step(txn *t, const viewer *v, const action_handle *h, str to, str said,
        const action_handle **ret);
/* The machine says that it is late. */
MUST_USE err actions_late(txn *t, int64_t row, const action_handle **ret);

/* What v may do with it now. Any transaction. */
typedef struct {
    bool change, assign, done, verify, reopen, drop;
} actions_may;
actions_may actions_may_of(const viewer *v, const action_handle *h);

/* What became of what it is about since it was said to be done. Any transaction. */
typedef struct {
    bool measured;           /* false: there is nothing to measure by */
    int64_t findings, again; /* how many it is about; how many of them were seen since */
    instant last_seen;       /* the last time, of any; {0}: not since */
} actions_effect;
MUST_USE err actions_effect_of(txn *t, arena *a, const action_handle *h, actions_effect *ret);
