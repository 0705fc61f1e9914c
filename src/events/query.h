/* query.h - how a generated query is written and run. Included by the generated queries and by
 * src/events only. A reader belongs to one thread from reader_take to reader_give. */
#pragma once
#include "events/event_gen.h"
#include "events/sight.h"

struct history;
typedef struct reader reader; /* a connection lent out, with the months it asks and its deadline */

typedef struct {
    int64_t batch, row_no;
} event_key;

/* What a query answers with: a C structure's members, column by column. */
typedef struct {
    uint8_t type; /* event_type */
    uint16_t at;  /* offset in the row's structure */
} query_cell;
typedef struct {
    const query_cell *cells;
    size_t n;
    size_t row_size;
} query_shape;

#define SQLW_PARAMS 32
/* A statement being written. Numbers are written out in decimal, texts become bound parameters. */
typedef struct {
    buf b;
    const reader *r;
    str params[SQLW_PARAMS];
    int n_params;
} sqlw;
sqlw *sqlw_new(const reader *r, arena *a);
void sqlw_put(sqlw *w, str s);
void sqlw_i64(sqlw *w, int64_t v);
void sqlw_u64(sqlw *w, uint64_t v);
int sqlw_param(sqlw *w, str text); /* its number, from 1 */
void sqlw_param_put(sqlw *w, int number);
void sqlw_text(sqlw *w, str text); /* both at once */
void sqlw_column(sqlw *w, event_column c);
void sqlw_columns(sqlw *w);
/* Counting by each of several columns: GROUPING SETS, GROUPING() and the one value of a row. */
void sqlw_column_sets(sqlw *w, const event_column *by, size_t n);
void sqlw_column_grouping(sqlw *w, const event_column *by, size_t n);
void sqlw_column_value(sqlw *w, const event_column *by, size_t n);
void sqlw_event(sqlw *w); /* the months of the reader */
void sqlw_batch(sqlw *w);
void sqlw_reject(sqlw *w);
void sqlw_position(sqlw *w);
void sqlw_overlay(sqlw *w);
void sqlw_net(sqlw *w, str column, event_net net); /* column without _hi and _lo */
void sqlw_list_u64(sqlw *w, const uint64_t *v, size_t n);
void sqlw_list_i64(sqlw *w, const int64_t *v, size_t n); /* as rows of VALUES */
/* One column of a SELECT; no text holds a line feed. All go as one bound parameter. */
void sqlw_list_text(sqlw *w, const str *v, size_t n);
/* A SELECT of rows no (from 0), bits, and the network's own bits and its mask, each as two halves:
 * hi, lo, mask_hi, mask_lo. */
void sqlw_list_net(sqlw *w, const event_net *v, size_t n);
void sqlw_list_key(sqlw *w, const event_key *v, size_t n);

/* Takes a connection; waits for one until the history's deadline. Asks all months until narrowed.
 */
MUST_USE err reader_take(struct history *h, reader **ret);
void reader_give(reader **r);          /* for CLEANUP(); NULL inside is allowed */
size_t reader_months(const reader *r); /* how many there are, oldest first */
void reader_narrow(reader *r, size_t first, size_t n);
/* Only months that can hold events of f and batches up to last_batch. */
void reader_narrow_to(reader *r, const event_filter *f, int64_t last_batch);
void reader_span(const reader *r, size_t *first, size_t *end); /* what it was narrowed to */

/* Runs it within the reader's deadline; *rows is an array of shape's structure in a. */
MUST_USE err query_run(
        reader *r, arena *a, sqlw *w, const query_shape *shape, void **rows, size_t *n);
