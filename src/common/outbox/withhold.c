/* withhold.c - see withhold.h. In slices, as long work on the writer is. */
#include "common/outbox/withhold.h"
#include "access/viewer.h"
#include "common/outbox/delivery.h"
#include "gen/common/outbox/queries.h"
#include "gen/ledger_types.h"
#include "store/store.h"

enum { SLICE = 32, COUNT_MAX = 1000000 };

typedef struct {
    instant before;
    int64_t after, moved, stopped;
    size_t n;
} withholding;

err outbox_waiting(const realm *r, instant before, int64_t *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    delivery_waiting_row *rows;
    mail_waiting_row *mails;
    size_t n;
    TRY(txn_read(r->store, 0, &t));
    TRY(delivery_waiting(t, &(delivery_waiting_args){ .before = before, .limit = COUNT_MAX },
            txn_arena(t), &rows, &n));
    TRY(mail_waiting(t, &(mail_waiting_args){ .before = before }, txn_arena(t), &mails));
    *ret = (int64_t)n + mails->n;
    return OK;
}

static err slice_apply(txn *t, void *ctx)
{
    withholding *k = ctx;
    viewer sys;
    delivery_waiting_row *rows;
    TRY(viewer_system(t, &sys));
    TRY(delivery_waiting(t,
            &(delivery_waiting_args){ .before = k->before, .after = k->after, .limit = SLICE },
            txn_arena(t), &rows, &k->n));
    for (size_t i = 0; i < k->n; i++) {
        const delivery_handle *d;
        TRY(delivery_hold_row(t, &sys, rows[i].row, &d));
        TRY(delivery_move(t, &sys, d, S("withheld"), LEDGER_delivery_changed));
        k->after = rows[i].row;
    }
    return OK;
}

static err mails_apply(txn *t, void *ctx)
{
    withholding *k = ctx;
    return mail_stop(t, &(mail_stop_args){ .now = txn_now(t), .before = k->before }, &k->stopped);
}

err outbox_withhold(realm *r, instant before, int64_t *ret)
{
    withholding k = { .before = before, .n = SLICE };
    while (k.n == SLICE) {
        TRY(store_write(r->store, slice_apply, &k));
        k.moved += (int64_t)k.n;
    }
    TRY(store_write(r->store, mails_apply, &k));
    *ret = k.moved + k.stopped;
    return OK;
}
