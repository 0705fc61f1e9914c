/* flow.h - the event pipeline of one realm, running: what it knows of the records (kept fresh),
 * what it reads in, what it promotes. Lives in realm->slots[SLOT_FLOW]. Opened and closed by main
 * on one thread; everything else on any. */
#pragma once
#include "access/realm.h"
#include "engine/match/match.h"
#include "flow/owner.h"

struct courier;
struct conf;
struct ss_mapping;
struct flow_snapshot_slot;

typedef struct {
    const char *data_dir; /* the realm's files are below realm/NAME, dropped files below drop/ */
    const char
            *share_dir; /* share/minar beside the executable: address data in data/; NULL: none */
    struct courier *courier; /* NULL: nothing is fetched */
    bool schedule; /* fetch feeds and watch the drop folder: the live realm of a server alone */
    bool idle;     /* imports wait: for commands that only look */
} flow_options;

/* Reads the records, goes on with imports that a crash left, promotes what it left unpromoted.
 * The realm must be founded. Errors: E_IO, E_CONFIG. */
MUST_USE err flow_open(realm *r, const flow_options *o);
/* Stops after the batches in hand; imports go on at the next start. NULL slot is allowed. */
void flow_close(realm *r);

/* How old is what the pipeline knows? -1 when it is not running. */
int64_t flow_snapshot_age_s(const realm *r);
/* Waits until what was written before this call is known to the pipeline: for tests and demos. */
MUST_USE err flow_settle(realm *r, int64_t timeout_ms);

/* Whose is it, and why? The text lives in a. */
typedef struct {
    int64_t org; /* row, 0: nobody's */
    uint8_t why; /* owner_why */
    str text;    /* what matched */
} flow_owner;
flow_owner flow_owner_of(const realm *r, arena *a, const owner_question *q);
/* The rows of indicators that match a value in normal form (the value itself, a network that holds
 * it, a name above it, a pattern is not tried); at most MATCH_HITS_MAX. They are the pipeline's
 * own: who may see them is asked of the store. */
size_t flow_matches_of(
        const realm *r, match_kind kind, addr ip, str value, int64_t ret[MATCH_HITS_MAX]);
/* What the owner was found by, out of an event's extra. */
str flow_owner_text(arena *a, str extra);

/* What a feed's YAML declaration says of the feed itself. */
typedef struct {
    str name, provider, audience;
    str format;       /* shadowserver|csv|jsonl */
    int64_t accuracy; /* 0-100 */
} flow_feed_facts;
/* Errors: E_CONFIG error.flow.feed.* with JSON pointer, or row and column where it is no YAML. */
MUST_USE err flow_feed_check(arena *a, str yaml, flow_feed_facts *ret);

/* Keeps text as the realm's Shadowserver mapping, if it is one. Errors: E_INVALID
 * error.flow.mapping.* with the JSON pointer, E_IO. */
typedef struct {
    size_t types, unknown;
    str date; /* as the file says it; in a */
} flow_mapping_facts;
MUST_USE err flow_mapping_set(realm *r, arena *a, str text, flow_mapping_facts *ret);
/* What is loaded; types 0: nothing. */
flow_mapping_facts flow_mapping_now(const realm *r, arena *a);
