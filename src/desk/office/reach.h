/* reach.h - one thing that somebody asks about by the record that it is, and who sees it as JSON.
 * Office only; the thread is the call's. */
#pragma once
#include "access/reach.h"
#include "api/api.h"

/* A thing as the viewer is shown it. */
typedef struct {
    const record_def *d;
    const record_head *h;
} thing;
/* The {id} of the path, if the viewer sees it and the organisation that it is shown with; E_ABSENT
 * otherwise. */
MUST_USE err thing_find(call *c, const record_def *d, thing *ret);
/* The same by an id that is not the path's, of a kind that the viewer may read. */
MUST_USE err thing_find_id(call *c, const record_def *d, id128 id, thing *ret);
/* May the viewer be told everybody who sees it? Its owner's people who may know who read it. */
bool thing_whole(const call *c, const thing *x);

/* Organisations by name, those alone that the viewer may be told the names of, as far as `has`
 * wants them. whole false: the viewer's own at most. */
typedef bool org_has(const void *ctx, int64_t org);
MUST_USE err org_order(
        call *c, bool whole, org_has *has, const void *ctx, int64_t **ret, size_t *n);
/* The page of them that a cursor and a limit ask for: from *ret_at, *n of them. */
typedef struct {
    const int64_t *orgs;
    size_t n, at, end;
} org_page;
MUST_USE err org_page_of(
        call *c, const int64_t *orgs, size_t n, str cursor_text, int64_t limit, org_page *ret);
void org_page_next(call *c, const org_page *p); /* "next": a cursor or null */

/* "org": {..} of one that the viewer sees; nothing otherwise. */
MUST_USE err put_org(call *c, str key, int64_t row);
/* "key": {"id":..,"name":..|null} of a person whom the viewer sees, else null. row 0: nobody. */
MUST_USE err put_person_ref(call *c, str key, int64_t row);
/* "about": {"kind":..,"id":..} of what a part hangs on: a row of this kind that the viewer sees. */
MUST_USE err put_about(call *c, const record_def *up, int64_t row);
/* {"tlp":..,"group":{..}|null} of an audience, into the object that is open. */
MUST_USE err put_audience(call *c, int label, int64_t grp);
void put_whys(call *c, uint32_t why);
/* "named": those of an organisation whom a personal clause lets in and whom the viewer may be told
 * of, but for those who are in `not` too (NULL: nobody is). change: "gains", "loses", or NULL. */
MUST_USE err put_named(call *c, const reach *r, const reach * not, int64_t org, const char *change);
