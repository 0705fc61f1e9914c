/* history.h - the history of events: append batches, ask, assign owners, erase, forget.
 * Owns a folder: one file a month, an overlay, a key. Called by flow (append), desks and api
 * (asking). Any thread may ask; a transaction belongs to the thread that began it. The engine
 * behind it is DuckDB; ClickHouse will answer the same calls. */
#pragma once
#include "base/base.h"
#include "events/event_gen.h" /* event, event_batch, event_filter, event_column, history_*_row */
#include "events/sight.h"

typedef struct history history;         /* opaque */
typedef struct history_txn history_txn; /* opaque: one commit being made */

typedef struct history_options {
    size_t memory_bytes; /* the engine's, for everything at once; 0: 1 GiB */
    int threads;         /* the engine's; 0: 2 */
    int readers;         /* queries at a time; 0: 4, at most 64 */
    int64_t query_ms;    /* a query's whole time, waiting included; 0: 10,000 */
} history_options;

#define HISTORY_PAGE_MAX 1000     /* events of one answer */
#define HISTORY_TOP_MAX 10000     /* values of one facet */
#define HISTORY_BATCH_MAX 1000000 /* rows of one batch */
#define HISTORY_GROUP_ROWS 61440 /* commits of a multiple of it are packed at once: the fastest  \
                                   */
#define HISTORY_VALUE_MAX (1u << 20) /* bytes of one text or raw row */
#define HISTORY_LIST_MAX 100000      /* findings or ids of one call */

/* Opens or makes the history in folder dir (which exists); repairs what a crash left. o may be
 * NULL. Errors: E_IO (disk or engine, says what), E_BUSY (another process has it open). */
MUST_USE err history_open(const char *dir, const history_options *o, history **ret);
void history_close(history *h);    /* no call may be under way; NULL is allowed */
void history_close_p(history **h); /* for CLEANUP() */

/* ---- taking in: batches, rejects and positions become durable together, or not at all ---- */
typedef struct batch_head {
    uint32_t feed;
    str file, file_hash; /* name as it came, hash as text; UTF-8 */
    str input;           /* which input it was read from */
    int64_t place;       /* where in the input it began */
    str header;          /* the header row as it came, any bytes */
} batch_head;
typedef struct reject {
    int64_t row_no; /* place within the batch */
    str reason;     /* key of the fault */
    str place;      /* column, pointer or value in short; UTF-8 */
    str raw;        /* the row as it came, any bytes */
} reject;
typedef struct input_position {
    str input;     /* name of the input */
    int64_t place; /* bytes, rows, UID: the input's own unit */
    str mark;      /* file, hash, tag: the input's own meaning; UTF-8 */
    instant moved; /* when it was committed; set by the history */
} input_position;

/* Waits for the one writer's turn. now decides the month; it never goes back behind what was
 * committed. */
MUST_USE err history_begin(history *h, instant now, history_txn **ret);
/* Adds one batch with its rejects; everything is borrowed until it returns. *batch is its row.
 * Errors: E_INVALID (not UTF-8: row and column), E_TOO_LARGE; the transaction must then be
 * dropped. */
MUST_USE err history_append(history_txn *t, const batch_head *head, const event_batch *rows,
        const reject *rejects, size_t n_rejects, int64_t *batch);
/* Makes it durable with the new positions (an input not named keeps its own). t is gone either
 * way. */
MUST_USE err history_commit(history_txn *t, const input_position *positions, size_t n);
void history_drop(history_txn *t);    /* as if it had not begun; NULL is allowed */
void history_drop_p(history_txn **t); /* for CLEANUP(): set t to NULL after history_commit */
/* Where an input stands. Errors: E_ABSENT when it never moved. */
MUST_USE err history_position_read(history *h, arena *a, str input, input_position *ret);

/* ---- asking: every call over events takes the asker's sight; answers live in a ----
 * Errors of all: E_TIMEOUT, E_BUSY (all readers taken), E_FULL (engine's memory), E_IO. */
typedef struct event_list {
    event *rows;
    size_t n;
    bool more; /* there are further ones */
} event_list;

/* Newest first, from behind the event `before` (NULL: from the newest), at most limit. */
MUST_USE err history_search(history *h, arena *a, const sight *s, const event_filter *f,
        const id128 *before, size_t limit, event_list *ret);
/* One event; E_ABSENT also when s may not see it. */
MUST_USE err history_event(history *h, arena *a, const sight *s, id128 id, event *ret);
/* Those of the ids that are seen, newest first; at most HISTORY_PAGE_MAX ids. */
MUST_USE err history_events(
        history *h, arena *a, const sight *s, const id128 *ids, size_t n, event_list *ret);
/* The last `each` events of every finding key, newest first. */
MUST_USE err history_last_of(history *h, arena *a, const sight *s, const event_filter *f,
        const uint64_t *findings, size_t n, uint32_t each, event_list *ret);
MUST_USE err history_count(
        history *h, arena *a, const sight *s, const event_filter *f, history_total_row *ret);
/* The most frequent values of a column whose row in data/events.json says facet. */
MUST_USE err history_facet(history *h, arena *a, const sight *s, const event_filter *f,
        event_column by, uint32_t top, history_facet_row **ret, size_t *n);
/* The same for several columns with one reading; ret has n_by places. */
typedef struct {
    history_facets_row *rows;
    size_t n;
} history_values;
MUST_USE err history_facets(history *h, arena *a, const sight *s, const event_filter *f,
        const event_column *by, size_t n_by, uint32_t top, history_values *ret);
MUST_USE err history_facet_ip(history *h, arena *a, const sight *s, const event_filter *f,
        bool destination, uint32_t top, history_facet_ip_row **ret, size_t *n);
/* Events per width_us of EV_TIME_SOURCE or EV_TIME_OBSERVATION; empty places are left out. */
MUST_USE err history_histogram(history *h, arena *a, const sight *s, const event_filter *f,
        event_column by, int64_t width_us, history_histogram_row **ret, size_t *n);

/* Many at once, at most HISTORY_MANY_MAX; f narrows, its times above all. What no event has is not
 * among the answers. A day is one of UTC. */
#define HISTORY_MANY_MAX 1000
/* By either side's address or network; no is the place in nets. */
MUST_USE err history_count_nets(history *h, arena *a, const sight *s, const event_filter *f,
        const event_net *nets, size_t n_nets, history_count_nets_row **ret, size_t *n);
/* By a name and all below it, as event_filter's fqdn; none has a line feed (as of all texts here).
 */
MUST_USE err history_count_names(history *h, arena *a, const sight *s, const event_filter *f,
        const str *names, size_t n_names, history_count_names_row **ret, size_t *n);
/* By the whole value of a column, as text. */
MUST_USE err history_count_values(history *h, arena *a, const sight *s, const event_filter *f,
        event_column by, const str *values, size_t n_values, history_count_values_row **ret,
        size_t *n);
/* By one of the values of a column that holds several with ";" between. */
MUST_USE err history_count_listed(history *h, arena *a, const sight *s, const event_filter *f,
        event_column by, const str *values, size_t n_values, history_count_listed_row **ret,
        size_t *n);

/* ---- feeds: numbers and rows of the intake; whoever calls has checked the right to keep feeds
 * ---- */
MUST_USE err history_batches(history *h, arena *a, uint32_t feed, int64_t before, uint32_t limit,
        history_batches_row **ret, size_t *n); /* newest first; before 0: from the newest */
MUST_USE err history_batch(history *h, arena *a, int64_t batch, history_batch_by_id_row *ret);
MUST_USE err history_rejects(
        history *h, arena *a, int64_t batch, uint32_t limit, history_rejects_row **ret, size_t *n);
MUST_USE err history_feed_hours(history *h, arena *a, uint32_t feed, instant from,
        history_feed_hours_row **ret, size_t *n);
MUST_USE err history_feeds(history *h, arena *a, instant from, history_feeds_row **ret, size_t *n);

/* ---- changes: an overlay says what is different from what was written ---- */
typedef struct event_change {
    id128 id;
    int64_t owner;
    uint8_t owner_why;
    int64_t audience;
} event_change;
/* Gives events another owner and audience. Ids that are not there are passed over: *changed
 * counts. */
MUST_USE err history_assign(
        history *h, const event_change *c, size_t n, instant now, size_t *changed);
/* Hides events for ever, at once; history_sweep removes their bytes. */
MUST_USE err history_erase(history *h, const id128 *ids, size_t n, instant now, size_t *changed);
/* Writes every month that has erased rows anew without them and swaps the file. Slow; appending
 * waits while the open month is done. */
MUST_USE err history_sweep(history *h);
/* How many events history_forget would remove, and when the oldest of them was. */
MUST_USE err history_old(history *h, instant t, int64_t *ret_rows, instant *ret_oldest);
/* Removes the sealed months that ended before t. */
MUST_USE err history_forget(history *h, instant t, size_t *months);

/* ---- numbers about itself ---- */
typedef struct history_month {
    int year_month; /* 202611 */
    int64_t n_rows, n_bytes, n_overlaid;
    bool open;
} history_month;
typedef struct history_stats {
    history_month *months; /* oldest first */
    size_t n;
    int64_t n_rows, n_bytes;
} history_stats;
MUST_USE err history_stat(history *h, arena *a, history_stats *ret);
/* The public id of row row_no of a batch; stable for the life of the history. */
id128 history_id(const history *h, int64_t batch, int64_t row_no);

/* ---- helpers for addresses ---- */
event_net event_net_of(
        const uint8_t ip[16], int bits); /* bits of 128; clears what is behind them */
/* "192.0.2.1", "192.0.2.0/24", "2001:db8::/32". */
MUST_USE bool event_net_parse(str s, event_net *ret);
str event_ip_text(arena *a, uint64_t hi, uint64_t lo); /* empty when absent */
