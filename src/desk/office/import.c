/* import.c - routes of files read in: constituents, and the list and report of every import. The
 * file is read and compared in the pool; writing goes to the writer in slices of a few
 * organisations. */
#include "common/import/import.h"
#include "api/page.h"
#include "base/log.h"
#include "desk/office/constituents.h"
#include "gen/desk/office/queries.h"
#include "gen/records/import_run.h"
#include "gen/routes_handlers.h"
#include "store/store.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SLICE = 10, PREVIEW = 500 };

/* ---- the file ---- */

static err map_spool(const call *c, str *ret)
{
    *ret = (str){ 0 };
    if (c->spool_bytes == 0) return OK;
    int fd = open(c->spool, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_errno("error.import.open", S("file"));
    void *p = mmap(NULL, (size_t)c->spool_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (p == MAP_FAILED) return err_errno("error.import.open", S("file"));
    *ret = (str){ p, (size_t)c->spool_bytes };
    return OK;
}

typedef struct {
    call *c;
    import_sheet *sheet;
    plan *first, *from, *to; /* from, to: the slice in hand, to not in it */
    str file_name;
    int64_t run_row;
    id128 run_id;
    int done_in_slice;
} importing;

/* ---- the run's record ---- */

static err start_apply(txn *t, void *ctx)
{
    importing *x = ctx;
    const import_run_handle *h;
    uint8_t hash[32];
    import_hash(x->sheet, hash);
    import_run_draft d = { .owner = x->c->viewer.org,
        .audience = LABEL_STRICT,
        .kind = S("organisations"),
        .file_name = x->file_name,
        .file_hash = { (const char *)hash, sizeof hash },
        .state = S("running"),
        .report = S("{}"),
        .bytes_total = x->c->spool_bytes };
    TRY(import_run_insert(t, &x->c->viewer, &d, LEDGER_import_started, &h));
    x->run_row = h->row;
    x->run_id = h->id.id;
    return OK;
}

static str report_text(importing *x)
{
    jsonw w = jsonw_new(x->c->a, 4096);
    jw_obj(&w);
    import_report(x->sheet, &w, call_lang(x->c));
    jw_end_obj(&w);
    return jsonw_done(&w);
}

static err finish_apply(txn *t, void *ctx)
{
    importing *x = ctx;
    const import_run_handle *h;
    const import_counts *n = import_counts_of(x->sheet);
    TRY(import_run_hold_row(t, &x->c->viewer, x->run_row, &h));
    import_run_draft d = h->now;
    d.state = S("done");
    d.rows_read = n->read;
    d.rows_done = n->done;
    d.rows_same = n->same;
    d.rows_bad = n->bad;
    d.bytes_done = d.bytes_total;
    d.report = report_text(x);
    d.finished = txn_now(t);
    return import_run_save(t, &x->c->viewer, h, &d, LEDGER_import_finished);
}

/* ---- plans ---- */

static void count(importing *x, const plan *p)
{
    import_counts *n = import_counts_of(x->sheet);
    if (p->what == PLAN_SAME)
        n->same++;
    else if (p->what != PLAN_BAD)
        n->done++;
}

static void note_bad(importing *x, plan *p, err e)
{
    import_row at = { .number = p->row };
    p->what = PLAN_BAD;
    import_bad(x->sheet, &at, -1, e);
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
    for (x->from = x->first; x->from; x->from = x->to) {
        x->to = after(x->from, SLICE);
        err e = store_write(x->c->realm->store, slice_apply, x);
        if (passes(e)) return e;
        if (failed(e)) {
            TRY(write_singly(x));
            continue;
        }
        for (const plan *p = x->from; p != x->to; p = p->next)
            if (p->what != PLAN_BAD) count(x, p);
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

static void put_counts(jsonw *w, const import_counts *n)
{
    jw_ki64(w, "rows_read", n->read);
    jw_ki64(w, "rows_done", n->done);
    jw_ki64(w, "rows_same", n->same);
    jw_ki64(w, "rows_bad", n->bad);
}

static void put_answer(importing *x, bool dry)
{
    call *c = x->c;
    jsonw *w = &c->out;
    int shown = 0;
    jw_obj(w);
    jw_key(w, S("id"));
    if (dry)
        jw_null(w);
    else
        jw_id(w, x->run_id);
    jw_kstr(w, "kind", S("organisations"));
    jw_kstr(w, "file_name", x->file_name);
    jw_kstr(w, "state", dry ? S("preview") : S("done"));
    put_counts(w, import_counts_of(x->sheet));
    import_report(x->sheet, w, call_lang(c));
    jw_key(w, S("preview"));
    jw_arr(w);
    for (const plan *p = x->first; p && shown < PREVIEW; p = p->next, shown++)
        put_plan(c, p);
    jw_end_arr(w);
    jw_end_obj(w);
}

static err run(importing *x, str content, const struct import_query *q)
{
    bool dry = q->has_dry_run && q->dry_run;
    TRY(import_open(x->c->a, content, x->file_name, constituents_fields, constituents_fields_n,
            q->map, &x->sheet));
    x->first = constituents_read(x->c->a, x->sheet);
    if (dry) {
        TRY(compare_plans(x));
        for (plan *p = x->first; p; p = p->next)
            count(x, p);
    } else {
        call_release(x->c);
        TRY(store_write(x->c->realm->store, start_apply, x));
        TRY(write_plans(x));
        TRY(store_write(x->c->realm->store, finish_apply, x));
    }
    put_answer(x, dry);
    return OK;
}

err h_organisation_import(call *c)
{
    const struct import_query *q = c->query;
    importing x = { .c = c, .file_name = q->name.n ? q->name : S("file") };
    str content;
    TRY(map_spool(c, &content));
    err e = run(&x, content, q);
    if (content.n) munmap((void *)(uintptr_t)content.p, content.n);
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

err h_import_stop(call *c)
{
    const import_run_handle *h;
    import_run_id id;
    TRY(call_id(c, &id.id));
    TRY(import_run_hold(c->t, &c->viewer, id, &h));
    if (!str_eq(h->now.state, S("running"))) return ERR(E_CONFLICT, "error.office.import_state");
    import_run_draft d = h->now;
    d.state = S("stopped");
    d.finished = txn_now(c->t);
    TRY(import_run_save(c->t, &c->viewer, h, &d, LEDGER_import_finished));
    jw_obj(&c->out);
    jw_end_obj(&c->out);
    return OK;
}
