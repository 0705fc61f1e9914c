/* bulk_ask.c - routes of bulk acts: what one would do (in the pool, changing nothing), asking for
 * it (in the pool; the job is the writer's), undoing it within thirty seconds. */
#include "access/model.h"
#include "api/api.h"
#include "desk/watch/bulk.h"
#include "desk/watch/put.h"
#include "gen/access/queries.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { OWNERS_SHOWN = 20, OWNERS_MAX = 512 };

/* ---- what is meant ---- */

typedef struct {
    str_list ids;
    bool all;
    struct finding_query findings;
    struct notice_query notices;
    bool of_findings;
    bool has_total;
    int64_t total;
    int64_t *rows; /* 0: unseen, which is unknown */
    size_t n;
} picking;

static err row_of(call *c, const picking *p, id128 id, int64_t *ret)
{
    finding_row_row *f;
    notice_row_of_row *n;
    *ret = 0;
    err e = p->of_findings
                    ? finding_row(c->t, &c->viewer, &(finding_row_args){ .id = id }, c->a, &f)
                    : notice_row_of(c->t, &c->viewer, &(notice_row_of_args){ .id = id }, c->a, &n);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    *ret = p->of_findings ? f->row : n->row;
    return OK;
}

static err pick_ids(call *c, picking *p)
{
    for (size_t i = 0; i < p->ids.n; i++) {
        id128 id;
        if (!id_parse(p->ids.at[i], &id))
            return err_at_pointer(ERR(E_INVALID, "error.bulk.id"), S("/ids"));
        TRY(row_of(c, p, id, &p->rows[p->n++]));
    }
    return OK;
}

/* One more than may be is looked for, so that too many are told from just enough. */
static err pick(call *c, picking *p)
{
    p->rows = NEW_ARRAY(c->a, int64_t, BULK_MAX + 1);
    if (p->ids.n)
        TRY(pick_ids(c, p));
    else if (p->all && p->of_findings)
        TRY(finding_rows(c, &p->findings, BULK_MAX + 1, p->rows, &p->n));
    else if (p->all)
        TRY(notice_rows(c, &p->notices, BULK_MAX + 1, p->rows, &p->n));
    if (!p->n) return err_at_pointer(ERR(E_INVALID, "error.bulk.none"), S("/ids"));
    if (p->n > BULK_MAX) return ERR1(E_INVALID, "error.bulk.many", str_fmt(c->a, "%d", BULK_MAX));
    if (p->has_total && p->total != (int64_t)p->n)
        return ERR1(E_CONFLICT, "error.bulk.moved", str_fmt(c->a, "%zu", p->n));
    return OK;
}

/* ---- what it would do ---- */

typedef struct {
    int64_t owner, n;
} owner_count;
typedef struct {
    int64_t n[BULK_OUTCOMES];
    owner_count of[OWNERS_MAX];
    size_t n_of;
} effect;

static void count_owner(effect *x, int64_t owner)
{
    size_t i = 0;
    while (i < x->n_of && x->of[i].owner != owner)
        i++;
    if (i == OWNERS_MAX) return; /* named by number alone: others */
    if (i == x->n_of) x->of[x->n_of++] = (owner_count){ owner, 0 };
    x->of[i].n++;
    for (; i > 0 && x->of[i - 1].n < x->of[i].n; i--) {
        owner_count more = x->of[i];
        x->of[i] = x->of[i - 1];
        x->of[i - 1] = more;
    }
}

static err as_whom(call *c, const bulk_act *act, viewer *by)
{
    *by = c->viewer;
    if (!permission_rules[act->permission].deputy) return OK;
    return permit_for(&c->viewer, act->permission, acting_person(c), by);
}

static err look(call *c, const bulk_act *act, const bulk_order *o, const picking *p, effect *x)
{
    viewer by;
    TRY(as_whom(c, act, &by));
    for (size_t i = 0; i < p->n; i++) {
        bulk_one one = { 0 };
        TRY(act->one(c->t, &c->viewer, &by, o, p->rows[i], RECORD_TRY, &one));
        x->n[one.outcome]++;
        if (one.outcome == BULK_DONE) count_owner(x, one.owner);
    }
    return OK;
}

/* The people of whose organisations see that it changed. */
static err put_owners(call *c, const effect *x)
{
    int64_t shown = 0;
    jw_key(&c->out, S("owners"));
    jw_arr(&c->out);
    for (size_t i = 0; i < x->n_of && i < OWNERS_SHOWN; i++) {
        reach_org_name_row *o;
        err e = reach_org_name(
                c->t, &c->viewer, &(reach_org_name_args){ .row = x->of[i].owner }, c->a, &o);
        if (err_code_of(e) == E_ABSENT) continue;
        TRY(e);
        jw_obj(&c->out);
        put_org_ref(&c->out, S("org"), o->id, o->key, o->name);
        jw_ki64(&c->out, "n", x->of[i].n);
        jw_end_obj(&c->out);
        shown += x->of[i].n;
    }
    jw_end_arr(&c->out);
    jw_ki64(&c->out, "others", x->n[BULK_DONE] - shown);
    return OK;
}

static err preview(call *c, const bulk_act *act, const bulk_order *o, picking *p)
{
    effect *x = NEW(c->a, effect);
    TRY(pick(c, p));
    TRY(look(c, act, o, p, x));
    jw_obj(&c->out);
    jw_ki64(&c->out, "total", (int64_t)p->n);
    for (int i = 0; i < BULK_OUTCOMES; i++) {
        jw_key(&c->out, str_of(bulk_words[i]));
        jw_i64(&c->out, x->n[i]);
    }
    jw_kbool(&c->out, "undo", act->undo);
    TRY(put_owners(c, x));
    jw_end_obj(&c->out);
    return OK;
}

/* ---- asking for it ---- */

typedef struct {
    const viewer *v;
    job_asked d;
    int64_t row;
    id128 id;
} asking;

static err ask_apply(txn *t, void *ctx)
{
    asking *x = ctx;
    TRY(job_items_old(t, &(job_items_old_args){ .before = { txn_now(t).us - US_PER_DAY } }, NULL));
    return job_ask(t, x->v, &x->d, &x->row, &x->id);
}

static str body_of(call *c, const bulk_order *o, const picking *p)
{
    jsonw w = jsonw_new(c->a, 256 + p->n * 8);
    jw_obj(&w);
    if (o->answer.n) jw_kstr(&w, "answer", o->answer);
    if (!id_is_zero(o->who)) jw_kid(&w, "who", o->who);
    jw_key(&w, S("rows"));
    jw_arr(&w);
    for (size_t i = 0; i < p->n; i++)
        jw_i64(&w, p->rows[i]);
    jw_end_arr(&w);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

static err ask(call *c, const bulk_act *act, const bulk_order *o, picking *p)
{
    viewer by;
    TRY(as_whom(c, act, &by));
    TRY(pick(c, p));
    asking x = { .v = &c->viewer,
        .d = { .kind = str_of(act->kind), .body = body_of(c, o, p), .total = (int64_t)p->n } };
    call_release(c);
    TRY(store_write(c->realm->store, ask_apply, &x));
    jw_obj(&c->out);
    jw_kid(&c->out, "id", x.id);
    jw_ki64(&c->out, "total", x.d.total);
    jw_kbool(&c->out, "undo", act->undo);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- the routes ---- */

static picking of_findings(const struct finding_bulk *b)
{
    return (picking){ .ids = b->ids,
        .all = b->has_all && b->all,
        .of_findings = true,
        .has_total = b->has_total,
        .total = b->total,
        .findings = { .state = b->state,
                .org = b->org,
                .has_org = b->has_org,
                .identifier = b->identifier,
                .notice = b->notice,
                .has_notice = b->has_notice } };
}

static picking of_notices(const struct notice_bulk *b)
{
    return (picking){ .ids = b->ids,
        .all = b->has_all && b->all,
        .has_total = b->has_total,
        .total = b->total,
        .notices = { .state = b->state, .org = b->org, .has_org = b->has_org } };
}

err h_finding_answers_preview(call *c)
{
    const struct finding_bulk *b = c->req;
    picking p = of_findings(b);
    return preview(c, &bulk_answer, &(bulk_order){ b->answer, acting_person(c) }, &p);
}

err h_finding_answers(call *c)
{
    const struct finding_bulk *b = c->req;
    picking p = of_findings(b);
    return ask(c, &bulk_answer, &(bulk_order){ b->answer, acting_person(c) }, &p);
}

err h_notice_acknowledges_preview(call *c)
{
    picking p = of_notices(c->req);
    return preview(c, &bulk_acknowledge, &(bulk_order){ .who = acting_person(c) }, &p);
}

err h_notice_acknowledges(call *c)
{
    picking p = of_notices(c->req);
    return ask(c, &bulk_acknowledge, &(bulk_order){ .who = acting_person(c) }, &p);
}

err h_notice_undos_preview(call *c)
{
    picking p = of_notices(c->req);
    return preview(c, &bulk_withhold, &(bulk_order){ 0 }, &p);
}

err h_notice_undos(call *c)
{
    picking p = of_notices(c->req);
    return ask(c, &bulk_withhold, &(bulk_order){ 0 }, &p);
}

/* ---- undoing ---- */

static err undo_body(call *c, const job *j, str *ret)
{
    const json *b;
    TRY(json_parse(c->a, j->body, &(json_limits){ .max_bytes = j->body.n + 1 }, &b));
    str who = json_get_text(b, S("who")), answer = json_get_text(b, S("answer"));
    jsonw w = jsonw_new(c->a, 160);
    jw_obj(&w);
    jw_ki64(&w, "job", j->row);
    jw_kstr(&w, "answer", answer);
    if (who.n) jw_kstr(&w, "who", who);
    jw_end_obj(&w);
    *ret = jsonw_done(&w);
    return OK;
}

/* What still runs is stopped first; what is done may be undone for as long as it is fresh. */
static err undo_when(call *c, const job *j)
{
    bool runs = str_eq(j->state, S("ready")) || str_eq(j->state, S("running"));
    if (runs) {
        TRY(job_stop(c->t, j->row));
        return job_tell(c->t, c->realm, j->row, c->viewer.person, LEDGER_job_stopped);
    }
    if (txn_now(c->t).us > j->finished.us + JOB_UNDO_S * US_PER_S)
        return ERR(E_CONFLICT, "error.bulk.late");
    return OK;
}

err h_job_undo(call *c)
{
    int64_t row, undoing;
    const job *j;
    id128 id, made;
    job_items_n_row *n;
    job_asked d = { .kind = S("answer_undo") };
    TRY(call_id(c, &id));
    TRY(job_find(c->t, id, &row));
    TRY(job_read(c->t, c->a, row, &j));
    if (j->person != c->viewer.person) return ERR(E_ABSENT, "error.api.absent");
    if (!str_eq(j->kind, S("answer"))) return ERR(E_CONFLICT, "error.bulk.no_undo");
    TRY(undo_when(c, j));
    TRY(undo_body(c, j, &d.body));
    TRY(job_items_n(c->t, &(job_items_n_args){ .job = row }, c->a, &n));
    d.total = n->n;
    TRY(job_ask(c->t, &c->viewer, &d, &undoing, &made));
    TRY(job_mark_undone(c->t, row, undoing));
    call_created(c, made, 1);
    return OK;
}
