/* matrix_records.c - the records of the access matrix: made of any kind by its description, with
 * the glass that some are seen through; and asking access/ about each. One thread. */
#include "support/matrix_world.h"

#include <stdio.h>

#include "base/texts.h"

#define HOUR_US (3600 * US_PER_S)

bool matrix_has_parent(record_kind kind)
{
    return record_defs[kind]->has_parent;
}

/* ---- any record ---- */

/* Every column that must have a value gets one of its own, so that no two records are alike. */
static void fill_column(txn *t, const field *f, char *draft)
{
    static int64_t n;
    void *at = draft + f->offset;
    arena *a = txn_arena(t);
    n++;
    switch (f->type) {
    case FIELD_I64:
        *(int64_t *)at = f->nullable ? 0 : 1;
        break;
    case FIELD_TIME:
        *(instant *)at = txn_now(t);
        break;
    case FIELD_ID:
        *(id128 *)at = id_new();
        break;
    case FIELD_BLOB:
        *(str *)at = str_fmt(a, "blob of 32 bytes %015lld", (long long)n);
        break;
    case FIELD_JSON:
        *(str *)at = S("[]");
        break;
    case FIELD_TEXTS:
        *(str *)at = texts_make(a, S("Something"), (str){ 0 });
        break;
    case FIELD_TEXT:
    case FIELD_SEALED:
        *(str *)at = str_fmt(a, "text %lld", (long long)n);
        break;
    case FIELD_F64:
    case FIELD_BOOL:
        break;
    }
}

/* about: the organisation that a record with such a column is about; 0: as it is filled. */
static err make_record(txn *t, record_kind kind, const record_draft *common, int64_t about,
        int64_t author, int64_t *ret)
{
    const record_def *d = record_defs[kind];
    const void *h;
    viewer v;
    char *draft = arena_alloc(txn_arena(t), d->draft_size);
    memset(draft, 0, d->draft_size);
    for (int i = 0; i < d->n_columns; i++)
        fill_column(t, &d->columns[i], draft);
    memcpy(draft, common, sizeof *common);
    if (about && d->about == ABOUT_COLUMN) memcpy(draft + d->about_at, &about, sizeof about);
    if (d->has_parent && !d->parent) *(str *)(void *)(draft + d->whole_at) = S("notice");
    TRY(viewer_system(t, &v));
    v.person = author;
    TRY(record_insert(t, &v, d, draft, LEDGER_NONE, &h));
    *ret = ((const record_head *)h)->row;
    return OK;
}

/* ---- one of every relation, label and time ---- */

typedef struct {
    matrix_world *m;
    int kind, standing;
} making;

static err audience_of(txn *t, const making *x, matrix_at at, int64_t *ret)
{
    const matrix_world *m = x->m;
    int64_t named[ROLE_SETS], grp = 0;
    size_t n = 0;
    if (at.label == LABEL_AMBER || at.label == LABEL_STRICT)
        grp = at.relation == REL_GROUP            ? m->group[x->standing]
              : at.relation == REL_PROVIDER_GROUP ? m->provider_group[x->standing]
                                                  : 0;
    for (int r = 0; r < ROLE_SETS && at.label == LABEL_RED && at.relation == REL_NAMED; r++)
        named[n++] = m->people[x->standing][r][0].row;
    return audience_intern(t, at.label, grp, named, n, ret);
}

static int64_t owner_of(const making *x, int relation)
{
    return relation == REL_OWN         ? x->m->org[x->standing]
           : relation == REL_PROVIDER  ? x->m->provider[x->standing]
           : relation == REL_DELEGATED ? x->m->kept[x->standing]
                                       : x->m->elsewhere;
}

static const cell_type glass_cells[] = { CELL_TEXT, CELL_I64, CELL_I64, CELL_I64, CELL_I64,
    CELL_I64 };
static const char *const glass_sql[] = {
    "INSERT INTO glass (kind, record, person, until, approver_1, approver_2, reason, created) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', 0)"
};
static const stmt_def glass_add = { "glass_add", glass_sql, glass_sql, 0, 6, 0, glass_cells,
    glass_cells, 0, true };

static const cell_type delegate_cells[] = { CELL_I64, CELL_I64, CELL_I64, CELL_I64 };
static const char *const delegate_sql[] = {
    "INSERT INTO delegate (org, keeper, since, until, author) VALUES (?1, ?2, ?3, ?4, 0)"
};
static const stmt_def delegate_add = { "delegate_add", delegate_sql, delegate_sql, 0, 4, 0,
    delegate_cells, delegate_cells, 0, true };

err matrix_delegate(txn *t, int64_t org, int64_t keeper)
{
    instant now = txn_now(t);
    cell in[] = { { CELL_I64, .i = org }, { CELL_I64, .i = keeper }, { CELL_I64, .i = now.us },
        { CELL_I64, .i = now.us + HOUR_US } };
    txn_raise_sights(t);
    return stmt_run(t, &delegate_add, 0, in, NULL, NULL, NULL);
}

static err break_glass(txn *t, const making *x, int time, int64_t row, int64_t person)
{
    const int64_t *by = x->m->approver;
    int64_t first = time == TIME_SELF ? person : by[0], second = time == TIME_ONE ? by[0] : by[1];
    int64_t until = txn_now(t).us + (time == TIME_OLD ? -US_PER_S : HOUR_US);
    cell in[] = { { CELL_TEXT, .s = str_of(record_defs[x->kind]->name) }, { CELL_I64, .i = row },
        { CELL_I64, .i = person }, { CELL_I64, .i = until }, { CELL_I64, .i = first },
        { CELL_I64, .i = second } };
    if (time == TIME_PLAIN || time == TIME_EARLY || time == TIME_ORPHAN) return OK;
    return stmt_run(t, &glass_add, 0, in, NULL, NULL, NULL);
}

static err make_object(txn *t, const making *x, matrix_at at)
{
    matrix_world *m = x->m;
    matrix_object *o = &m->objects[x->kind][x->standing][at.relation][at.label][at.time];
    bool early = at.time == TIME_EARLY || at.time == TIME_EARLY_GLASS;
    bool personal = at.relation == REL_AUTHOR, kept = at.relation == REL_DELEGATED;
    TRY(audience_of(t, x, at, &o->audience));
    o->owner = owner_of(x, at.relation);
    record_draft common = { .owner = o->owner, .audience = o->audience };
    if (early) common.not_before.us = txn_now(t).us + HOUR_US;
    if (matrix_has_parent(x->kind))
        common.parent = at.time == TIME_ORPHAN ? m->parent_hidden : m->parent_open;
    for (int r = 0; r < ROLE_SETS; r++) {
        int64_t person = m->people[x->standing][r][0].row;
        if (r == 0 || personal)
            TRY(make_record(t, x->kind, &common, kept ? m->kept[x->standing] : 0,
                    personal ? person : 0, &o->row[r]));
        else
            o->row[r] = o->row[0];
        TRY(break_glass(t, x, at.time, o->row[r], person));
    }
    if (kept && record_defs[x->kind]->about == ABOUT_ROW)
        return matrix_delegate(t, o->row[0], m->org[x->standing]);
    return OK;
}

static err make_objects(txn *t, void *ctx)
{
    const making *x = ctx;
    int times = matrix_has_parent(x->kind) ? TIMES : TIME_ORPHAN;
    for (int r = 0; r < RELATIONS; r++)
        for (int l = 0; l < LABELS; l++)
            for (int w = 0; w < times; w++)
                TRY(make_object(t, x, (matrix_at){ r, l, w }));
    return OK;
}

static err make_parents(txn *t, void *ctx)
{
    matrix_world *m = ctx;
    record_draft d = { .owner = m->elsewhere };
    TRY(audience_intern(t, LABEL_CLEAR, 0, NULL, 0, &d.audience));
    TRY(make_record(t, RECORD_notice, &d, 0, 0, &m->parent_open));
    TRY(audience_intern(t, LABEL_RED, 0, NULL, 0, &d.audience));
    return make_record(t, RECORD_notice, &d, 0, 0, &m->parent_hidden);
}

void matrix_records_make(matrix_world *m)
{
    matrix_must(store_write(m->w.r->store, make_parents, m), "parents");
    for (int k = 0; k < RECORD_KINDS; k++)
        for (int s = 0; s < STANDINGS && m->kinds[k]; s++)
            matrix_must(store_write(m->w.r->store, make_objects, &(making){ m, k, s }),
                    record_defs[k]->name);
}

/* ---- asking ---- */

typedef struct {
    matrix_world *m;
    const viewer *v;
    int standing, role, kind;
    matrix_rights *ret;
} asking;

static char mark(err e)
{
    if (!failed(e)) return MATRIX_YES;
    if (err_code_of(e) == E_DENIED) return MATRIX_DENIED;
    ASSERT(err_code_of(e) == E_ABSENT);
    return MATRIX_UNSEEN;
}

static void ask_one(txn *t, const asking *x, matrix_at at)
{
    const record_def *d = record_defs[x->kind];
    const matrix_object *o = &x->m->objects[x->kind][x->standing][at.relation][at.label][at.time];
    const void *h;
    int64_t row = o->row[x->role];
    x->ret->see[x->kind][at.relation][at.label][at.time] =
            mark(record_get_row(t, x->v, d, RECORD_READ, row, &h));
    x->ret->hold[x->kind][at.relation][at.label][at.time] =
            mark(record_get_row(t, x->v, d, RECORD_HOLD, row, &h));
}

static err ask_kind(txn *t, void *ctx)
{
    const asking *x = ctx;
    int times = matrix_has_parent(x->kind) ? TIMES : TIME_ORPHAN;
    for (int r = 0; r < RELATIONS; r++)
        for (int l = 0; l < LABELS; l++)
            for (int w = 0; w < times; w++)
                ask_one(t, x, (matrix_at){ r, l, w });
    return OK;
}

static void ask_told(const asking *x, int kind)
{
    for (int r = 0; r < RELATIONS; r++)
        for (int l = 0; l < LABELS; l++) {
            const matrix_object *o = &x->m->objects[kind][x->standing][r][l][TIME_PLAIN];
            int64_t author = r == REL_AUTHOR ? x->m->people[x->standing][x->role][0].row : 0;
            x->ret->told[r][l] =
                    model_sees(x->v, o->audience, o->owner, author) ? MATRIX_YES : MATRIX_UNSEEN;
        }
}

void matrix_ask(matrix_world *m, const viewer *v, int standing, int role, matrix_rights *ret)
{
    for (int k = 0; k < RECORD_KINDS; k++) {
        asking x = { m, v, standing, role, k, ret };
        if (!m->kinds[k]) continue;
        matrix_must(store_write(m->w.r->store, ask_kind, &x), "asking");
        ask_told(&x, k);
    }
}
