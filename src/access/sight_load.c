/* sight_load.c - which audiences a viewer sees whoever owns the row: computed from the store, kept
 * (row_list.h) for as long as no group and no audience changes. Owns nothing. */
#include "access/audience.h"
#include "access/row_list.h"
#include "gen/access/queries.h"

int64_t access_epoch(const store *s)
{
    return (int64_t)store_epoch(s);
}

static err compute(txn *t, const row_list_key *k, const int64_t **ret, size_t *ret_n)
{
    audiences_seen_row *found;
    audiences_seen_args args = { .org = k->org ? k->org : -1,
        .provider = k->provider ? k->provider : -1,
        .person = k->person ? k->person : -1 };
    TRY(audiences_seen(t, &args, txn_arena(t), &found, ret_n));
    int64_t *rows = NEW_ARRAY(txn_arena(t), int64_t, *ret_n + 1);
    for (size_t i = 0; i < *ret_n; i++)
        rows[i] = found[i].row;
    *ret = rows;
    return OK;
}

err sight_load(txn *t, int64_t person, int64_t org, int64_t provider, bool community, sight *ret)
{
    const row_list_key k = { ROWS_SEEN, org, provider, person, txn_sights(t) };
    const int64_t *rows;
    size_t n;
    TRY(row_list_of(t, &k, compute, &rows, &n));
    *ret = (sight){ .audiences = rows,
        .n_audiences = n,
        .org = org,
        .provider = provider,
        .person = person,
        .community = community,
        .now = txn_now(t) };
    return OK;
}

void sight_forget(const store *s)
{
    row_list_forget(s);
}
