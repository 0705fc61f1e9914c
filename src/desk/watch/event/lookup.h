/* lookup.h - one question put into the box, and what is found. WATCH only. */
#pragma once
#include "common/observable/observable.h"
#include "desk/watch/event/event.h"
#include "flow/owner.h"

typedef struct {
    call *c;
    str text; /* as typed, trimmed */
    const char *recognised;
    bool known; /* o is set */
    observable o;
    id128 id;  /* recognised "id" */
    str value; /* normal form, or the text */
} lookup_question;

/* Writes the hits as an array; *n counts them, *indicators those of them that are indicators. */
MUST_USE err lookup_put_hits(const lookup_question *q, int *n, int *indicators);

/* Whose it is, as a question to the owners: of a URL and a mail address its host. False: of such a
 * thing there is no owner. */
bool lookup_owner_question(arena *a, const observable *o, instant now, owner_question *ret);
const char *lookup_word(observable_kind k); /* "ip", "hash", ... as the answers say it */
