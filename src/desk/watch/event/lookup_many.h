/* lookup_many.h - many observables out of one pasted text, and what is known of each. Every part
 * is read for all of them at once. WATCH only. */
#pragma once
#include "common/observable/extract.h"
#include "desk/watch/event/event.h"

/* Of one observable; what its viewer may not ask stays as it is. */
typedef struct {
    const observable *o;
    str owner;     /* members of the owner as JSON, or empty */
    str owner_why; /* the claim by which */
    int64_t indicators, findings, events, event_days;
    str indicator, indicator_source; /* the value that matched: its own, or one that holds it */
    id128 finding;                   /* the newest */
    instant finding_seen, event_last;
} many_answer;

typedef struct {
    call *c;
    const extracted *x;
    many_answer *of;                   /* x->n_found of them */
    bool indicators, findings, events; /* may the viewer's role read those? */
    int64_t days;
    instant from;                 /* of the events */
    struct vuln *vulnerabilities; /* NULL: nothing is known of any */
} many;

/* Owners, indicators and findings, from the records. */
MUST_USE err many_records(many *m);
/* Events, from the history: one question a kind. */
MUST_USE err many_events(many *m);

/* The answers for observables of one kind, in order; *n of them. */
many_answer **many_of_kind(const many *m, observable_kind k, size_t *n);
/* The one with this value among them, or NULL. */
many_answer *many_by_value(many_answer **of, size_t n, str value);
/* Are events, findings found by that kind? */
bool many_has_events(observable_kind k);
bool many_has_findings(observable_kind k);
