/* feed.h - what a feed is, as its YAML file says: format, columns, constants, rules. Read by
 * whoever sets a feed up; constant after; lives in the arena that read it. */
#pragma once
#include "base/json.h"
#include "flow/convert.h"

typedef enum { FEED_SHADOWSERVER, FEED_CSV, FEED_JSONL } feed_format;

/* One column (or JSON key, nested ones joined by dots) and where it goes. */
typedef struct {
    str column;
    flow_key key; /* FLOW_NO_KEY: extra under `extra`, or nowhere when ignore */
    str extra;    /* "extra.NAME"; empty: "extra." and the column's own name */
    conv conv;
    bool required, ignore;
} feed_field;
typedef struct {
    flow_key key;
    str name, value; /* name: the key as written, for keys that are extra */
} feed_constant;

typedef struct flow_feed {
    str name, provider, code, url, documentation;
    feed_format format;
    char separator;  /* 0: guessed */
    char comment;    /* 0: none */
    bool header;     /* the first row names the columns; else the declared order holds */
    bool guess;      /* columns that are not declared are guessed by name */
    double accuracy; /* 0-100 */
    str audience;    /* default audience's label or name, for the caller to resolve */
    feed_field *field;
    size_t n_field;
    feed_constant *constant;
    size_t n_constant;
    str *sealed; /* columns with credentials, besides those known by name */
    size_t n_sealed;
    int64_t gap_us;  /* aggregation: the same finding again within it only counts; 0: off */
    int64_t span_us; /* but after this time it passes again */
    uint32_t row;    /* the feed's row in the store; set by the caller */
} flow_feed;

/* Reads a declaration. Errors: E_CONFIG error.flow.feed.* with file and JSON pointer. */
MUST_USE err flow_feed_read(arena *a, str yaml, str file, const flow_feed **ret);
/* A column whose name says that it holds a user name, password, key or the like. */
bool feed_column_is_secret(str column);
