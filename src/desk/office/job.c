/* job.c - routes of long works: the list, one, stop. What is being done is said where it is done:
 * jobs by the store's job table, files by import_run, backups by backup_run; here they are read
 * together, and nothing is kept twice. Mails are no long works: their deliveries tell. */
#include "store/job.h"
#include "access/model.h"
#include "api/api.h"
#include "common/job/runner.h"
#include "desk/office/import_stop.h"
#include "gen/common/backup/queries.h"
#include "gen/desk/office/queries.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { LIST_MAX = 100, SOURCES = 3 };

/* One long work, whatever does it. */
typedef struct {
    id128 id;
    str kind, state, words, about, result;
    int64_t person, total, done;
    bool bytes, may_stop;
    instant created, started, finished, undo_until;
} work;

/* ---- from where it is said ---- */

static bool runs(str state)
{
    return str_eq(state, S("running")) || str_eq(state, S("ready"));
}

static work of_job(const call *c, const job *j)
{
    bool mine = j->person == c->viewer.person;
    work w = { .id = j->id,
        .kind = j->kind,
        .state = j->state,
        .words = j->error,
        /* of retention it says where the work stands, which is its own */
        .result = str_eq(j->kind, S("retention")) ? (str){ 0 } : j->result,
        .person = j->person,
        .total = j->total,
        .done = j->progress,
        .may_stop = runs(j->state),
        .created = j->created,
        .started = j->started,
        .finished = j->finished };
    bool fresh = mine && str_eq(j->kind, S("answer")) && !j->undone && j->finished.us;
    if (fresh && !str_eq(j->state, S("failed")))
        w.undo_until = (instant){ j->finished.us + JOB_UNDO_S * US_PER_S };
    if (w.undo_until.us && w.undo_until.us <= clock_now(&c->realm->clock).us)
        w.undo_until = (instant){ 0 };
    return w;
}

static work of_import(const call *c, const import_page_row *r)
{
    return (work){ .id = r->id,
        .kind = S("import"),
        .state = r->state,
        .about = r->file_name,
        .person = r->_author,
        .total = r->bytes_total,
        .done = r->bytes_done,
        .bytes = true,
        .may_stop = str_eq(r->state, S("running")) &&
                    !failed(permit_use(&c->viewer, PERMISSION_feed_import)),
        .created = r->started,
        .started = r->started,
        .finished = r->finished };
}

static work of_backup(const backup_run_page_row *r)
{
    str state = str_eq(r->state, S("begun"))  ? S("running")
                : str_eq(r->state, S("made")) ? S("done")
                                              : S("failed");
    return (work){ .id = r->id,
        .kind = S("backup"),
        .state = state,
        .person = r->person,
        .total = str_eq(state, S("running")) ? 0 : r->bytes,
        .done = r->bytes,
        .bytes = true,
        .created = r->created,
        .started = r->created,
        .finished = r->ended };
}

/* ---- as JSON ---- */

/* Since it was taken up; nothing is said before a second has passed or when it is over. */
static void put_rate(call *c, const work *x)
{
    jsonw *w = &c->out;
    instant end = x->finished.us ? x->finished : clock_now(&c->realm->clock);
    int64_t us = x->started.us ? end.us - x->started.us : 0;
    int64_t rate = us >= US_PER_S ? (int64_t)((double)x->done * US_PER_S / (double)us) : 0;
    jw_key(w, S("rate"));
    if (rate)
        jw_i64(w, rate);
    else
        jw_null(w);
    jw_key(w, S("left_s"));
    if (rate && runs(x->state) && x->total > x->done)
        jw_i64(w, (x->total - x->done + rate - 1) / rate);
    else
        jw_null(w);
}

static void put_text(jsonw *w, str key, str s)
{
    jw_key(w, key);
    if (s.n)
        jw_str(w, s);
    else
        jw_null(w);
}

static err put_by(call *c, int64_t person)
{
    const person_handle *p;
    err e = person ? person_read_row(c->t, &c->viewer, person, &p)
                   : ERR(E_ABSENT, "error.api.absent");
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    put_text(&c->out, S("by"), failed(e) ? (str){ 0 } : p->now.name);
    return OK;
}

static err put(call *c, const work *x)
{
    jsonw *w = &c->out;
    jw_obj(w);
    jw_kid(w, "id", x->id);
    jw_kstr(w, "kind", x->kind);
    jw_kstr(w, "state", x->state);
    jw_kbool(w, "mine", x->person == c->viewer.person);
    TRY(put_by(c, x->person));
    jw_kstr(w, "unit", x->bytes ? S("bytes") : S("things"));
    jw_ki64(w, "total", x->total);
    jw_ki64(w, "done", x->done);
    put_rate(c, x);
    jw_ktime(w, "created", x->created);
    jw_ktime(w, "started", x->started);
    jw_ktime(w, "finished", x->finished);
    put_text(w, S("words"), x->words);
    put_text(w, S("about"), x->about);
    jw_kraw(w, "result", x->result);
    jw_kbool(w, "may_stop", x->may_stop);
    jw_ktime(w, "undo_until", x->undo_until);
    jw_end_obj(w);
    return OK;
}

/* ---- the list ---- */

typedef struct {
    work *at;
    size_t n;
} works;

static err read_jobs(call *c, works *ret)
{
    int64_t *rows, person = permit_jobs_whole(&c->viewer) ? 0 : c->viewer.person;
    size_t n;
    TRY(job_rows(c->t, c->a, person, LIST_MAX, &rows, &n));
    *ret = (works){ NEW_ARRAY(c->a, work, n + 1), 0 };
    for (size_t i = 0; i < n; i++) {
        const job *j;
        TRY(job_read(c->t, c->a, rows[i], &j));
        if (permit_job(&c->viewer, j->person)) ret->at[ret->n++] = of_job(c, j);
    }
    return OK;
}

static err read_imports(call *c, works *ret)
{
    import_page_row *rows;
    size_t n = 0;
    if (failed(permit_use(&c->viewer, PERMISSION_feed_read))) return OK;
    TRY(import_page(c->t, &c->viewer, &(import_page_args){ .before = INT64_MAX, .limit = LIST_MAX },
            c->a, &rows, &n));
    *ret = (works){ NEW_ARRAY(c->a, work, n + 1), n };
    for (size_t i = 0; i < n; i++)
        ret->at[i] = of_import(c, &rows[i]);
    return OK;
}

static err read_backups(call *c, works *ret)
{
    backup_run_page_row *rows;
    size_t n = 0;
    if (c->realm->kind != REALM_LIVE) return OK;
    if (failed(permit_use(&c->viewer, PERMISSION_backup_read))) return OK;
    TRY(backup_run_page(c->t, &(backup_run_page_args){ .limit = LIST_MAX }, c->a, &rows, &n));
    *ret = (works){ NEW_ARRAY(c->a, work, n + 1), 0 };
    for (size_t i = 0; i < n; i++)
        if (str_eq(rows[i].kind, S("backup"))) ret->at[ret->n++] = of_backup(&rows[i]);
    return OK;
}

static bool wanted(const struct job_query *q, str state)
{
    if (!q->has_state) return true;
    return str_eq(q->state, str_eq(state, S("ready")) ? S("running") : state);
}

/* The latest first, of all sources. */
static err put_all(call *c, works from[SOURCES])
{
    size_t at[SOURCES] = { 0 };
    for (size_t shown = 0; shown < LIST_MAX;) {
        int best = -1;
        for (int s = 0; s < SOURCES; s++) {
            if (at[s] >= from[s].n) continue;
            if (best < 0 || from[s].at[at[s]].created.us > from[best].at[at[best]].created.us)
                best = s;
        }
        if (best < 0) break;
        const work *x = &from[best].at[at[best]++];
        if (!wanted(c->query, x->state)) continue;
        TRY(put(c, x));
        shown++;
    }
    return OK;
}

err h_job_list(call *c)
{
    works from[SOURCES] = { { NULL, 0 } };
    TRY(read_jobs(c, &from[0]));
    TRY(read_imports(c, &from[1]));
    TRY(read_backups(c, &from[2]));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    TRY(put_all(c, from));
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- one ---- */

static err find_job(call *c, id128 id, const job **ret)
{
    int64_t row;
    TRY(job_find(c->t, id, &row));
    TRY(job_read(c->t, c->a, row, ret));
    bool seen = permit_job(&c->viewer, (*ret)->person) && !str_eq((*ret)->kind, S("mail"));
    return seen ? OK : ERR(E_ABSENT, "error.api.absent");
}

static err find_import(call *c, id128 id, work *ret)
{
    import_one_row *r;
    import_page_row same;
    if (failed(permit_use(&c->viewer, PERMISSION_feed_read)))
        return ERR(E_ABSENT, "error.api.absent");
    TRY(import_one(c->t, &c->viewer, &(import_one_args){ .id = id }, c->a, &r));
    _Static_assert(sizeof same == sizeof *r, "import_one and import_page answer the same columns");
    memcpy(&same, r, sizeof same);
    *ret = of_import(c, &same);
    return OK;
}

err h_job_read(call *c)
{
    id128 id;
    const job *j;
    works some = { 0 };
    TRY(call_id(c, &id));
    err e = find_job(c, id, &j);
    if (!failed(e)) return put(c, &(work[1]){ of_job(c, j) }[0]);
    if (err_code_of(e) != E_ABSENT) return e;
    work one;
    e = find_import(c, id, &one);
    if (!failed(e)) return put(c, &one);
    if (err_code_of(e) != E_ABSENT) return e;
    TRY(read_backups(c, &some));
    for (size_t i = 0; i < some.n; i++)
        if (id_eq(some.at[i].id, id)) return put(c, &some.at[i]);
    return ERR(E_ABSENT, "error.api.absent");
}

err h_job_stop(call *c)
{
    id128 id;
    const job *j;
    TRY(call_id(c, &id));
    err e = find_job(c, id, &j);
    if (err_code_of(e) == E_ABSENT && !failed(permit_use(&c->viewer, PERMISSION_feed_import)))
        return import_stop(c, id);
    TRY(e);
    TRY(job_stop(c->t, j->row));
    TRY(job_tell(c->t, c->realm, j->row, c->viewer.person, LEDGER_job_stopped));
    call_put_empty(c);
    return OK;
}
