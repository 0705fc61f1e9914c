/* record.c - records behind checked handles: the one way in which a record is made or changed.
 * Owns nothing; the thread is the transaction's. Which rows there are and what the see clause says
 * is the generated statements'; who may write is model.c's. */
#include "access/record_row.h"

#include "access/delegate.h"
#include "access/index.h"
#include "access/seal.h"

#include <sodium.h>

/* ---- the viewer's parameters ---- */

static cell list_cell(const int64_t *list, size_t n)
{
    return (cell){ .type = CELL_LIST, .s = { (const char *)list, n * sizeof *list } };
}

void viewer_bind(const viewer *v, cell in[VIEWER_CELLS])
{
    const sight *s = &v->sight;
    int64_t none = -1; /* no organisation and no person has this row */
    in[0] = (cell){ .type = CELL_I64, .i = s->org ? s->org : none };
    in[1] = (cell){ .type = CELL_I64, .i = s->provider ? s->provider : none };
    in[2] = (cell){ .type = CELL_I64, .i = s->person ? s->person : none };
    in[3] = (cell){ .type = CELL_BOOL, .i = s->community };
    in[4] = (cell){ .type = CELL_BOOL, .i = !s->nothing };
    in[5] = (cell){ .type = CELL_I64, .i = s->now.us };
    in[6] = list_cell(s->audiences, s->n_audiences);
    in[7] = list_cell(s->glass, sight_over(s, s->now) ? 0 : s->n_glass);
    in[8] = list_cell(s->kept, permit_keeps(v));
#ifdef MINAR_FAULTS
    in[9] = (cell){ .type = CELL_I64, .i = seeded_clauses() };
#endif
}

/* ---- reading ---- */

typedef struct {
    txn *t;
    const record_def *d;
    record_head *h;
} fetch;

static err fetch_row(void *ctx, const cell *out)
{
    fetch *f = ctx;
    f->h = arena_alloc(txn_arena(f->t), f->d->handle_size);
    record_take(f->t, f->d, out, f->h);
    return OK;
}

int64_t record_about(const record_def *d, int64_t row, const void *draft)
{
    switch (d->about) {
    case ABOUT_ROW:
        return row;
    case ABOUT_OWNER:
        return ((const record_draft *)draft)->owner;
    case ABOUT_COLUMN:
        return *(const int64_t *)(const void *)((const char *)draft + d->about_at);
    case ABOUT_NOBODY:
        break;
    }
    return 0;
}

static int64_t about_of(const record_def *d, const record_head *h)
{
    return record_about(d, h->row, (const char *)h + d->now_at);
}

/* Broken glass lets one read and never write: the label itself must let in who changes a record. */
static err glass_only(const viewer *v, const record_def *d, const record_head *h)
{
    if (v->system || SEEDED(hold_unseen) || permit_delegated(v, about_of(d, h))) return OK;
    if (model_sees(v, h->audience, h->owner, h->author)) return OK;
    return ERR1(E_DENIED, "error.access.glass_reads", str_of(d->name));
}

static err may_hold(const viewer *v, const record_def *d, const record_head *h)
{
    TRY(permit_write(v, d->kind, h->owner, about_of(d, h)));
    return glass_only(v, d, h);
}

static err get(txn *t, const viewer *v, const record_def *d, record_use use, const stmt_def *s,
        cell key, const void **ret)
{
    cell in[1 + VIEWER_CELLS] = { key };
    fetch f = { t, d, NULL };
    if (!v->system) viewer_bind(v, in + 1);
    TRY(stmt_run(t, s, 0, in, fetch_row, &f, NULL));
    if (!f.h) return ERR1(E_ABSENT, "error.access.absent", str_of(d->name));
    ASSERT(use != RECORD_HOLD || txn_writes(t));
    if (use != RECORD_READ) TRY(may_hold(v, d, f.h));
    f.h->held = use == RECORD_HOLD;
    TRY(record_open(t, d, f.h));
    *ret = f.h;
    return OK;
}

err record_get(
        txn *t, const viewer *v, const record_def *d, record_use use, id128 id, const void **ret)
{
    cell key = { .type = CELL_BLOB, .s = { (const char *)id.b, sizeof id.b } };
    bool any = v->system || (SEEDED(hold_unseen) && use == RECORD_HOLD);
    return get(t, v, d, use, any ? d->by_id : d->id_seen, key, ret);
}

err record_get_row(
        txn *t, const viewer *v, const record_def *d, record_use use, int64_t row, const void **ret)
{
    cell key = { .type = CELL_I64, .i = row };
    return get(t, v, d, use, v->system ? d->by_row : d->row_seen, key, ret);
}

const record_def *record_kind_named(str kind)
{
    for (int i = 0; i < RECORD_KINDS; i++)
        if (str_eq(kind, str_of(record_defs[i]->name))) return record_defs[i];
    return NULL;
}

const record_def *record_part_kind(str kind)
{
    const record_def *d = record_kind_named(kind);
    return d && d->has_parent ? d : NULL;
}

static err saw_row(void *ctx, const cell *out)
{
    (void)out;
    *(bool *)ctx = true;
    return OK;
}

err record_part_seen(txn *t, const viewer *v, const record_def *d, id128 subject, bool *ret)
{
    cell in[1 + VIEWER_CELLS] = { { .type = CELL_BLOB,
            .s = { (const char *)subject.b, sizeof subject.b } } };
    ASSERT(d->has_parent);
    *ret = v->system;
    if (v->system) return OK;
    viewer_bind(v, in + 1);
    return stmt_run(t, d->id_seen, 0, in, saw_row, ret, NULL);
}

/* ---- writing ---- */

/* Faults: a change of who may see what that nobody is told of. */
static bool forgets_to_raise(record_kind kind)
{
    return (SEEDED(stale_group) && kind == RECORD_sharing_group) ||
           (SEEDED(stale_person) && kind == RECORD_person) ||
           (SEEDED(stale_organisation) && kind == RECORD_organisation) ||
           (SEEDED(stale_key) && kind == RECORD_api_key);
}

/* An entry of a deputy's says for whom; one of who administers another organisation, from where. */
static str for_whom(txn *t, const viewer *v, int64_t about)
{
    jsonw w;
    if (!v->stands_for) return delegate_mark(t, v, about);
    w = jsonw_new(txn_arena(t), 64);
    jw_obj(&w);
    jw_kid(&w, "for", v->stands_for_id);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

static err append(txn *t, const viewer *v, const record_def *d, const record_head *h,
        const cell *cells, ledger_type entry)
{
    uint8_t digest[32];
    if (d->raises_epoch && !forgets_to_raise(d->kind))
        d->kind == RECORD_sharing_group ? txn_raise_sights(t) : txn_raise_epoch(t);
    if (entry == LEDGER_NONE) return OK;
    record_hash(d, cells, digest);
    return ledger_append(t, &(ledger_draft){ .type = entry,
                                    .at = h->modified,
                                    .kind = str_of(d->name),
                                    .subject = h->id.id,
                                    .version = h->version,
                                    .digest = digest,
                                    .audience = h->audience,
                                    .owner = h->owner,
                                    .author = v->person,
                                    .more = for_whom(t, v, about_of(d, h)) });
}

static void take_draft(txn *t, const record_def *d, record_head *h, const void *draft)
{
    const record_draft *common = draft;
    ASSERT(common->owner > 0 && common->audience > 0 && (common->parent != 0) == d->has_parent);
    h->owner = common->owner;
    h->audience = common->audience;
    h->parent = common->parent;
    h->not_before = common->not_before;
    h->retention = common->retention.n ? str_copy(txn_arena(t), common->retention) : S("standard");
    record_copy(t, d, h, draft);
}

static record_head *new_head(txn *t, const viewer *v, const record_def *d)
{
    record_head *h = arena_alloc(txn_arena(t), d->handle_size);
    h->magic = RECORD_MAGIC;
    h->kind = d->kind;
    h->held = true;
    h->id.id = id_new();
    h->origin = store_instance(txn_store(t));
    h->author = v->person;
    h->created = h->modified = txn_now(t);
    h->version = 1;
    randombytes_buf(h->salt, sizeof h->salt);
    return h;
}

static err take_row(void *ctx, const cell *out)
{
    *(int64_t *)ctx = out[0].i;
    return OK;
}

/* Sealed columns need their row, and the key of the person it is, before the insert. */
static err row_before(txn *t, const record_def *d, record_head *h)
{
    if (!d->next) return OK;
    TRY(stmt_run(t, d->next, 0, NULL, take_row, &h->row, NULL));
    for (uint16_t i = 0; i < d->n_columns; i++)
        if (d->sealed_of[i] == SEALED_SELF) return seal_new_key(t, h->row);
    return OK;
}

const record_def *record_whole(const record_def *d, const void *draft)
{
    str kind = d->parent ? str_of(d->parent) : *(const str *)((const char *)draft + d->whole_at);
    ASSERT(d->has_parent);
    return record_kind_named(kind);
}

/* A part of what one does not see is not made; who sees the whole may make one for its owner, where
 * the table says so. */
static err may_insert(txn *t, const viewer *v, const record_def *d, const void *draft)
{
    const record_draft *common = draft;
    const void *whole;
    if (v->system || !d->has_parent)
        return permit_create(v, d->kind, common->owner, record_about(d, 0, draft));
    const record_def *up = record_whole(d, draft);
    ASSERT(up);
    TRY(record_get_row(t, v, up, RECORD_READ, common->parent, &whole));
    TRY(glass_only(v, up, whole));
    return permit_create_part(v, d->kind, common->owner, ((const record_head *)whole)->owner);
}

err record_insert(txn *t, const viewer *v, const record_def *d, const void *draft,
        ledger_type entry, const void **ret)
{
    cell cells[1 + RECORD_CELLS];
    ASSERT(txn_writes(t));
    TRY(may_insert(t, v, d, draft));
    record_head *h = new_head(t, v, d);
    take_draft(t, d, h, draft);
    TRY(row_before(t, d, h));
    cells[0] = (cell){ .type = CELL_I64, .i = h->row };
    TRY(record_cells(t, d, h, NULL, cells + 1));
    TRY(stmt_run(t, d->insert, 0, d->next ? cells : cells + 1, take_row, &h->row, NULL));
    TRY(index_put(t, d, h, NULL));
    TRY(append(t, v, d, h, cells + 1, entry));
    *ret = h;
    return OK;
}

/* The cells of UPDATE: those that may change, then the row and version that were held. */
static void update_cells(const record_def *d, const record_head *old, const cell *all, cell *in)
{
    int n = 0, total = record_n_cells(d);
    for (int i = 0; i < total; i++)
        if (!record_is_fixed(d, i)) in[n++] = all[i];
    in[n++] = (cell){ .type = CELL_I64, .i = old->row };
    in[n] = (cell){ .type = CELL_I64, .i = old->version };
}

static err changed_once(const record_def *d, int64_t changed)
{
    return changed == 1 ? OK : ERR1(E_CONFLICT, "error.access.changed", str_of(d->name));
}

static err write_next(txn *t, const record_def *d, const record_head *old, const cell *all)
{
    cell in[RECORD_CELLS + 2];
    cell held[2] = { { .type = CELL_I64, .i = old->row }, { .type = CELL_I64, .i = old->version } };
    int64_t changed = 0;
    TRY(stmt_run(t, d->keep, 0, held, NULL, NULL, &changed));
    TRY(changed_once(d, changed));
    update_cells(d, old, all, in);
    TRY(stmt_run(t, d->update, 0, in, NULL, NULL, &changed));
    return changed_once(d, changed);
}

err record_save(txn *t, const viewer *v, const record_def *d, const void *handle,
        const void *changed, ledger_type entry)
{
    cell cells[RECORD_CELLS];
    record_head *old = (record_head *)(uintptr_t)handle; /* ours: made here, in t's arena */
    ASSERT(old->magic == RECORD_MAGIC && old->kind == d->kind && old->held && txn_writes(t));
    const record_draft *common = changed;
    int64_t about = record_about(d, old->row, changed);
    if (common->owner != old->owner || about != about_of(d, old))
        TRY(permit_create(v, d->kind, common->owner, about));
    record_head *h = arena_alloc(txn_arena(t), d->handle_size);
    memcpy(h, old, d->handle_size);
    take_draft(t, d, h, changed);
    h->version = old->version + 1;
    h->modified = txn_now(t).us > old->modified.us ? txn_now(t) : old->modified;
    TRY(record_cells(t, d, h, old, cells));
    TRY(write_next(t, d, old, cells));
    TRY(index_put(t, d, h, (const char *)old + d->now_at));
    TRY(append(t, v, d, h, cells, entry));
    memcpy(old, h, d->handle_size);
    return OK;
}

/* ---- JSON ---- */

void record_json(jsonw *w, const record_def *d, const void *handle)
{
    const record_head *h = handle;
    const void *now = (const char *)handle + d->now_at;
    ASSERT(h->magic == RECORD_MAGIC);
    jw_obj(w);
    jw_kid(w, "id", h->id.id);
    for (uint16_t i = 0; i < d->n_columns; i++) {
        if (d->columns[i].type == FIELD_SEALED) continue;
        jw_key(w, str_of(d->columns[i].name));
        field_json(w, &d->columns[i], now);
    }
    jw_ktime(w, "created", h->created);
    jw_ktime(w, "modified", h->modified);
    jw_ki64(w, "version", h->version);
    jw_end_obj(w);
}
