/* glass_turn.c - what time does to grants: their end is written into the ledger; see glass.h. The
 * office's keeper runs it (keeper.c). */
#include "desk/office/glass.h"
#include "ledger/ledger.h"
#include "store/store.h"

static err over(txn *t, glass_over_row **rows, size_t *n)
{
    return glass_over(t, &(glass_over_args){ .now = txn_now(t) }, txn_arena(t), rows, n);
}

err glass_turn_wanted(txn *t, bool *ret)
{
    glass_over_row *rows;
    size_t n;
    TRY(over(t, &rows, &n));
    *ret = n > 0;
    return OK;
}

err glass_turn(const teller *x)
{
    glass_over_row *rows;
    size_t n;
    TRY(over(x->t, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        const told_entry ended = { LEDGER_glass_ended, S("glass"), rows[i].id,
            rows[i].has_owner ? rows[i].owner : rows[i].org, 0 };
        TRY(glass_over_set(
                x->t, &(glass_over_set_args){ .row = rows[i].row, .until = rows[i].until }, NULL));
        TRY(tell_entry(x->t, x->r, &ended));
    }
    return OK;
}
