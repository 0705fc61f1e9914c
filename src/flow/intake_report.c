/* intake_report.c - what came of an import: counts that travel with the input's position, rows that
 * could not be read, and where the header differs. Belongs to the worker's thread, or to one
 * preview. */
#include <stdio.h>

#include "base/log.h"
#include "events/history.h"
#include "flow/intake_in.h"

/* ---- counts ---- */

void intake_count(intake_counts *c, const flow_batch *b, size_t from, size_t n, int64_t n_rejects)
{
    int64_t repeats = 0;
    for (size_t i = 0; from == 0 && i < b->n_repeat; i++)
        repeats += b->repeat[i].count;
    for (size_t r = from; r < from + n; r++) {
        c->owned += b->owner[r] != 0;
        c->matched += b->hits[r].n > 0;
        c->by_class[b->class_id[r]]++;
    }
    c->events += (int64_t)n;
    c->rejects += n_rejects;
    c->repeats += repeats;
    c->rows += (int64_t)n + n_rejects + repeats;
    if (b->source) c->quarantined = b->source->quarantined;
}

str intake_mark(arena *a, const intake_counts *c, int64_t row)
{
    buf b = buf_new(a, 256);
    const int64_t n[] = { row, c->rows, c->events, c->rejects, c->repeats, c->owned, c->matched,
        c->promoted, c->quarantined };
    for (size_t i = 0; i < ARRAY_LEN(n); i++) {
        if (i) buf_byte(&b, ' ');
        buf_i64(&b, n[i]);
    }
    for (int i = 0; i < FLOW_CLASSES; i++)
        if (c->by_class[i]) buf_fmt(&b, " %d=%lld", i, (long long)c->by_class[i]);
    return buf_str(&b);
}

static void mark_class(str part, intake_counts *c)
{
    str name;
    int64_t id, n;
    if (str_split(&part, '=', &name) && str_to_i64(name, &id) && id >= 0 && id < FLOW_CLASSES &&
            str_to_i64(part, &n))
        c->by_class[id] = n;
}

void intake_mark_read(str mark, intake_counts *c, int64_t *ret_row)
{
    str part;
    int64_t quarantined = 0, *to[] = { ret_row, &c->rows, &c->events, &c->rejects, &c->repeats,
        &c->owned, &c->matched, &c->promoted, &quarantined };
    *c = (intake_counts){ 0 };
    for (size_t i = 0; i < ARRAY_LEN(to); i++)
        if (!str_split(&mark, ' ', &part) || !str_to_i64(part, to[i])) return;
    c->quarantined = quarantined != 0;
    while (str_split(&mark, ' ', &part))
        mark_class(part, c);
}

/* ---- rejects and drift ---- */

static str short_text(arena *a, str s)
{
    s = str_sub(s, 0, INTAKE_VALUE_BYTES);
    while (s.n && !str_is_utf8(s))
        s.n--; /* a cut character, or bytes that are no text */
    return str_copy(a, s);
}

static void note_error(intake_run *run, int64_t row, str reason, str column, str raw)
{
    if (run->n_errors == INTAKE_ERRORS) return;
    if (!run->errors) run->errors = NEW_ARRAY(run->a, intake_error, INTAKE_ERRORS);
    run->errors[run->n_errors++] = (intake_error){ row, str_copy(run->a, reason),
        short_text(run->a, column), short_text(run->a, raw) };
}

void intake_note_batch(intake_run *run, const flow_batch *b)
{
    for (size_t i = 0; i < b->n_reject; i++)
        note_error(run, b->reject[i].row, str_of(b->reject[i].reason), b->reject[i].column,
                b->reject[i].raw);
    if (run->drift_known || !b->source) return;
    run->drift_known = true;
    run->drift = NEW_ARRAY(run->a, intake_drift, b->source->n_drift + 1);
    for (size_t i = 0; i < b->source->n_drift; i++)
        run->drift[run->n_drift++] = (intake_drift){ short_text(run->a, b->source->drift[i].column),
            b->source->drift[i].kind };
}

/* Batches of this input lie together, the newest first. */
static err errors_read(flow *f, intake_run *run, arena *a)
{
    int64_t before = 0;
    for (size_t n = 1; n;) {
        history_batches_row *rows;
        TRY(history_batches(f->r->history, a, (uint32_t)run->feed, before, 200, &rows, &n));
        for (size_t i = 0; i < n; i++) {
            history_rejects_row *bad;
            size_t n_bad;
            before = rows[i].batch;
            if (!str_eq(rows[i].input, str_of(run->input)) || rows[i].n_rejected == 0) continue;
            TRY(history_rejects(f->r->history, a, before, HISTORY_PAGE_MAX, &bad, &n_bad));
            for (size_t k = 0; k < n_bad; k++)
                note_error(run, bad[k].row_no, bad[k].reason, bad[k].place, bad[k].raw);
        }
        if (n < 200 || rows[n - 1].place == 0) return OK;
    }
    return OK;
}

void intake_errors_again(flow *f, intake_run *run)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)256 << 20);
    err e = errors_read(f, run, a);
    if (failed(e)) log_err("feed.report", e);
}

/* ---- the report ---- */

static void put_error(const intake_run *run, const intake_error *x, jsonw *w)
{
    char key[128];
    jw_obj(w);
    jw_ki64(w, "row", x->row);
    jw_kstr(w, "column", x->column);
    jw_kstr(w, "value", x->value);
    snprintf(key, sizeof key, "%.*s", STR_ARG(x->reason));
    jw_kstr(w, "message", text_fill(run->a, T(run->l, key), x->column, (str){ 0 }, (str){ 0 }));
    jw_kstr(w, "code", x->reason);
    jw_end_obj(w);
}

static void put_fault(const intake_run *run, jsonw *w)
{
    if (!run->fault) return;
    jw_obj(w);
    jw_ki64(w, "row", run->fault->row);
    jw_kstr(w, "column", run->fault->pointer);
    jw_kstr(w, "message", fault_text(run->a, run->l, run->fault));
    jw_kstr(w, "code", str_of(run->fault->key));
    jw_end_obj(w);
}

static str drift_words(const intake_run *run, const intake_drift *d)
{
    static const char *const keys[] = { [DRIFT_MISSING] = TK("feed.drift_missing"),
        [DRIFT_MISSING_REQUIRED] = TK("feed.drift_missing_required"),
        [DRIFT_NEW] = TK("feed.drift_new"),
        [DRIFT_TWICE] = TK("feed.drift_twice") };
    return text_fill(run->a, T(run->l, keys[d->kind]), d->column, (str){ 0 }, (str){ 0 });
}

static void put_counts(const intake_counts *c, jsonw *w)
{
    jw_ki64(w, "rows_read", c->rows);
    jw_ki64(w, "rows_done", c->events);
    jw_ki64(w, "rows_same", c->repeats);
    jw_ki64(w, "rows_bad", c->rejects);
}

static void put_types(const intake_counts *c, jsonw *w)
{
    jw_key(w, S("types"));
    jw_obj(w);
    for (int i = 1; i < FLOW_CLASSES; i++) {
        if (!c->by_class[i]) continue;
        jw_key(w, flow_classes[i].name);
        jw_i64(w, c->by_class[i]);
    }
    jw_end_obj(w);
}

void intake_report(const intake_run *run, const intake_counts *c, bool with_counts, jsonw *w)
{
    if (with_counts) put_counts(c, w);
    jw_key(w, S("errors"));
    jw_arr(w);
    put_fault(run, w);
    for (size_t i = 0; i < run->n_errors; i++)
        put_error(run, &run->errors[i], w);
    jw_end_arr(w);
    jw_key(w, S("drift"));
    jw_arr(w);
    if (c->quarantined) jw_str(w, T(run->l, "feed.quarantined"));
    for (size_t i = 0; i < run->n_drift; i++)
        jw_str(w, drift_words(run, &run->drift[i]));
    jw_end_arr(w);
    put_types(c, w);
    jw_kbool(w, "quarantined", c->quarantined);
    jw_ki64(w, "owned", c->owned);
    jw_ki64(w, "matched", c->matched);
    jw_ki64(w, "promoted", c->promoted);
}
