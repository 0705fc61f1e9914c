/* index.c - the index of words: what a record is found by, and what is asked of it. Beside a
 * record's words stand marks of who may see it at most (=o owner, =a audience, ...): a question
 * asks for the viewer's marks too, so that what somebody does not see costs next to nothing. They
 * decide nothing: the see clause does, of each row. */
#include "access/index.h"

#include "access/record_row.h"
#include "base/json.h"
#include "base/log.h"
#include "gen/access/queries.h"
#include "store/store.h"

#include <stdio.h>

/* ---- what a record is found by ---- */

enum { JSON_DEPTH = 4 };

static void put_json(arena *a, const json *j, int depth, buf *out)
{
    if (!j || depth > JSON_DEPTH) return;
    if (j->type == JSON_STRING) {
        words_index(a, json_text(j), out);
        return;
    }
    for (const json *x = j->first; x; x = x->next)
        put_json(a, x, depth + 1, out);
}

static void put_column(arena *a, const field *f, bool is_value, const void *draft, buf *out)
{
    str text = *(const str *)(const void *)((const char *)draft + f->offset);
    const json *j;
    if (!text.n) return;
    if (is_value) {
        words_index_value(a, text, out);
    } else if (f->type == FIELD_TEXT) {
        words_index(a, text, out);
    } else if (!failed(json_parse(a, text, NULL, &j))) {
        for (const json *x = j->first; x; x = x->next)
            if (f->type == FIELD_JSON || !str_eq(x->key, S("first"))) put_json(a, x, 1, out);
    }
}

/* Who may see it at most, by the branches of the see clause (model.c). */
static void put_marks(const record_def *d, const record_head *h, buf *out)
{
    int64_t about = record_about(d, h->row, (const char *)h + d->now_at);
    buf_fmt(out, " =o%lld =a%lld =l%d", (long long)h->owner, (long long)h->audience,
            (int)(h->audience & 7));
    if ((h->audience & 7) == 4) buf_fmt(out, " =p%lld", (long long)h->author);
    if (about) buf_fmt(out, " =k%lld", (long long)about);
}

static str tokens_of(txn *t, const record_def *d, const record_head *h)
{
    const void *draft = (const char *)h + d->now_at;
    arena *a = txn_arena(t);
    buf out = buf_new(a, 512);
    for (uint8_t i = 0; i < d->n_searched; i++) {
        const record_searched *s = &d->searched[i];
        put_column(a, &d->columns[s->column], s->is_value, draft, &out);
    }
    put_marks(d, h, &out);
    return out.p[0] == ' ' ? str_sub(buf_str(&out), 1, out.n) : buf_str(&out);
}

static bool same_words(const record_def *d, const void *x, const void *y)
{
    for (uint8_t i = 0; i < d->n_searched; i++) {
        size_t at = d->columns[d->searched[i].column].offset;
        const str *p = (const void *)((const char *)x + at),
                  *q = (const void *)((const char *)y + at);
        if (!str_eq(*p, *q)) return false;
    }
    const record_draft *p = x, *q = y;
    return p->owner == q->owner && p->audience == q->audience;
}

static err change(txn *t, const record_def *d, const record_head *h)
{
    cell in[2] = { { .type = CELL_I64, .i = h->row },
        { .type = CELL_TEXT, .s = tokens_of(t, d, h) } };
    int64_t changed = 0;
    TRY(stmt_run(t, d->words_change, 0, in, NULL, NULL, &changed));
    return changed ? OK : stmt_run(t, d->words_put, 0, in, NULL, NULL, NULL);
}

err index_put(txn *t, const record_def *d, const record_head *h, const void *was)
{
    if (!d->n_searched) return OK;
    if (!was) {
        cell in[2] = { { .type = CELL_I64, .i = h->row },
            { .type = CELL_TEXT, .s = tokens_of(t, d, h) } };
        return stmt_run(t, d->words_put, 0, in, NULL, NULL, NULL);
    }
    return same_words(d, was, (const char *)h + d->now_at) ? OK : change(t, d, h);
}

/* ---- what is asked ---- */

enum { MARKS_MAX = 48 };

static void term(buf *b, bool pg, bool first, str token, bool prefix)
{
    ASSERT(str_find_byte(token, '"') < 0 && str_find_byte(token, '\'') < 0 &&
            str_find_byte(token, '\\') < 0);
    if (!first) buf_put(b, pg ? S(" | ") : S(" OR "));
    buf_fmt(b, pg ? "'%.*s'" : "\"%.*s\"", STR_ARG(token));
    if (prefix) buf_put(b, pg ? S(":*") : S(" *"));
}

static void mark(buf *b, bool pg, bool *first, char kind, int64_t n)
{
    char text[32];
    str token = { text, (size_t)snprintf(text, sizeof text, "=%c%lld", kind, (long long)n) };
    if (n) term(b, pg, *first, token, false);
    if (n) *first = false;
}

/* Everything that the see clause may let v see has one of these. */
static void put_viewer(buf *b, bool pg, const viewer *v)
{
    const sight *s = &v->sight;
    bool first = false;
    buf_put(b, pg ? S(" & (") : S(" AND ("));
    term(b, pg, true, S("=l0"), false);
    if (s->community) term(b, pg, false, S("=l1"), false);
    mark(b, pg, &first, 'o', s->org);
    mark(b, pg, &first, 'o', s->provider);
    mark(b, pg, &first, 'p', s->person);
    for (size_t i = 0; i < s->n_audiences; i++)
        mark(b, pg, &first, 'a', s->audiences[i]);
    for (size_t i = 0; i < permit_keeps(v); i++)
        mark(b, pg, &first, 'k', s->kept[i]);
    buf_byte(b, ')');
}

/* Left out where the list would be long, or where one record was opened by an emergency. */
static bool by_marks(const viewer *v)
{
#ifdef MINAR_FAULTS
    if (seeded_clauses() || SEEDED(search_open)) return false;
#endif
    return v->sight.n_glass == 0 && v->sight.n_audiences + permit_keeps(v) <= MARKS_MAX;
}

static str question_text(txn *t, const viewer *v, const index_question *q)
{
    bool pg = store_is_pg(txn_store(t));
    buf b = buf_new(txn_arena(t), 512);
    for (size_t i = 0; i < q->n; i++) {
        if (i) buf_put(&b, pg ? S(" & ") : S(" AND "));
        buf_byte(&b, '(');
        for (size_t k = 0; k < q->groups[i].n; k++)
            term(&b, pg, k == 0, q->groups[i].any[k].token, q->groups[i].any[k].prefix);
        buf_byte(&b, ')');
    }
    if (by_marks(v)) put_viewer(&b, pg, v);
    return buf_str(&b);
}

typedef struct {
    int64_t *rows;
    size_t n, max;
} found;

static err take_row(void *ctx, const cell *out)
{
    found *f = ctx;
    ASSERT(f->n < f->max);
    f->rows[f->n++] = out[0].i;
    return OK;
}

static err ask(txn *t, const viewer *v, const stmt_def *s, const index_question *q, int64_t before,
        int64_t limit, found *ret)
{
    cell in[3 + VIEWER_CELLS] = { { .type = CELL_TEXT, .s = question_text(t, v, q) },
        { .type = CELL_I64, .i = before }, { .type = CELL_I64, .i = limit } };
    ASSERT(s && q->n && !v->system);
    viewer_bind(v, in + 3);
#ifdef MINAR_FAULTS
    if (SEEDED(search_open)) in[2 + VIEWER_CELLS].i |= SEEDED_ALL;
#endif
    return stmt_run(t, s, 0, in, take_row, ret, NULL);
}

err index_find(txn *t, const viewer *v, const record_def *d, const index_question *q,
        int64_t before, int64_t limit, int64_t *ret_rows, size_t *ret_n)
{
    found f = { .rows = ret_rows, .max = (size_t)limit };
    *ret_n = 0;
    if (!q->n) return OK;
    TRY(ask(t, v, d->found, q, before, limit, &f));
    *ret_n = f.n;
    return OK;
}

err index_count(txn *t, const viewer *v, const record_def *d, const index_question *q,
        int64_t limit, int64_t *ret)
{
    found f = { .rows = ret, .max = 1 };
    *ret = 0;
    return q->n ? ask(t, v, d->counted, q, INT64_MAX, limit, &f) : OK;
}

/* ---- what stood before ---- */

enum { FILL_ROWS = 250 };

typedef struct {
    txn *t;
    const record_def *d;
    int64_t last;
    size_t n;
    record_head *at[FILL_ROWS];
} filling;

static err take_record(void *ctx, const cell *out)
{
    filling *f = ctx;
    ASSERT(f->n < FILL_ROWS);
    f->at[f->n] = arena_alloc(txn_arena(f->t), f->d->handle_size);
    record_take(f->t, f->d, out, f->at[f->n++]);
    return OK;
}

/* One step: rows after the last one, and how far it came. */
static err fill_some(txn *t, void *ctx)
{
    filling *f = ctx;
    cell in[2] = { { .type = CELL_I64, .i = f->last }, { .type = CELL_I64, .i = FILL_ROWS } };
    f->t = t;
    f->n = 0;
    TRY(stmt_run(t, f->d->after, 0, in, take_record, f, NULL));
    for (size_t i = 0; i < f->n; i++)
        TRY(change(t, f->d, f->at[i]));
    int64_t last = f->n ? f->at[f->n - 1]->row : f->last;
    TRY(search_index_set(t,
            &(search_index_set_args){ .kind = str_of(f->d->name),
                    .version = words_version(),
                    .position = last,
                    .whole = f->n < FILL_ROWS },
            NULL));
    f->last = last;
    return OK;
}

static err begin(txn *t, const record_def *d, filling *f, bool *ret_whole)
{
    search_index_row *r;
    err e = search_index(t, &(search_index_args){ .kind = str_of(d->name) }, txn_arena(t), &r);
    *ret_whole = false;
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    if (r->version != words_version()) return OK;
    *ret_whole = r->whole;
    f->last = r->position;
    return OK;
}

static err fill_kind(store *s, const record_def *d)
{
    filling f = { .d = d };
    bool whole;
    int64_t n = 0;
    {
        CLEANUP(txn_end_p) txn *t = NULL;
        TRY(txn_read(s, 0, &t));
        TRY(begin(t, d, &f, &whole));
    }
    if (whole) return OK;
    do {
        TRY(store_write(s, fill_some, &f));
        n += (int64_t)f.n;
    } while (f.n == FILL_ROWS);
    if (n) log_info("access.words", "kind=%s rows=%lld", d->name, (long long)n);
    return OK;
}

err index_fill(store *s)
{
    for (int i = 0; i < RECORD_KINDS; i++)
        if (record_defs[i]->n_searched) TRY(fill_kind(s, record_defs[i]));
    return OK;
}
