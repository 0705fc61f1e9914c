/* lookup.h - one question put into the box, and what is found. WATCH only. */
#pragma once
#include "common/observable/observable.h"
#include "desk/watch/event/event.h"

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
