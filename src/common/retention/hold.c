/* hold.c - see hold.h. The thread is the transaction's. */
#include "common/retention/hold.h"
#include "gen/common/retention/queries.h"
#include "store/store.h"

err hold_place(struct txn *t, const hold_facts *d, id128 *ret_id)
{
    *ret_id = id_new();
    return hold_add(t,
            &(hold_add_args){ .id = *ret_id,
                    .kind = d->kind,
                    .record = d->record,
                    .subject = d->subject,
                    .reason = d->reason,
                    .author = d->author,
                    .created = txn_now(t) },
            NULL);
}

err hold_refuses(struct txn *t, str kind, int64_t record, int64_t org)
{
    hold_on_row *row;
    hold_on_args q = { .kind = kind, .record = record, .org = org };
    TRY(hold_on(t, &q, txn_arena(t), &row));
    return row->n ? ERR(E_CONFLICT, "error.office.held") : OK;
}

err hold_any(struct txn *t, bool *ret)
{
    hold_count_row *row;
    TRY(hold_count(t, txn_arena(t), &row));
    *ret = row->n > 0;
    return OK;
}
