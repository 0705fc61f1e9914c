/* sight.h - what one viewer may see of events, as plain data that access/ fills in.
 * Owns the meaning of an event's audience: the see clause that the generator puts into every query
 * over events, and the same rule in C for streams. Any layer above events; any thread. */
#pragma once
#include "base/base.h"
#include "base/seeded.h"

/* The low three bits of an audience: its TLP 2.0 label; the rest is the interned audience. */
typedef enum {
    LABEL_CLEAR = 0,
    LABEL_GREEN = 1,
    LABEL_AMBER = 2,
    LABEL_STRICT = 3, /* AMBER+STRICT */
    LABEL_RED = 4,
} event_label;
#define AUDIENCE_LABEL(audience) ((int)((audience)&7))
str label_name(int label); /* "AMBER+STRICT": FIRST, TLP 2.0 */

/* A record of the store as one number: its row and its kind (record_kind, below 64). */
#define SIGHT_GLASS(row, kind) ((row)*64 + (kind))

typedef struct sight {
    const int64_t *audiences; /* those that are seen whoever owns the row, ascending; borrowed */
    size_t n_audiences;
    const int64_t
            *glass; /* records opened by emergency: SIGHT_GLASS numbers, ascending; borrowed */
    size_t n_glass;
    const int64_t *kept; /* organisations that org administers, ascending; borrowed; for access/ */
    size_t n_kept;
    instant lists_until; /* when the first of glass and kept ends; {0}: there is none */
    int64_t org;         /* rows of this owner are seen when AMBER or STRICT; 0 none */
    int64_t provider; /* organisation whose client org is: its rows are seen when AMBER; 0 none */
    int64_t person;   /* sees the RED rows that it wrote; 0 none */
    bool community;   /* sees GREEN */
    bool nothing;     /* sees no row at all, not even CLEAR */
    instant now;      /* when was asked; for the callers */
#ifdef MINAR_FAULTS
    bool everything; /* a fault: the query forgot its asker */
#endif
} sight;

/* Has something that the lists stand for ended by then? They count no more, and are found anew. */
bool sight_over(const sight *s, instant now);

/* Whether a row with this audience, owner and author is seen. The same rule as sight_clause. */
bool sight_sees(const sight *s, int64_t audience, int64_t owner, int64_t author);

/* Writes the rule as one parenthesised SQL condition over e.audience, e.owner and e.author; only
 * decimal numbers of the sight go into it. Called by the generated queries alone. */
void sight_clause(buf *b, const sight *s);
