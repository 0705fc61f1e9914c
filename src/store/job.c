/* job.c - the job table's few moves. Owns nothing in memory; the thread is the transaction's. */
#include "store/job.h"

#include "base/time.h"
#include "gen/store/queries.h"

enum { ATTEMPTS = 5, FIRST_WAIT_S = 10, WAIT_MAX_S = 3600 };

static str number_text(arena *a, int64_t n)
{
    return str_fmt(a, "%lld", (long long)n);
}

static instant later(txn *t, int64_t us)
{
    return (instant){ txn_now(t).us + us };
}

static instant lease_end(int64_t us)
{
    return (instant){ clock_now(&clock_system).us + us };
}

err job_enqueue(txn *t, const job_draft *d, int64_t *ret_row, id128 *ret_id)
{
    job_add_row *made;
    id128 id = id_new();
    ASSERT(d->kind.n && d->max_attempts >= 0);
    job_add_args args = { .id = id,
        .kind = d->kind,
        .body = d->body.n ? d->body : S("{}"),
        .person = d->person,
        .run_at = d->run_at.us ? d->run_at : txn_now(t),
        .max_attempts = d->max_attempts ? d->max_attempts : ATTEMPTS,
        .total = d->total,
        .now = txn_now(t) };
    TRY(job_add(t, &args, txn_arena(t), &made));
    *ret_row = made->row;
    *ret_id = id;
    return OK;
}

err job_read(txn *t, arena *a, int64_t row, const job **ret)
{
    job_row_row *r;
    TRY(job_row(t, &(job_row_args){ .row = row }, a, &r));
    job *j = NEW(a, job);
    *j = (job){ .row = r->row,
        .id = r->id,
        .kind = r->kind,
        .body = r->body,
        .state = r->state,
        .person = r->person,
        .attempts = r->attempts,
        .max_attempts = r->max_attempts,
        .progress = r->progress,
        .total = r->total,
        .error = r->error,
        .run_at = r->run_at,
        .result = r->result,
        .undone = r->has_undone ? r->undone : 0,
        .lease_until = r->lease_until,
        .created = r->created,
        .started = r->started,
        .finished = r->finished };
    *ret = j;
    return OK;
}

err job_find(txn *t, id128 id, int64_t *ret_row)
{
    job_by_id_row *r;
    TRY(job_by_id(t, &(job_by_id_args){ .id = id }, txn_arena(t), &r));
    *ret_row = r->row;
    return OK;
}

static job_next_args next_args(const txn *t, str kind)
{
    return (job_next_args){
        .now = txn_now(t), .live = clock_now(&clock_system), .kind = kind.n ? kind : (str){ 0 }
    };
}

err job_due(txn *t, str kind)
{
    job_ready_row *r;
    job_next_args n = next_args(t, kind);
    job_ready_args args = { .now = n.now, .live = n.live, .kind = n.kind };
    return job_ready(t, &args, txn_arena(t), &r);
}

err job_claim(txn *t, arena *a, str kind, str who, int64_t lease_us, const job **ret)
{
    job_next_row *next;
    int64_t n;
    ASSERT(who.n && lease_us > 0);
    job_next_args args = next_args(t, kind);
    TRY(job_next(t, &args, txn_arena(t), &next));
    job_lease_args lease = {
        .row = next->row, .who = who, .until = lease_end(lease_us), .now = txn_now(t)
    };
    TRY(job_lease(t, &lease, &n));
    return job_read(t, a, next->row, ret);
}

err job_progress(
        txn *t, int64_t row, str who, const job_report *r, int64_t lease_us, bool *ret_stop)
{
    int64_t n;
    job_beat_args args = { .row = row,
        .who = who,
        .progress = r->progress,
        .total = r->total,
        .result = r->result.n ? r->result : (str){ 0 },
        .until = lease_end(lease_us) };
    TRY(job_beat(t, &args, &n));
    *ret_stop = n == 0;
    return OK;
}

static err end(txn *t, int64_t row, str who, str state, str error)
{
    int64_t n;
    job_end_args args = {
        .row = row, .who = who, .state = state, .error = error, .now = txn_now(t)
    };
    TRY(job_end(t, &args, &n));
    return n ? OK : ERR1(E_CONFLICT, "error.store.job_lost", number_text(txn_arena(t), row));
}

err job_finish(txn *t, int64_t row, str who)
{
    return end(t, row, who, S("done"), (str){ 0 });
}

err job_release(txn *t, int64_t row, str who)
{
    return job_put_back(t, &(job_put_back_args){ .row = row, .who = who }, NULL);
}

err job_give_up(txn *t, int64_t row, str who, str error)
{
    return end(t, row, who, S("failed"), error);
}

static int64_t wait_us(int64_t attempts)
{
    int64_t s = FIRST_WAIT_S;
    for (int64_t i = 1; i < attempts && s < WAIT_MAX_S; i++)
        s *= 4;
    return (s < WAIT_MAX_S ? s : WAIT_MAX_S) * US_PER_S;
}

err job_fail(txn *t, int64_t row, str who, str error, bool *ret_over)
{
    const job *j;
    int64_t n;
    TRY(job_read(t, txn_arena(t), row, &j));
    if (j->attempts >= j->max_attempts) {
        TRY(end(t, row, who, S("failed"), error));
        *ret_over = true;
        return OK;
    }
    job_retry_args args = {
        .row = row, .who = who, .error = error, .run_at = later(t, wait_us(j->attempts))
    };
    TRY(job_retry(t, &args, &n));
    *ret_over = false;
    return n ? OK : ERR1(E_CONFLICT, "error.store.job_lost", number_text(txn_arena(t), row));
}

err job_stop(txn *t, int64_t row)
{
    int64_t n;
    TRY(job_halt(t, &(job_halt_args){ .row = row, .now = txn_now(t) }, &n));
    return n ? OK : ERR1(E_CONFLICT, "error.store.job_ended", number_text(txn_arena(t), row));
}

err job_rows(txn *t, arena *a, int64_t person, int64_t limit, int64_t **ret, size_t *ret_n)
{
    job_page_row *rows;
    size_t n;
    job_page_args args = { .has_person = person != 0, .person = person, .limit = limit };
    TRY(job_page(t, &args, a, &rows, &n));
    *ret = NEW_ARRAY(a, int64_t, n + 1);
    for (size_t i = 0; i < n; i++)
        (*ret)[i] = rows[i].row;
    *ret_n = n;
    return OK;
}

err job_mark_undone(txn *t, int64_t row, int64_t undoing)
{
    int64_t n;
    TRY(job_undo(t, &(job_undo_args){ .row = row, .undone = undoing }, &n));
    return n ? OK : ERR1(E_CONFLICT, "error.store.job_undone", number_text(txn_arena(t), row));
}

err job_withdraw(txn *t, str kind, int64_t person)
{
    return job_withdraw_ready(
            t, &(job_withdraw_ready_args){ .kind = kind, .person = person }, NULL);
}
