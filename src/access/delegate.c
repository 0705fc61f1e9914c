/* delegate.c - see delegate.h. Owns nothing in memory. */
#include "access/delegate.h"
#include "access/model.h"
#include "base/json.h"
#include "gen/access/queries.h"
#include "store/store.h"

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
