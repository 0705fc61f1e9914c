/* append.c - taking in: one transaction at a time fills the engine's chunks column by column and
 * makes batches, rejects and positions durable together. Owns history_txn. A transaction belongs
 * to the thread that began it and holds the lock `writing` until it is committed or dropped. */
#include "events/history_in.h"

#include <stdio.h>
#include <stdlib.h>

enum { T_EVENT, T_BATCH, T_REJECT, T_POSITION, TABLES };

struct history_txn {
    history *h;
    instant now;
    int64_t batches, rows; /* added so far */
    duckdb_appender to[TABLES];
    duckdb_data_chunk events, others[TABLES];
    idx_t chunk_rows;
};

static const event_type batch_types[] = { EVENT_I64, EVENT_U32, EVENT_I64, EVENT_TEXT, EVENT_TEXT,
    EVENT_TEXT, EVENT_I64, EVENT_I64, EVENT_I64, EVENT_BLOB };
static const event_type reject_types[] = { EVENT_I64, EVENT_I64, EVENT_TEXT, EVENT_TEXT,
    EVENT_BLOB };
static const event_type position_types[] = { EVENT_TEXT, EVENT_I64, EVENT_I64, EVENT_TEXT,
    EVENT_I64 };

/* ---- chunks and appenders ---- */
static duckdb_data_chunk chunk_make(const event_type *types, size_t n)
{
    duckdb_logical_type t[EVENT_COLUMNS];
    ASSERT(n <= EVENT_COLUMNS);
    for (size_t i = 0; i < n; i++)
        t[i] = duckdb_create_logical_type(duck_type(types[i]));
    duckdb_data_chunk c = duckdb_create_data_chunk(t, n);
    for (size_t i = 0; i < n; i++)
        duckdb_destroy_logical_type(&t[i]);
    ASSERT(c != NULL);
    return c;
}

static void chunks_make(history_txn *t)
{
    event_type types[EVENT_COLUMNS];
    for (int c = 0; c < EVENT_COLUMNS; c++)
        types[c] = event_columns[c].type;
    t->events = chunk_make(types, EVENT_COLUMNS);
    t->others[T_BATCH] = chunk_make(batch_types, ARRAY_LEN(batch_types));
    t->others[T_REJECT] = chunk_make(reject_types, ARRAY_LEN(reject_types));
    t->others[T_POSITION] = chunk_make(position_types, ARRAY_LEN(position_types));
    t->chunk_rows = duckdb_vector_size();
}

static err appenders_make(history_txn *t)
{
    static const char *const tables[TABLES] = { "event", "batch", "reject", "position" };
    char catalog[16];
    snprintf(catalog, sizeof catalog, "m%06d", month_open(t->h)->year_month % 1000000);
    for (int i = 0; i < TABLES; i++)
        if (duckdb_appender_create_ext(t->h->writer, catalog, "main", tables[i], &t->to[i]) !=
                DuckDBSuccess)
            return duck_fault(duckdb_appender_error(t->to[i]));
    return OK;
}

static err chunk_send(history_txn *t, int table, duckdb_data_chunk c, size_t rows)
{
    duckdb_data_chunk_set_size(c, rows);
    if (duckdb_append_data_chunk(t->to[table], c) == DuckDBSuccess) return OK;
    return duck_fault(duckdb_appender_error(t->to[table]));
}

/* ---- beginning and ending ---- */
/* Before the transaction ends: an appender writes what it still holds when it goes. */
static void appenders_free(history_txn *t, bool drop)
{
    for (int i = 0; i < TABLES; i++) {
        if (t->to[i] == NULL) continue;
        if (drop) duckdb_appender_clear(t->to[i]);
        duckdb_appender_destroy(&t->to[i]);
    }
}

static void txn_free(history_txn *t)
{
    for (int i = 0; i < TABLES; i++)
        if (t->others[i] != NULL) duckdb_destroy_data_chunk(&t->others[i]);
    if (t->events != NULL) duckdb_destroy_data_chunk(&t->events);
    pthread_mutex_unlock(&t->h->writing);
    free(t);
}

static err txn_begin(history_txn *t)
{
    TRY(months_roll(t->h, t->now));
    TRY(duck_run(t->h->writer, "BEGIN"));
    chunks_make(t);
    return appenders_make(t);
}

err history_begin(history *h, instant now, history_txn **ret)
{
    ASSERT(h != NULL && ret != NULL && now.us > 0);
    history_txn *t = calloc(1, sizeof *t);
    ASSERT(t != NULL);
    t->h = h;
    pthread_mutex_lock(&h->writing);
    t->now.us = now.us > h->last_us ? now.us : h->last_us;
    err e = txn_begin(t);
    if (failed(e)) {
        history_drop(t);
        return e;
    }
    *ret = t;
    return OK;
}

void history_drop(history_txn *t)
{
    if (t == NULL) return;
    appenders_free(t, true);
    err undone = duck_run(t->h->writer, "ROLLBACK");
    (void)undone; /* fails when BEGIN did */
    txn_free(t);
}

void history_drop_p(history_txn **t)
{
    history_drop(*t);
    *t = NULL;
}

/* ---- filling ---- */
static bool is_ascii(str s)
{
    uint64_t seen = 0, word;
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        memcpy(&word, s.p + i, 8);
        seen |= word;
    }
    for (; i < s.n; i++)
        seen |= (uint64_t)(uint8_t)s.p[i];
    return (seen & UINT64_C(0x8080808080808080)) == 0;
}

static err value_check(str s, bool text, const char *column, int64_t row)
{
    if (s.n > HISTORY_VALUE_MAX)
        return err_at_row(
                ERR1(E_TOO_LARGE, "error.history.value", str_of(column)), (str){ 0 }, row, 0);
    if (text && !is_ascii(s) && !str_is_utf8(s))
        return err_at_row(
                ERR1(E_INVALID, "error.history.utf8", str_of(column)), (str){ 0 }, row, 0);
    return OK;
}

static err texts_fill(duckdb_string_t *to, const str *from, size_t n, const event_column_info *c,
        int64_t first_row)
{
    for (size_t i = 0; i < n; i++) {
        if (from[i].n > 0)
            TRY(value_check(from[i], c->type == EVENT_TEXT, c->name, first_row + (int64_t)i));
        to[i] = duck_string(from[i]);
    }
    return OK;
}

static size_t type_bytes(event_type t)
{
    static const uint8_t bytes[] = { [EVENT_I64] = 8,
        [EVENT_U64] = 8,
        [EVENT_U32] = 4,
        [EVENT_U16] = 2,
        [EVENT_U8] = 1,
        [EVENT_TEXT] = sizeof(duckdb_string_t),
        [EVENT_BLOB] = sizeof(duckdb_string_t) };
    return bytes[t];
}

/* The columns that the history knows itself: batch, row_no, time_observation. */
static void own_fill(
        int column, int64_t *to, size_t n, int64_t batch, int64_t first_row, instant now)
{
    ASSERT(column == EV_BATCH || column == EV_ROW_NO || column == EV_TIME_OBSERVATION);
    for (size_t i = 0; i < n; i++)
        to[i] = column == EV_BATCH ? batch : column == EV_ROW_NO ? first_row + (int64_t)i : now.us;
}

static err events_fill(
        history_txn *t, const event_batch *rows, size_t from, size_t n, int64_t batch)
{
    for (int c = 0; c < EVENT_COLUMNS; c++) {
        const event_column_info *info = &event_columns[c];
        void *to = duckdb_vector_get_data(duckdb_data_chunk_get_vector(t->events, (idx_t)c));
        size_t bytes = type_bytes(info->type);
        const char *src = NULL;
        if (info->at_batch >= 0) memcpy(&src, (const char *)rows + info->at_batch, sizeof src);
        if (info->at_batch < 0)
            own_fill(c, to, n, batch, (int64_t)from + 1, t->now);
        else if (src == NULL)
            memset(to, 0, n * bytes);
        else if (info->type >= EVENT_TEXT)
            TRY(texts_fill(to, (const str *)(const void *)src + from, n, info, (int64_t)from + 1));
        else
            memcpy(to, src + from * bytes, n * bytes);
    }
    return OK;
}

static err events_append(history_txn *t, const event_batch *rows, int64_t batch)
{
    for (size_t from = 0; from < rows->n; from += t->chunk_rows) {
        size_t n = rows->n - from < t->chunk_rows ? rows->n - from : t->chunk_rows;
        duckdb_data_chunk_reset(t->events);
        TRY(events_fill(t, rows, from, n, batch));
        TRY(chunk_send(t, T_EVENT, t->events, n));
    }
    return OK;
}

/* ---- the small tables: one row of numbers and texts ---- */
typedef struct {
    int64_t i;
    str s;
} cell;

static err cells_put(
        duckdb_data_chunk c, size_t row, const cell *cells, const event_type *types, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        char *to = duckdb_vector_get_data(duckdb_data_chunk_get_vector(c, k));
        if (types[k] >= EVENT_TEXT) {
            TRY(value_check(cells[k].s, types[k] == EVENT_TEXT, "file", (int64_t)row + 1));
            ((duckdb_string_t *)(void *)to)[row] = duck_string(cells[k].s);
        } else {
            size_t bytes = type_bytes(types[k]); /* little-endian: the low bytes come first */
            memcpy(to + row * bytes, &cells[k].i, bytes);
        }
    }
    return OK;
}

static err head_append(
        history_txn *t, const batch_head *head, size_t rows, size_t rejects, int64_t batch)
{
    const cell cells[] = { { .i = batch }, { .i = head->feed }, { .i = t->now.us },
        { .s = head->file }, { .s = head->file_hash }, { .s = head->input }, { .i = head->place },
        { .i = (int64_t)rows }, { .i = (int64_t)rejects }, { .s = head->header } };
    static_assert(ARRAY_LEN(cells) == ARRAY_LEN(batch_types), "one cell a column");
    duckdb_data_chunk_reset(t->others[T_BATCH]);
    TRY(cells_put(t->others[T_BATCH], 0, cells, batch_types, ARRAY_LEN(cells)));
    return chunk_send(t, T_BATCH, t->others[T_BATCH], 1);
}

static err rejects_append(history_txn *t, const reject *r, size_t n, int64_t batch)
{
    duckdb_data_chunk c = t->others[T_REJECT];
    for (size_t i = 0; i < n; i++) {
        size_t row = i % t->chunk_rows;
        const cell cells[] = { { .i = batch }, { .i = r[i].row_no }, { .s = r[i].reason },
            { .s = r[i].place }, { .s = r[i].raw } };
        if (row == 0) duckdb_data_chunk_reset(c);
        TRY(cells_put(c, row, cells, reject_types, ARRAY_LEN(cells)));
        if (row + 1 == t->chunk_rows || i + 1 == n) TRY(chunk_send(t, T_REJECT, c, row + 1));
    }
    return OK;
}

static err positions_append(history_txn *t, const input_position *p, size_t n)
{
    duckdb_data_chunk c = t->others[T_POSITION];
    for (size_t i = 0; i < n; i++) {
        size_t row = i % t->chunk_rows;
        const cell cells[] = { { .s = p[i].input }, { .i = t->h->next_seq + (int64_t)i },
            { .i = p[i].place }, { .s = p[i].mark }, { .i = t->now.us } };
        if (row == 0) duckdb_data_chunk_reset(c);
        TRY(cells_put(c, row, cells, position_types, ARRAY_LEN(cells)));
        if (row + 1 == t->chunk_rows || i + 1 == n) TRY(chunk_send(t, T_POSITION, c, row + 1));
    }
    return OK;
}

err history_append(history_txn *t, const batch_head *head, const event_batch *rows,
        const reject *rejects, size_t n_rejects, int64_t *batch)
{
    ASSERT(t != NULL && head != NULL && rows != NULL && (rejects != NULL || n_rejects == 0));
    if (rows->n > HISTORY_BATCH_MAX || n_rejects > HISTORY_BATCH_MAX)
        return ERR(E_TOO_LARGE, "error.history.batch");
    int64_t id = t->h->next_batch + t->batches;
    TRY(events_append(t, rows, id));
    TRY(head_append(t, head, rows->n, n_rejects, id));
    TRY(rejects_append(t, rejects, n_rejects, id));
    t->batches++;
    t->rows += (int64_t)rows->n;
    if (batch != NULL) *batch = id;
    return OK;
}

/* ---- making durable ---- */
static err flush_all(history_txn *t)
{
    for (int i = 0; i < TABLES; i++)
        if (duckdb_appender_flush(t->to[i]) != DuckDBSuccess)
            return duck_fault(duckdb_appender_error(t->to[i]));
    return OK;
}

static err txn_commit(history_txn *t, const input_position *p, size_t n)
{
    TRY(positions_append(t, p, n));
    TRY(flush_all(t));
    appenders_free(t, false);
    return duck_run(t->h->writer, "COMMIT");
}

err history_commit(history_txn *t, const input_position *positions, size_t n)
{
    ASSERT(t != NULL && (positions != NULL || n == 0));
    err e = txn_commit(t, positions, n);
    if (failed(e)) {
        history_drop(t);
        return e;
    }
    month *m = month_open(t->h);
    t->h->next_batch += t->batches;
    m->last_batch = t->h->next_batch - 1;
    m->n_rows += t->rows;
    t->h->next_seq += (int64_t)n;
    t->h->last_us = t->now.us;
    txn_free(t);
    return OK;
}
