/* route.h - the route table: what tools/gen/routes.py makes of data/routes, and how a path is found
 * in it. Constant; any thread. Included by api/ and by tests with a table of their own. */
#pragma once
#include "api/schema.h"

struct call;
typedef err (*handler_fn)(struct call *c);

typedef enum {
    METHOD_GET,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHODS
} http_method;
typedef enum { RUN_INLINE, RUN_POOL, RUN_WRITER, RUN_STREAM } run_where;
typedef enum {
    REPLY_JSON,
    REPLY_HTML,
    REPLY_EVENTS,
    REPLY_RAW,
    REPLY_TEXT,
    REPLY_CALENDAR,
    REPLY_BYTES,
    REPLY_PNG,
    REPLY_PDF
} reply_kind;

typedef struct route {
    const char *id; /* "organisation_read" */
    http_method method;
    const char *path; /* "/api/organisations/{id}" */
    bool is_public;
    int permission; /* enum permission; meaningless when public */
    run_where where;
    reply_kind reply;
    uint8_t rate; /* index of the table's rates */
    bool etag, idempotent, raw_body, read_logged, form, step_up, two_person, may_hold;
    uint8_t approvals; /* two_person: how many others must let it happen */
    int status;
    int64_t max_body;
    const schema *query, *body;
    const char *columns; /* of its rows as cells, apart by spaces; NULL: it is not exported */
    const char *paper;   /* of those what a page has room for, "state=notice_state": its words */
    int label;           /* of rows that bear none: at least this; -1: each bears its own */
    handler_fn handle;   /* NULL for streams */
    handler_fn prepare;  /* or NULL */
} route;

typedef struct {
    const char *name;
    bool by_address;
    int per_minute, burst;
} rate_row;

/* A node of the path tree: children are adjacent; a parameter stands after all literals. */
typedef struct {
    str literal;       /* empty: a parameter */
    uint16_t first, n; /* children */
    uint16_t path;     /* index + 1 into paths, 0: no path ends here */
    bool rest;         /* a parameter that takes all that is left, slashes too */
} path_node;
typedef struct {
    int16_t routes[METHODS]; /* index into routes, -1 */
    const char *allow;       /* "GET, HEAD, POST" */
} path_row;

typedef struct route_table {
    const route *routes;
    size_t n;
    const path_node *nodes; /* 0 is the root */
    const path_row *paths;
    const rate_row *rates;
    size_t n_rates;
    const char *openapi; /* JSON text */
    size_t openapi_bytes;
} route_table;

typedef enum { FOUND, NO_PATH, NO_METHOD } route_found;
/* Finds the row for a raw path (percent-encoded, no query). *ret_param: the decoded parameter, in
 * a, or empty. NO_METHOD: *ret_allow says what the path takes. HEAD is asked for as GET. */
route_found route_find(const route_table *t, arena *a, str method, str path, const route **ret,
        str *ret_param, const char **ret_allow);
/* Decodes %XX (and + as space when form); false for bad escapes, control characters, bad UTF-8. */
MUST_USE bool percent_decode(arena *a, str s, bool form, str *ret);
