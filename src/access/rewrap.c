/* rewrap.c - see rewrap.h. */
#include "access/rewrap.h"

#include <sodium.h>

#include "gen/wrapped.h"
#include "proc/keys.h"
#include "store/store.h"

enum { SLICE = 256 };

typedef struct {
    int64_t row;
    str wrapped, label;
} wrapped_row;

typedef struct {
    arena *a;
    const char *label;
    size_t n;
    wrapped_row rows[SLICE];
} wrapped_rows;

static str fill(arena *a, const char *pattern, int64_t row, str id)
{
    str p = str_of(pattern), what = S("{row}"), with = str_fmt(a, "%lld", (long long)row);
    if (str_find(p, S("{id}")) >= 0) {
        id128 x = { { 0 } };
        if (id.n == sizeof x) memcpy(&x, id.p, sizeof x);
        what = S("{id}");
        with = id_text(a, x);
    }
    ptrdiff_t at = str_find(p, what);
    if (at < 0) return p;
    str end = str_sub(p, (size_t)at + what.n, p.n);
    return str_fmt(a, "%.*s%.*s%.*s", (int)at, p.p, STR_ARG(with), STR_ARG(end));
}

static err take(void *ctx, const cell *out)
{
    wrapped_rows *r = ctx;
    ASSERT(r->n < SLICE);
    str id = out[2].type == CELL_NULL ? S("") : out[2].s;
    r->rows[r->n++] = (wrapped_row){ .row = out[0].i,
        .wrapped = str_copy(r->a, out[1].s),
        .label = fill(r->a, r->label, out[0].i, id) };
    return OK;
}

static wrapped_rows *rows_new(txn *t, const wrapped_column *c)
{
    wrapped_rows *r = NEW(txn_arena(t), wrapped_rows);
    *r = (wrapped_rows){ .a = txn_arena(t), .label = c->label };
    return r;
}

static err rows_after(txn *t, const wrapped_column *c, int64_t after, int64_t n, wrapped_rows *r)
{
    cell in[] = { { .type = CELL_I64, .i = after }, { .type = CELL_I64, .i = n } };
    return stmt_run(t, c->after, 0, in, take, r, NULL);
}

/* ---- do they open? ---- */

static err try_rows(const wrapped_rows *r, keys *k, rewrap_tried *tried)
{
    uint8_t key[KEY_BYTES];
    for (size_t i = 0; i < r->n; i++) {
        err e = keys_unwrap(k, r->rows[i].label, r->rows[i].wrapped, key);
        if (failed(e) && err_code_of(e) != E_CONFIG) return e;
        ++*(failed(e) ? &tried->shut : &tried->open);
    }
    sodium_memzero(key, sizeof key);
    return OK;
}

err rewrap_try(txn *t, keys *k, rewrap_tried *tried)
{
    for (size_t i = 0; i < wrapped_columns_n; i++) {
        const wrapped_column *c = &wrapped_columns[i];
        wrapped_rows *r = rows_new(t, c);
        TRY(rows_after(t, c, 0, 1, r));
        TRY(stmt_run(t, c->last, 0, NULL, take, r, NULL));
        TRY(try_rows(r, k, tried));
    }
    return OK;
}

/* ---- wrapped anew ---- */

static err add_number(void *ctx, const cell *out)
{
    *(int64_t *)ctx += out[0].i;
    return OK;
}

err rewrap_count(txn *t, int64_t *ret)
{
    int64_t n = 0;
    for (size_t i = 0; i < wrapped_columns_n; i++)
        TRY(stmt_run(t, wrapped_columns[i].count, 0, NULL, add_number, &n, NULL));
    *ret = n;
    return OK;
}

static err save(txn *t, const wrapped_column *c, const wrapped_row *r, const uint8_t *fresh)
{
    int64_t changed;
    cell in[] = { { .type = CELL_BLOB, .s = { (const char *)fresh, KEY_WRAPPED_BYTES } },
        { .type = CELL_I64, .i = r->row }, { .type = CELL_BLOB, .s = r->wrapped } };
    return stmt_run(t, c->save, 0, in, NULL, NULL, &changed);
}

static err rewrap_row(
        txn *t, const keyring *k, const wrapped_column *c, const wrapped_row *r, int64_t *before)
{
    uint8_t fresh[KEY_WRAPPED_BYTES];
    keyring_wrapped is = keyring_rewrap(k, r->label, r->wrapped, fresh);
    if (is == WRAPPED_ELSEWHERE)
        return ERR2(E_CONFIG, "error.keys.renew_lost", str_of(c->table),
                str_fmt(txn_arena(t), "%lld", (long long)r->row));
    if (is == WRAPPED_NOW) return OK;
    ++*before;
    return txn_writes(t) ? save(t, c, r, fresh) : OK;
}

err rewrap_slice(txn *t, const keyring *k, rewrap_at *at, bool *ret_more)
{
    rewrap_at now = *at;
    ASSERT(now.column < wrapped_columns_n);
    const wrapped_column *c = &wrapped_columns[now.column];
    wrapped_rows *r = rows_new(t, c);
    TRY(rows_after(t, c, now.after, SLICE, r));
    for (size_t i = 0; i < r->n; i++) {
        TRY(rewrap_row(t, k, c, &r->rows[i], &now.before));
        now.after = r->rows[i].row;
    }
    now.seen += (int64_t)r->n;
    if (r->n < SLICE) {
        now.column++;
        now.after = 0;
    }
    *ret_more = now.column < wrapped_columns_n;
    *at = now;
    return OK;
}
