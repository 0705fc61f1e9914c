/* delegate.c - see delegate.h. Owns nothing in memory: viewers' lists are row_list.h's. */
#include "access/delegate.h"
#include "access/model.h"
#include "access/row_list.h"
#include "base/json.h"
#include "gen/access/queries.h"
#include "store/store.h"

static_assert(sizeof(viewer_kept) == 2 * sizeof(int64_t), "a list of pairs is a list of numbers");

static err compute(struct txn *t, const row_list_key *k, const int64_t **ret, size_t *ret_n)
{
    delegate_kept_row *found;
    size_t n;
    TRY(delegate_kept(t, &(delegate_kept_args){ .keeper = k->org }, txn_arena(t), &found, &n));
    int64_t *rows = NEW_ARRAY(txn_arena(t), int64_t, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        rows[2 * i] = found[i].org;
        rows[2 * i + 1] = found[i].until.us;
    }
    *ret = rows;
    *ret_n = 2 * n;
    return OK;
}

err delegate_load(struct txn *t, viewer *v)
{
    const row_list_key k = { ROWS_KEPT, v->org, 0, 0, txn_sights(t) };
    const int64_t *rows;
    size_t n;
    TRY(row_list_of(t, &k, compute, &rows, &n));
    v->kept = (const viewer_kept *)(const void *)rows;
    v->n_kept = n / 2;
    return OK;
}

str delegate_mark(struct txn *t, const viewer *v, int64_t org)
{
    if (!permit_delegated(v, org)) return (str){ 0 };
    jsonw w = jsonw_new(txn_arena(t), 64);
    jw_obj(&w);
    jw_kid(&w, "delegate", v->org_id);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

err delegate_of(struct txn *t, int64_t org, delegate_now *ret)
{
    delegate_at_row *row;
    *ret = (delegate_now){ 0 };
    err e = delegate_at(
            t, &(delegate_at_args){ .org = org, .now = txn_now(t) }, txn_arena(t), &row);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    *ret = (delegate_now){ row->keeper, row->since, row->until };
    return OK;
}
