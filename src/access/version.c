/* version.c - earlier versions of records: found, judged, their values. Owns nothing; the thread is
 * the transaction's. */
#include "access/version.h"
#include "access/record_row.h"
#include "base/json.h"

bool version_seen(const viewer *v, const record_head *h)
{
    if (v->system || SEEDED(version_unchecked)) return true;
    return model_sees(v, h->audience, h->owner, h->author) && h->not_before.us <= v->sight.now.us;
}

typedef struct {
    txn *t;
    const record_def *d;
    record_head *h;
} fetch;

static err take(void *ctx, const cell *out)
{
    fetch *f = ctx;
    f->h = arena_alloc(txn_arena(f->t), f->d->handle_size);
    record_take(f->t, f->d, out, f->h);
    return OK;
}

static err find(txn *t, const record_def *d, const stmt_def *s, int64_t row, int64_t which,
        const record_head **ret)
{
    const cell in[] = { { CELL_I64, { .i = row } }, { CELL_I64, { .i = which } } };
    fetch f = { t, d, NULL };
    TRY(stmt_run(t, s, 0, in, take, &f, NULL));
    *ret = f.h;
    return OK;
}

err version_before(txn *t, const viewer *v, const record_def *d, const record_head *h,
        version_found *found, const record_head **ret)
{
    *found = VERSION_NONE;
    *ret = NULL;
    if (h->version <= 1) return OK;
    TRY(find(t, d, d->earlier, h->row, h->version - 1, ret));
    if (!*ret) return OK;
    *found = version_seen(v, *ret) ? VERSION_SEEN : VERSION_UNSEEN;
    return OK;
}

err version_numbered(
        txn *t, const record_def *d, const record_head *h, int64_t version, const record_head **ret)
{
    ASSERT(h->held && version < h->version);
    TRY(find(t, d, d->earlier, h->row, version, ret));
    return *ret ? OK : ERR1(E_ABSENT, "error.access.absent", str_of(d->name));
}

err version_at(txn *t, const viewer *v, const record_def *d, const record_head *now, instant at,
        const record_head **ret)
{
    *ret = now;
    if (now->modified.us <= at.us) return OK;
    TRY(find(t, d, d->earlier_at, now->row, at.us, ret));
    if (!*ret || !version_seen(v, *ret))
        return ERR1(E_ABSENT, "error.access.absent", str_of(d->name));
    return OK;
}

/* ---- values ---- */

static const void *now_of(const record_def *d, const record_head *h)
{
    return (const char *)h + d->now_at;
}

cell version_cell(const record_def *d, const record_told *told, const record_head *h)
{
    return field_cell(&d->columns[told->column], now_of(d, h));
}

bool version_same(
        const record_def *d, const record_told *told, const record_head *a, const record_head *b)
{
    cell x = version_cell(d, told, a), y = version_cell(d, told, b);
    if (x.type != y.type) return false;
    switch (x.type) {
    case CELL_NULL:
        return true;
    case CELL_F64:
        return memcmp(&x.f, &y.f, sizeof x.f) == 0;
    case CELL_I64:
    case CELL_BOOL:
        return x.i == y.i;
    default:
        return str_eq(x.s, y.s);
    }
}

static err ref_value(txn *t, const viewer *v, jsonw *w, const record_def *of, int64_t row)
{
    const void *h;
    err e = row ? record_get_row(t, v, of, RECORD_READ, row, &h)
                : ERR(E_ABSENT, "error.api.absent");
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    if (failed(e))
        jw_null(w);
    else
        jw_id(w, ((const record_head *)h)->id.id);
    return OK;
}

err version_value(txn *t, const viewer *v, jsonw *w, const record_def *d, const record_told *told,
        const record_head *h)
{
    if (told->ref != TOLD_AS_IS)
        return ref_value(t, v, w, record_defs[told->ref], version_cell(d, told, h).i);
    cell value = version_cell(d, told, h);
    bool open = d->columns[told->column].type == FIELD_TIME && value.i == INT64_MAX;
    if (open)
        jw_null(w); /* without an end */
    else
        field_json(w, &d->columns[told->column], now_of(d, h));
    return OK;
}
