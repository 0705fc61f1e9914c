/* search.h - what is found by words, of every kind and in both scripts: records by their index
 * (access/index.h); people and files, whose names are sealed, by reading the names that the viewer
 * may read. A kind that the viewer's role does not read is not there. Called by desks; the
 * transaction's thread, which may wait for the keys process. */
#pragma once
#include "access/record.h"

enum { SEARCH_TEXT_MAX = 300, SEARCH_COUNT_MAX = 1000, SEARCH_PEOPLE = 3000, SEARCH_FILES = 500 };

typedef struct {
    str text;
    bool typing; /* the last word may go on */
    lang l;
} search_question;

typedef struct {
    const record_def *d;
    int64_t row;
    id128 id;
    str title, sub; /* as the viewer is told it */
    str href;       /* its place in the console */
    instant created;
} search_hit;

/* The kinds that are searched, in the order in which they are shown; NULL ends them. */
const record_def *const *search_kinds(void);
/* May v be told of this kind at all? */
bool search_may(const viewer *v, const record_def *d);

typedef struct {
    search_hit *at;
    size_t n;
    bool more;      /* there may be others, from below: */
    int64_t before; /* this row */
    /* when it was asked: how many there are, up to SEARCH_COUNT_MAX; of people and files, among the
     * first that v sees. count_more: there are or may be others. */
    int64_t count;
    bool count_more;
} search_page;
/* Of one kind, newest first, from below `before` (INT64_MAX: from the newest), in a. limit 0 with
 * counted: how many alone. A kind that v may not be told of is empty. */
typedef struct {
    int64_t before, limit;
    bool counted; /* of all, whatever `before` is */
} search_part;
MUST_USE err search_find(txn *t, const viewer *v, const record_def *d, const search_question *q,
        const search_part *part, arena *a, search_page *ret);
