/* bulk.c - see bulk.h: the acts on one thing, and the slices of the jobs that do them to many.
 * Writer thread within apply; what only looks runs on any. */
#include "desk/watch/bulk.h"
#include "access/auth/auth.h"
#include "access/leave.h"
#include "access/model.h"
#include "access/version.h"
#include "common/findings/findings.h"
#include "common/outbox/ack.h"
#include "common/outbox/delivery.h"
#include "gen/desk/watch/queries.h"
#include "store/store.h"

enum { UNDO_PAGE = 64 };
const char *const bulk_words[BULK_OUTCOMES] = { "done", "same", "denied", "absent", "late" };

/* A refusal is an outcome; anything else is a fault. */
static err refused(err e, bulk_one *ret)
{
    switch (err_code_of(e)) {
    case E_ABSENT:
        ret->outcome = BULK_ABSENT;
        return OK;
    case E_DENIED:
        ret->outcome = BULK_DENIED;
        return OK;
    case E_CONFLICT:
        ret->outcome = BULK_LATE;
        return OK;
    default:
        return e;
    }
}

/* ---- answers ---- */

finding_draft answer_draft(const txn *t, const viewer *by, const finding_handle *h, str answer)
{
    finding_draft d = h->now;
    d.state = answer;
    d.answered_by = by->person;
    d.has_answered_by = by->person != 0;
    d.answered = txn_now(t);
    return d;
}

err answer_save(txn *t, const viewer *by, const finding_handle *h, const finding_draft *d)
{
    TRY(finding_save(t, by, h, d, LEDGER_finding_answered));
    return leave_acted(t, S("finding"), h->row, by);
}

static err answer_one(txn *t, const viewer *v, const viewer *by, const bulk_order *o, int64_t row,
        record_use use, bulk_one *ret)
{
    const void *got;
    (void)v;
    err e = record_get_row(t, by, &finding_def, use, row, &got);
    if (failed(e)) return refused(e, ret);
    const finding_handle *h = got;
    ret->owner = h->owner;
    ret->was = h->version;
    ret->outcome = str_eq(h->now.state, o->answer) ? BULK_SAME : BULK_DONE;
    if (use != RECORD_HOLD || ret->outcome != BULK_DONE) return OK;
    finding_draft d = answer_draft(t, by, h, o->answer);
    TRY(answer_save(t, by, h, &d));
    ret->made = h->version;
    return OK;
}

/* ---- notices ---- */

/* One that has not left yet is for its own page: it leaves by that, perhaps out of sight. */
static err acknowledge_look(
        txn *t, const viewer *v, int64_t row, record_use use, bulk_one *ret, int64_t *ret_delivery)
{
    const notice_handle *n;
    delivery_to_acknowledge_row *d;
    const void *held;
    TRY(notice_read_row(t, v, row, &n));
    ret->owner = n->now.org;
    ret->was = n->version;
    TRY(delivery_to_acknowledge(
            t, v, &(delivery_to_acknowledge_args){ .notice = row }, txn_arena(t), &d));
    TRY(record_get(t, v, &delivery_def, use, d->id, &held));
    const delivery_handle *portal = held;
    *ret_delivery = portal->row;
    bool left = str_eq(n->now.state, S("sent")) && !str_eq(portal->now.state, S("undone"));
    ret->outcome = str_eq(n->now.state, S("acknowledged")) ? BULK_SAME
                   : left                                  ? BULK_DONE
                                                           : BULK_LATE;
    return OK;
}

static err acknowledge_one(txn *t, const viewer *v, const viewer *by, const bulk_order *o,
        int64_t row, record_use use, bulk_one *ret)
{
    int64_t delivery = 0;
    (void)o;
    err e = acknowledge_look(t, v, row, use, ret, &delivery);
    if (failed(e)) return refused(e, ret);
    if (use != RECORD_HOLD || ret->outcome != BULK_DONE) return OK;
    return ack_delivery(t, delivery, by);
}

err notice_take_back(txn *t, const viewer *v, const notice_handle *h)
{
    viewer sys;
    notice_draft d = h->now;
    d.state = S("undone");
    TRY(notice_save(t, v, h, &d, LEDGER_notice_undone));
    TRY(viewer_system(t, &sys));
    sys.person =
            v->person; /* deliveries are the recipient's; the ledger names who took them back */
    TRY(delivery_cancel(t, &sys, h->row, false));
    return finding_release_notice(t, h->row);
}

static err withhold_one(txn *t, const viewer *v, const viewer *by, const bulk_order *o, int64_t row,
        record_use use, bulk_one *ret)
{
    const void *got;
    (void)by, (void)o;
    err e = record_get_row(t, v, &notice_def, use, row, &got);
    if (failed(e)) return refused(e, ret);
    const notice_handle *h = got;
    ret->owner = h->now.org;
    ret->was = h->version;
    ret->outcome = str_eq(h->now.state, S("undone")) ? BULK_SAME
                   : str_eq(h->now.state, S("held")) ? BULK_DONE
                                                     : BULK_LATE;
    if (use != RECORD_HOLD || ret->outcome != BULK_DONE) return OK;
    return notice_take_back(t, v, h);
}

const bulk_act bulk_answer = { "answer", PERMISSION_finding_answer, answer_one, true };
const bulk_act bulk_acknowledge = { "acknowledge", PERMISSION_notice_acknowledge, acknowledge_one,
    false };
const bulk_act bulk_withhold = { "withhold", PERMISSION_notice_undo, withhold_one, false };

/* ---- a job's slice ---- */

typedef struct {
    viewer v, by;
    bulk_order order;
    const json *body;
    int64_t n[BULK_OUTCOMES];
    int64_t end_us;
} working;

static void counts_read(arena *a, str result, int64_t n[BULK_OUTCOMES])
{
    const json *j;
    if (!result.n || failed(json_parse(a, result, NULL, &j))) return;
    for (int i = 0; i < BULK_OUTCOMES; i++)
        if (!json_i64(json_get(j, str_of(bulk_words[i])), &n[i])) n[i] = 0;
}

static str counts_text(arena *a, const int64_t n[BULK_OUTCOMES])
{
    jsonw w = jsonw_new(a, 160);
    jw_obj(&w);
    for (int i = 0; i < BULK_OUTCOMES; i++) {
        jw_key(&w, str_of(bulk_words[i]));
        jw_i64(&w, n[i]);
    }
    jw_end_obj(&w);
    return jsonw_done(&w);
}

/* Who asked, with the rights that this person has now. */
static err work_begin(txn *t, const realm *r, const job *j, permission p, working *x)
{
    arena *a = txn_arena(t);
    *x = (working){ .end_us = monotonic_us() + JOB_SLICE_US };
    err e = viewer_of_person(t, r, j->person, S("job"), &x->v);
    if (err_code_of(e) == E_AUTH) return ERR(E_DENIED, "error.job.asker");
    TRY(e);
    TRY(permit_use(&x->v, p));
    TRY(json_parse(a, j->body, &(json_limits){ .max_bytes = j->body.n + 1 }, &x->body));
    x->order.answer = json_get_text(x->body, S("answer"));
    str who = json_get_text(x->body, S("who"));
    if (who.n && !id_parse(who, &x->order.who)) return ERR(E_INVALID, "error.job.crashes");
    x->by = x->v;
    if (permission_rules[p].deputy) TRY(permit_for(&x->v, p, x->order.who, &x->by));
    counts_read(a, j->result, x->n);
    return OK;
}

static void work_end(txn *t, const working *x, bool over, job_step *ret)
{
    ret->result = counts_text(txn_arena(t), x->n);
    ret->over = over;
}

static err keep_item(txn *t, const job *j, int64_t item, int64_t row, const bulk_one *one)
{
    job_item_add_args args = {
        .job = j->row, .item = item, .record = row, .was = one->was, .made = one->made
    };
    return job_item_add(t, &args, NULL);
}

static err do_slice(txn *t, const realm *r, const job *j, const bulk_act *act, job_step *ret)
{
    working x;
    TRY(work_begin(t, r, j, act->permission, &x));
    const json *rows = json_get(x.body, S("rows"));
    const json *at = json_at(rows, (size_t)j->progress);
    for (; at && (ret->progress == j->progress || monotonic_us() < x.end_us); at = at->next) {
        bulk_one one = { 0 };
        int64_t row = 0;
        if (!json_i64(at, &row)) row = 0;
        TRY(act->one(t, &x.v, &x.by, &x.order, row, RECORD_HOLD, &one));
        if (one.outcome == BULK_DONE && act->undo) TRY(keep_item(t, j, ret->progress, row, &one));
        x.n[one.outcome]++;
        ret->progress++;
    }
    work_end(t, &x, !at, ret);
    return OK;
}

static err answer_slice(txn *t, const realm *r, const job *j, job_step *ret)
{
    return do_slice(t, r, j, &bulk_answer, ret);
}

static err acknowledge_slice(txn *t, const realm *r, const job *j, job_step *ret)
{
    return do_slice(t, r, j, &bulk_acknowledge, ret);
}

static err withhold_slice(txn *t, const realm *r, const job *j, job_step *ret)
{
    return do_slice(t, r, j, &bulk_withhold, ret);
}

/* ---- undoing answers ---- */

/* Nobody has answered since: what stands is what the job wrote. Repeats that the machine counted
 * meanwhile stay counted. */
static bool stands(const finding_handle *h, const finding_handle *made)
{
    return str_eq(h->now.state, made->now.state) && h->now.answered.us == made->now.answered.us &&
           h->now.has_answered_by == made->now.has_answered_by &&
           h->now.answered_by == made->now.answered_by;
}

static err version_of(txn *t, const finding_handle *h, int64_t version, const finding_handle **ret)
{
    const record_head *got;
    *ret = h;
    if (version == h->version) return OK;
    TRY(version_numbered(t, &finding_def, (const record_head *)(const void *)h, version, &got));
    *ret = (const finding_handle *)(const void *)got;
    return OK;
}

static err undo_one(txn *t, const working *x, const job_items_row *i, bulk_one *ret)
{
    const finding_handle *h, *was, *made;
    err e = finding_hold_row(t, &x->by, i->record, &h);
    if (failed(e)) return refused(e, ret);
    TRY(version_of(t, h, i->was, &was));
    e = version_of(t, h, i->made, &made);
    if (failed(e)) return refused(e, ret);
    if (!stands(h, made)) {
        ret->outcome = BULK_LATE;
        return OK;
    }
    finding_draft d = h->now;
    d.state = was->now.state;
    d.answered = was->now.answered;
    d.answered_by = was->now.answered_by;
    d.has_answered_by = was->now.has_answered_by;
    TRY(finding_save(t, &x->by, h, &d, LEDGER_finding_answer_undone));
    ret->outcome = BULK_DONE;
    return leave_acted(t, S("finding"), h->row, &x->by);
}

static err undo_slice(txn *t, const realm *r, const job *j, job_step *ret)
{
    working x;
    job_items_row *items;
    size_t n, i = 0;
    int64_t of = 0;
    TRY(work_begin(t, r, j, PERMISSION_finding_answer, &x));
    if (!json_i64(json_get(x.body, S("job")), &of)) return ERR(E_INVALID, "error.job.crashes");
    job_items_args args = { .job = of, .skip = j->progress, .limit = UNDO_PAGE };
    TRY(job_items(t, &args, txn_arena(t), &items, &n));
    for (; i < n && (i == 0 || monotonic_us() < x.end_us); i++) {
        bulk_one one = { 0 };
        TRY(undo_one(t, &x, &items[i], &one));
        x.n[one.outcome]++;
        ret->progress++;
    }
    work_end(t, &x, ret->progress >= j->total || n == 0, ret);
    return OK;
}

const job_kind bulk_kinds[BULK_KINDS] = {
    { "answer", answer_slice },
    { "acknowledge", acknowledge_slice },
    { "withhold", withhold_slice },
    { "answer_undo", undo_slice },
};
