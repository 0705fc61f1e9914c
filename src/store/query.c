/* query.c - runs a generated query: cells from its arguments, structs from its rows. Owns nothing;
 * the thread is the transaction's. */
#include "store/query.h"

uint32_t query_bind(const query_def *q, const void *args, cell *in)
{
    uint32_t mask = 0;
    for (uint8_t i = 0; i < q->n_args; i++)
        in[i] = field_cell(&q->in[i], args);
    for (uint8_t i = 0; i < q->stmt->n_optional; i++)
        if (in[q->optional[i]].type != CELL_NULL) mask |= 1u << i;
    return mask;
}

typedef struct {
    const query_def *q;
    arena *a;
    char *rows; /* n of them, cap fit */
    size_t n, cap;
} gather;

static void decode(const query_def *q, const cell *out, void *row, arena *a)
{
    for (uint8_t i = 0; i < q->stmt->n_out; i++)
        field_take(&q->out[i], row, &out[i], a);
}

static err gather_row(void *ctx, const cell *out)
{
    gather *g = ctx;
    size_t size = g->q->row_size;
    if (g->n == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 8;
        char *more = arena_alloc_array(g->a, cap, size);
        if (g->n) memcpy(more, g->rows, g->n * size);
        g->rows = more;
        g->cap = cap;
    }
    decode(g->q, out, g->rows + g->n * size, g->a);
    g->n++;
    return OK;
}

err query_many(
        txn *t, const query_def *q, uint32_t mask, const cell *in, arena *a, void **rows, size_t *n)
{
    gather g = { .q = q, .a = a };
    TRY(stmt_run(t, q->stmt, mask, in, gather_row, &g, NULL));
    *rows = g.rows;
    *n = g.n;
    return OK;
}

typedef struct {
    const query_def *q;
    void *row;
    query_fn fn;
    void *ctx;
} telling;

static err tell_row(void *ctx, const cell *out)
{
    telling *to = ctx;
    decode(to->q, out, to->row, NULL);
    return to->fn(to->ctx, to->row);
}

err query_each(txn *t, const query_def *q, uint32_t mask, const cell *in, void *row, query_fn fn,
        void *ctx)
{
    telling to = { q, row, fn, ctx };
    memset(row, 0, q->row_size);
    return stmt_run(t, q->stmt, mask, in, tell_row, &to, NULL);
}

typedef struct {
    const query_def *q;
    arena *a;
    void *row;
} first;

static err first_row(void *ctx, const cell *out)
{
    first *f = ctx;
    if (f->row) return OK;
    f->row = arena_alloc(f->a, f->q->row_size);
    decode(f->q, out, f->row, f->a);
    return OK;
}

err query_one(txn *t, const query_def *q, uint32_t mask, const cell *in, arena *a, void **ret)
{
    first f = { .q = q, .a = a };
    TRY(stmt_run(t, q->stmt, mask, in, first_row, &f, NULL));
    if (!f.row) return ERR1(E_ABSENT, "error.store.absent", str_of(q->stmt->name));
    *ret = f.row;
    return OK;
}

err query_exec(txn *t, const query_def *q, uint32_t mask, const cell *in, int64_t *ret_changed)
{
    return stmt_run(t, q->stmt, mask, in, NULL, NULL, ret_changed);
}
