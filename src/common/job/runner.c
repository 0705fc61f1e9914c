/* runner.c - see runner.h. Owns its beat and who it is; the job in hand is known by its row. */
#include "common/job/runner.h"
#include "access/auth/auth.h"
#include "access/viewer.h"
#include "base/beat.h"
#include "base/log.h"
#include "base/text.h"
#include "gen/records/person.h"
#include "store/store.h"
#include <stdlib.h>

enum { EVERY_S = 1, LEASE_S = 15, WORDS_BYTES = 500 };
struct job_runner {
    const realm *realm;
    const job_kind *kinds;
    size_t n;
    char who[40];
    beat *beat;
    int64_t row; /* in hand, 0: none */
    const job_kind *kind;
    bool over, left; /* of the last slice: done, or taken from us */
};

/* ---- the ledger ---- */

err job_tell(txn *t, const realm *r, int64_t row, int64_t author, ledger_type type)
{
    const job *j;
    viewer v = { .org = r->site_org };
    TRY(job_read(t, txn_arena(t), row, &j));
    if (j->person) {
        viewer sys;
        const person_handle *p;
        TRY(viewer_system(t, &sys));
        TRY(person_read_row(t, &sys, j->person, &p));
        v.org = p->now.org;
    }
    jsonw w = jsonw_new(txn_arena(t), 256);
    jw_obj(&w);
    jw_kstr(&w, "kind", j->kind);
    jw_ki64(&w, "total", j->total);
    jw_ki64(&w, "done", j->progress);
    jw_end_obj(&w);
    return ledger_append(t, &(ledger_draft){ .type = type,
                                    .kind = S("job"),
                                    .subject = j->id,
                                    .owner = v.org,
                                    .audience = LABEL_STRICT,
                                    .author = author,
                                    .more = jsonw_done(&w) });
}

err job_ask(txn *t, const viewer *v, const job_asked *d, int64_t *ret_row, id128 *ret_id)
{
    job_draft j = { .kind = d->kind, .body = d->body, .person = v->person, .total = d->total };
    TRY(job_enqueue(t, &j, ret_row, ret_id));
    jsonw w = jsonw_new(txn_arena(t), 128);
    jw_obj(&w);
    jw_kstr(&w, "kind", d->kind);
    jw_ki64(&w, "total", d->total);
    jw_end_obj(&w);
    return ledger_append(t, &(ledger_draft){ .type = LEDGER_job_asked,
                                    .kind = S("job"),
                                    .subject = *ret_id,
                                    .owner = v->org,
                                    .audience = LABEL_STRICT,
                                    .author = v->person,
                                    .more = jsonw_done(&w) });
}

/* ---- a turn ---- */

static err claim_apply(txn *t, void *ctx)
{
    job_runner *k = ctx;
    const job *j;
    for (size_t i = 0; i < k->n; i++) {
        err e = job_claim(
                t, txn_arena(t), str_of(k->kinds[i].name), str_of(k->who), LEASE_S * US_PER_S, &j);
        if (err_code_of(e) == E_ABSENT) continue;
        TRY(e);
        k->row = j->row;
        k->kind = &k->kinds[i];
        return OK;
    }
    return OK;
}

/* Looked at without writing, so that an idle second costs no wait for the disk. */
static err due(job_runner *k, bool *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    *ret = false;
    TRY(txn_read(k->realm->store, 0, &t));
    for (size_t i = 0; i < k->n && !*ret; i++) {
        err e = job_due(t, str_of(k->kinds[i].name));
        if (!failed(e))
            *ret = true;
        else if (err_code_of(e) != E_ABSENT)
            return e;
    }
    return OK;
}

static err slice_apply(txn *t, void *ctx)
{
    job_runner *k = ctx;
    const job *j;
    str who = str_of(k->who);
    k->over = k->left = false;
    TRY(job_read(t, txn_arena(t), k->row, &j));
    if (j->attempts > JOB_CRASHES && !j->error.n) return ERR(E_INVALID, "error.job.crashes");
    job_step s = { .progress = j->progress, .total = j->total };
    /* Renewed first: what is not ours any more is not worked on. */
    job_report r = { .progress = j->progress, .total = j->total };
    TRY(job_progress(t, k->row, who, &r, LEASE_S * US_PER_S, &k->left));
    if (k->left) return OK;
    TRY(k->kind->slice(t, k->realm, j, &s));
    ASSERT(s.progress >= j->progress);
    r = (job_report){ s.progress, s.total, s.result };
    TRY(job_progress(t, k->row, who, &r, LEASE_S * US_PER_S, &k->left));
    ASSERT(!k->left);
    k->over = s.over;
    if (!s.over) return OK;
    TRY(job_finish(t, k->row, who));
    return job_tell(t, k->realm, k->row, j->person, LEDGER_job_finished);
}

static bool passes(err e)
{
    return err_code_of(e) == E_IO || err_code_of(e) == E_BUSY;
}

typedef struct {
    job_runner *k;
    err e;
} failing;

/* In the words of whoever asked; the system's in English. */
static err words_of(txn *t, const realm *r, const job *j, err e, str *ret)
{
    viewer v;
    lang l = LANG_EN;
    if (j->person && !failed(viewer_of_person(t, r, j->person, S("job"), &v))) l = v.lang;
    str s = fault_text(txn_arena(t), l, e.f);
    while (s.n > WORDS_BYTES || (s.n < WORDS_BYTES && s.n && ((unsigned char)s.p[s.n] >> 6) == 2))
        s.n--;
    *ret = s;
    return OK;
}

static err fail_apply(txn *t, void *ctx)
{
    failing *x = ctx;
    job_runner *k = x->k;
    const job *j;
    str words;
    bool over = true;
    TRY(job_read(t, txn_arena(t), k->row, &j));
    TRY(words_of(t, k->realm, j, x->e, &words));
    if (passes(x->e))
        TRY(job_fail(t, k->row, str_of(k->who), words, &over));
    else
        TRY(job_give_up(t, k->row, str_of(k->who), words));
    return over ? job_tell(t, k->realm, k->row, j->person, LEDGER_job_failed) : OK;
}

static void give_up(job_runner *k, err e)
{
    failing x = { k, e };
    log_err("job.slice", e);
    err f = store_write(k->realm->store, fail_apply, &x);
    if (failed(f) && err_code_of(f) != E_CONFLICT) log_err("job.fail", f);
    k->row = 0;
}

/* A slice, or looking for a job. */
static err turn(job_runner *k, bool *ret_more)
{
    bool wanted = true;
    *ret_more = false;
    if (!k->row) {
        TRY(due(k, &wanted));
        if (!wanted) return OK;
        TRY(store_write(k->realm->store, claim_apply, k));
        if (!k->row) return OK;
    }
    err e = store_write(k->realm->store, slice_apply, k);
    if (failed(e))
        give_up(k, e);
    else if (k->over || k->left)
        k->row = 0;
    *ret_more = true;
    return OK;
}

static int take_turn(void *ctx)
{
    job_runner *k = ctx;
    bool more;
    err e = turn(k, &more);
    if (failed(e)) {
        if (err_code_of(e) != E_BUSY) log_err("job.turn", e);
        return EVERY_S;
    }
    return more ? 0 : EVERY_S;
}

err job_runner_start(const realm *r, const job_kind *kinds, size_t n, job_runner **ret)
{
    job_runner *k = calloc(1, sizeof *k);
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    ASSERT(k && n > 0);
    k->realm = r;
    k->kinds = kinds;
    k->n = n;
    str who = id_text(a, id_new()); /* of this start: whoever comes after it is somebody else */
    ASSERT(who.n < sizeof k->who);
    memcpy(k->who, who.p, who.n);
    err e = beat_start(take_turn, k, S("job"), &k->beat);
    if (failed(e))
        free(k);
    else
        *ret = k;
    return e;
}

static err release_apply(txn *t, void *ctx)
{
    job_runner *k = ctx;
    return job_release(t, k->row, str_of(k->who));
}

void job_runner_stop(job_runner *k)
{
    if (!k) return;
    beat_stop(k->beat);
    if (k->row) {
        err e = store_write(k->realm->store, release_apply, k);
        if (failed(e)) log_err("job.release", e); /* its lease runs out by itself */
    }
    free(k);
}
