/* event.h - a batch of normalised events: columns that the stages fill and the sink reads.
 * Owns: flow_batch. Included by every stage and by the sink. A batch belongs to one thread at a
 * time: worker, then sink, then worker again; it is reused, with its arena emptied. */
#pragma once
#include "base/base.h"
#include "engine/match/match.h"
#include "engine/net/addr.h"
#include "flow/idf_gen.h"

enum { FLOW_BATCH_ROWS = 4096 };

/* Where reading stands: the next byte to read and the number of the last row taken (header: row 1).
 */
typedef struct {
    uint64_t offset;
    int64_t row;
} flow_position;

/* A key as it is written: plain, and as JSON with its colon ("\"extra.tag\":"). */
typedef struct {
    str plain, json;
} flow_name;
flow_name flow_name_make(arena *a, str key);

typedef enum { FLOW_TEXT, FLOW_NUMBER, FLOW_BOOL } flow_value_kind;
/* A key without a column of its own; value is text, a JSON number, or "true" and "false". */
typedef struct {
    const flow_name *name;
    str value;
    flow_value_kind kind;
} flow_extra;

/* A row that cannot be an event. It is kept with the reason: no row is lost. */
typedef struct {
    int64_t row;
    uint64_t offset;
    const char *reason; /* key of a text */
    str column;         /* which column, or empty */
    str raw;
} flow_reject;

typedef struct {
    uint32_t from, n;
} flow_span;

/* A finding seen again within its window: the row itself was not kept as an event. */
typedef struct {
    uint64_t finding;    /* as in the finding column */
    uint32_t count;      /* times in this batch */
    int64_t first, last; /* microseconds: of these times */
} flow_repeat;

/* How the owner was found; the number is stored (owner_why). */
typedef enum {
    OWNER_NONE,
    OWNER_NETWORK,
    OWNER_ASN,
    OWNER_DOMAIN,
    OWNER_COUNTRY,
    OWNER_CONFLICT = 0x80
} owner_why; /* OWNER_CONFLICT is added when an equally specific claim names another organisation */

typedef enum {
    PROMOTE_OWNED = 1,  /* owned, and a type that deserves a finding */
    PROMOTE_MATCHED = 2 /* matches an indicator */
} flow_promote;

struct flow_snapshot;
struct flow_source_info;

typedef struct flow_batch {
    arena *a;
    size_t n, cap;                         /* rows that are there; room */
    flow_position from, to;                /* the part of the input that this batch stands for */
    const struct flow_source_info *source; /* feed, report type, header, drift */
    struct flow_snapshot *snapshot;        /* held until the batch comes back */
    /* a value a row; 0 or empty: absent */
    int64_t *row, *time_source, *time_observation, *owner;
    uint64_t *offset, *source_ip_hi, *source_ip_lo, *destination_ip_hi, *destination_ip_lo,
            *finding;
    uint32_t *source_asn, *destination_asn, *count;
    uint16_t *source_port, *destination_port;
    uint8_t *owner_why, *severity, *class_id, *promote;
    str *text[FLOW_TEXTS]; /* FT_SOURCE_FQDN ... */
    str *owner_text;       /* what matched: "192.0.2.0/24", "AS64500", "example", "PK" */
    str *matched;          /* rows of indicators with a space between */
    str *malware_hash;     /* the strongest of the three */
    str *extra_json, *raw;
    flow_span *extras, *hits; /* into extra and hit */
    flow_extra *extra;
    size_t n_extra, cap_extra;
    match_hit *hit; /* id: place in the snapshot's list of indicators */
    size_t n_hit, cap_hit;
    flow_reject *reject;
    size_t n_reject, cap_reject;
    flow_repeat *repeat;
    size_t n_repeat, cap_repeat;
    char *block; /* the input that raw and texts point into */
} flow_batch;

flow_batch *flow_batch_new(size_t cap);
void flow_batch_free(flow_batch *b);
void flow_batch_clear(flow_batch *b); /* empties it, keeps its memory */
size_t flow_batch_bytes(const flow_batch *b);
void flow_batch_row_clear(flow_batch *b, size_t row);        /* before a row is filled */
void flow_batch_move(flow_batch *b, size_t to, size_t from); /* a row's values; for compaction */
void flow_extra_add(flow_batch *b, const flow_name *name, str value, flow_value_kind kind);
void flow_reject_add(
        flow_batch *b, int64_t row, uint64_t offset, const char *reason, str column, str raw);
/* Writes each row's extra_json from its extras, and malware_hash. */
void flow_batch_finish(flow_batch *b);
/* The extra with that key, or an empty value. */
str flow_extra_get(const flow_batch *b, size_t row, str key);

static inline addr flow_source_ip(const flow_batch *b, size_t row)
{
    return (addr){ b->source_ip_hi[row], b->source_ip_lo[row] };
}
static inline addr flow_destination_ip(const flow_batch *b, size_t row)
{
    return (addr){ b->destination_ip_hi[row], b->destination_ip_lo[row] };
}
