/* import.c - routes of files read in: constituents, and the list and report of every import. The
 * file is read and compared in the pool; writing goes to the writer in slices of a few
 * organisations. */
#include "common/import/file_in.h"
#include "api/page.h"
#include "base/log.h"
#include "desk/office/constituents.h"
#include "desk/office/import_stop.h"
#include "gen/desk/office/queries.h"
#include "gen/records/import_run.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { SLICE = 10, PREVIEW = 500 };

typedef struct {
    call *c;
    file_in in;
    plan *first, *from, *to; /* from, to: the slice in hand, to not in it */
} importing;

/* ---- plans ---- */

static void count(importing *x, const plan *p)
{
    import_counts *n = import_counts_of(x->in.sheet);
    if (p->what == PLAN_SAME)
        n->same++;
    else if (p->what != PLAN_BAD)
        n->done++;
}

static void note_bad(importing *x, plan *p, err e)
{
    import_row at = { .number = p->row };
    p->what = PLAN_BAD;
    import_bad(x->in.sheet, &at, -1, e);
}

static err slice_apply(txn *t, void *ctx)
{
    importing *x = ctx;
    for (plan *p = x->from; p != x->to; p = p->next)
        if (p->what != PLAN_BAD) TRY(constituents_apply(t, x->c->realm, &x->c->viewer, p, true));
    return OK;
}

static plan *after(plan *p, int n)
{
    while (p && n-- > 0)
        p = p->next;
    return p;
}

static bool passes(err e)
{
    return err_code_of(e) == E_IO || err_code_of(e) == E_BUSY;
}

/* A slice of which something is wrong again, each organisation by itself: it is undone alone. */
static err write_singly(importing *x)
{
    plan *end = x->to;
    for (; x->from != end; x->from = x->to) {
        x->to = x->from->next;
        if (x->from->what == PLAN_BAD) continue;
        err e = store_write(x->c->realm->store, slice_apply, x);
        if (passes(e)) return e;
        if (failed(e))
            note_bad(x, x->from, e);
        else
            count(x, x->from);
    }
    return OK;
}

/* A slice is one wait for the disk. */
static err write_plans(importing *x)
{
    bool goes_on = true;
    for (x->from = x->first; x->from && goes_on; x->from = x->to) {
        x->to = after(x->from, SLICE);
        err e = store_write(x->c->realm->store, slice_apply, x);
        if (passes(e)) return e;
        if (failed(e)) {
            TRY(write_singly(x));
        } else {
            for (const plan *p = x->from; p != x->to; p = p->next)
                if (p->what != PLAN_BAD) count(x, p);
        }
        TRY(file_in_goes_on(&x->in, &goes_on));
    }
    return OK;
}

static err compare_plans(importing *x)
{
    for (plan *p = x->first; p; p = p->next) {
        if (p->what == PLAN_BAD) continue;
        err e = constituents_apply(x->c->t, x->c->realm, &x->c->viewer, p, false);
        if (failed(e)) note_bad(x, p, e);
    }
    return OK;
}

/* ---- the answer ---- */

static void put_plan(call *c, const plan *p)
{
    static const char *const words[] = { "create", "change", "same", "bad" };
    jsonw *w = &c->out;
    jw_obj(w);
    jw_ki64(w, "row", p->row);
    jw_kstr(w, "what", str_of(words[p->what]));
    jw_kstr(w, "key", p->key);
    jw_kstr(w, "name", p->name_en.n ? p->name_en : p->name_ur);
    jw_ki64(w, "networks", p->n_networks);
    jw_ki64(w, "people", p->n_contacts);
    jw_end_obj(w);
}

static void put_answer(importing *x, bool dry)
{
    call *c = x->c;
    jsonw *w = &c->out;
    int shown = 0;
    jw_obj(w);
    file_in_put(&x->in, w, dry);
    jw_key(w, S("preview"));
    jw_arr(w);
    for (const plan *p = x->first; p && shown < PREVIEW; p = p->next, shown++)
        put_plan(c, p);
    jw_end_arr(w);
    jw_end_obj(w);
}

static err write_all(importing *x)
{
    call_release(x->c);
    TRY(file_in_begin(&x->in));
    err e = write_plans(x), end = file_in_end(&x->in, !failed(e));
    return failed(e) ? e : end;
}

static err run(importing *x, const struct import_query *q)
{
    bool dry = q->has_dry_run && q->dry_run;
    TRY(import_open(x->c->a, x->in.content, x->in.file_name, constituents_fields,
            constituents_fields_n, q->map, &x->in.sheet));
    x->first = constituents_read(x->c->a, x->in.sheet);
    TRY(dry ? compare_plans(x) : write_all(x));
    for (plan *p = dry ? x->first : NULL; p; p = p->next)
        count(x, p);
    put_answer(x, dry);
    return OK;
}

err h_organisation_import(call *c)
{
    const struct import_query *q = c->query;
    importing x = { .c = c,
        .in = { .realm = c->realm,
                .v = &c->viewer,
                .a = c->a,
                .kind = S("organisations"),
                .file_name = q->name.n ? q->name : S("file"),
                .lang = call_lang(c),
                .bytes = c->spool_bytes } };
    TRY(file_in_map(c->spool, c->spool_bytes, &x.in.content));
    err e = run(&x, q);
    file_in_unmap(x.in.content);
    return e;
}

/* ---- list, one, stop ---- */

static void put_run(jsonw *w, const import_page_row *r)
{
    str report = r->_report;
    jw_obj(w);
    import_page_members(w, r);
    if (report.n > 2) {
        jw_members(w, report);
    } else {
        jw_key(w, S("errors"));
        jw_arr(w);
        jw_end_arr(w);
    }
    jw_end_obj(w);
}

err h_import_list(call *c)
{
    const struct page_query *q = c->query;
    cursor k = { 0 };
    bool found;
    import_page_row *rows;
    size_t n;
    int64_t limit = page_limit(q->has_limit ? q->limit : 0);
    TRY(cursor_read(c, q->cursor, &k, &found));
    TRY(import_page(c->t, &c->viewer,
            &(import_page_args){ .before = found ? k.n[0] : INT64_MAX, .limit = limit }, c->a,
            &rows, &n));
    page_open(c);
    for (size_t i = 0; i < n; i++)
        put_run(&c->out, &rows[i]);
    page_close(c, (int64_t)n == limit, n ? &(cursor){ .n = { rows[n - 1]._row } } : NULL);
    return OK;
}

err h_import_read(call *c)
{
    import_one_row *r;
    id128 id;
    TRY(call_id(c, &id));
    TRY(import_one(c->t, &c->viewer, &(import_one_args){ .id = id }, c->a, &r));
    import_page_row same;
    _Static_assert(sizeof same == sizeof *r, "import_one and import_page answer the same columns");
    memcpy(&same, r, sizeof same);
    put_run(&c->out, &same);
    return OK;
}

err import_stop(call *c, id128 id)
{
    const import_run_handle *h;
    TRY(import_run_hold(c->t, &c->viewer, (import_run_id){ id }, &h));
    if (!str_eq(h->now.state, S("running"))) return ERR(E_CONFLICT, "error.office.import_state");
    import_run_draft d = h->now;
    d.state = S("stopped");
    d.finished = txn_now(c->t);
    TRY(import_run_save(c->t, &c->viewer, h, &d, LEDGER_import_finished));
    call_put_empty(c);
    return OK;
}

err h_import_stop(call *c)
{
    id128 id;
    TRY(call_id(c, &id));
    return import_stop(c, id);
}
