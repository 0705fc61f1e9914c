/* record_row.c - handles to cells and back. The order of the common cells is that of COMMON in
 * tools/gen/schema.py. Owns nothing; the thread is the transaction's. */
#include "access/record_row.h"

#include "access/seal.h"

#include <endian.h>
#include <sodium.h>

static str bytes(const void *p, size_t n)
{
    return (str){ p, n };
}

static cell number(int64_t i)
{
    return (cell){ .type = CELL_I64, .i = i };
}

static cell blob(const void *p, size_t n)
{
    return (cell){ .type = CELL_BLOB, .s = bytes(p, n) };
}

static int n_common(const record_def *d)
{
    return d->has_parent ? 12 : 11;
}

int record_n_cells(const record_def *d)
{
    int n = n_common(d) + d->n_columns;
    ASSERT(n <= RECORD_CELLS);
    return n;
}

bool record_is_fixed(const record_def *d, int i)
{
    int after = d->has_parent
                        ? 6
                        : 5; /* id origin audience owner author [parent] not_before created .. */
    return i == 0 || i == 1 || i == 4 || i == after + 1 || i == after + 5;
}

static int common_cells(const record_def *d, const record_head *h, cell *c)
{
    int n = 0;
    c[n++] = blob(h->id.id.b, 16);
    c[n++] = blob(h->origin.b, 16);
    c[n++] = number(h->audience);
    c[n++] = number(h->owner);
    c[n++] = number(h->author);
    if (d->has_parent) c[n++] = number(h->parent);
    c[n++] = number(h->not_before.us);
    c[n++] = number(h->created.us);
    c[n++] = number(h->modified.us);
    c[n++] = number(h->version);
    c[n++] = (cell){ .type = CELL_TEXT, .s = h->retention };
    c[n++] = blob(h->salt, sizeof h->salt);
    return n;
}

static int take_common(const record_def *d, const cell *c, arena *a, record_head *h)
{
    int n = 0;
    memcpy(h->id.id.b, c[n++].s.p, 16);
    memcpy(h->origin.b, c[n++].s.p, 16);
    h->audience = c[n++].i;
    h->owner = c[n++].i;
    h->author = c[n++].i;
    if (d->has_parent) h->parent = c[n++].i;
    h->not_before.us = c[n++].i;
    h->created.us = c[n++].i;
    h->modified.us = c[n++].i;
    h->version = c[n++].i;
    h->retention = str_copy(a, c[n++].s);
    memcpy(h->salt, c[n++].s.p, sizeof h->salt);
    return n;
}

static void *now_of(const record_def *d, record_head *h)
{
    return (char *)h + d->now_at;
}

static str *text_at(const field *f, void *row)
{
    return (str *)(void *)((char *)row + f->offset);
}

/* ---- sealed columns ---- */

static int64_t person_of(const record_def *d, record_head *h, uint16_t i)
{
    int8_t of = d->sealed_of[i];
    if (of == SEALED_SELF) return h->row;
    ASSERT(of >= 0 && d->columns[of].type == FIELD_I64);
    return *(const int64_t *)(const void *)((const char *)now_of(d, h) + d->columns[of].offset);
}

static err seal_column(
        txn *t, const record_def *d, record_head *h, const record_head *old, uint16_t i)
{
    const field *f = &d->columns[i];
    str plain = *text_at(f, now_of(d, h));
    if (old && old->ciphers &&
            str_eq(plain, *text_at(f, now_of(d, (record_head *)(uintptr_t)old)))) {
        h->ciphers[i] = old->ciphers[i];
        return OK;
    }
    if (f->nullable && !plain.p) {
        h->ciphers[i] = (str){ 0 };
        return OK;
    }
    seal_place at = { d->name, f->name, h->id.id };
    return seal_text(t, person_of(d, h, i), &at, plain, &h->ciphers[i]);
}

static err seal_all(txn *t, const record_def *d, record_head *h, const record_head *old)
{
    if (!d->sealed_of) return OK;
    h->ciphers = NEW_ARRAY(txn_arena(t), str, d->n_columns);
    for (uint16_t i = 0; i < d->n_columns; i++)
        if (d->sealed_of[i] != SEALED_NOT) TRY(seal_column(t, d, h, old, i));
    return OK;
}

err record_open(txn *t, const record_def *d, record_head *h)
{
    for (uint16_t i = 0; d->sealed_of && i < d->n_columns; i++) {
        bool lost;
        if (d->sealed_of[i] == SEALED_NOT || !h->ciphers[i].p) continue;
        seal_place at = { d->name, d->columns[i].name, h->id.id };
        str *plain = text_at(&d->columns[i], now_of(d, h));
        TRY(open_text(t, person_of(d, h, i), &at, h->ciphers[i], plain, &lost));
        h->sealed_lost |= lost;
    }
    return OK;
}

/* ---- all of it ---- */

err record_cells(txn *t, const record_def *d, record_head *h, const record_head *old, cell *ret)
{
    int n = common_cells(d, h, ret);
    TRY(seal_all(t, d, h, old));
    for (uint16_t i = 0; i < d->n_columns; i++) {
        const field *f = &d->columns[i];
        ret[n] = field_cell(f, now_of(d, h));
        if (f->type == FIELD_SEALED)
            ret[n] = h->ciphers[i].p ? (cell){ .type = CELL_BLOB, .s = h->ciphers[i] }
                                     : (cell){ .type = CELL_NULL };
        n++;
    }
    return OK;
}

/* The members every draft begins with, as the row has them. */
static void take_draft_common(const record_head *h, record_draft *now)
{
    now->owner = h->owner;
    now->audience = h->audience;
    now->parent = h->parent;
    now->not_before = h->not_before;
    now->retention = h->retention;
}

void record_take(txn *t, const record_def *d, const cell *row, record_head *h)
{
    arena *a = txn_arena(t);
    h->magic = RECORD_MAGIC;
    h->kind = d->kind;
    h->row = row[0].i;
    int n = 1 + take_common(d, row + 1, a, h);
    take_draft_common(h, now_of(d, h));
    if (d->sealed_of) h->ciphers = NEW_ARRAY(a, str, d->n_columns);
    for (uint16_t i = 0; i < d->n_columns; i++, n++) {
        field_take(&d->columns[i], now_of(d, h), &row[n], a);
        if (d->columns[i].type != FIELD_SEALED) continue;
        str *text = text_at(&d->columns[i], now_of(d, h));
        h->ciphers[i] = *text;
        *text = (str){ 0 };
    }
}

void record_copy(txn *t, const record_def *d, record_head *h, const void *draft)
{
    void *now = now_of(d, h);
    memcpy(now, draft, d->draft_size);
    take_draft_common(h, now);
    for (uint16_t i = 0; i < d->n_columns; i++) {
        const field *f = &d->columns[i];
        if (f->type < FIELD_TEXT || f->type == FIELD_ID || f->type == FIELD_TIME) continue;
        str *text = text_at(f, now);
        if (text->n) *text = str_copy(txn_arena(t), *text);
    }
}

/* ---- the digest ---- */

static void hash_u64(crypto_hash_sha256_state *c, uint64_t u)
{
    uint64_t be = htobe64(u);
    crypto_hash_sha256_update(c, (const uint8_t *)&be, sizeof be);
}

static void hash_text(crypto_hash_sha256_state *c, str s)
{
    hash_u64(c, s.n);
    if (s.n) crypto_hash_sha256_update(c, (const uint8_t *)s.p, s.n);
}

/* Each cell as its type's byte, then eight bytes big-endian, or the length and the bytes. */
static void hash_cell(crypto_hash_sha256_state *c, const cell *v)
{
    uint8_t type = (uint8_t)v->type;
    uint64_t u;
    crypto_hash_sha256_update(c, &type, 1);
    switch (v->type) {
    case CELL_NULL:
        return;
    case CELL_F64:
        memcpy(&u, &v->f, sizeof u);
        hash_u64(c, u);
        return;
    case CELL_TEXT:
    case CELL_BLOB:
        hash_text(c, v->s);
        return;
    default:
        hash_u64(c, (uint64_t)v->i);
    }
}

/* What an older version's cell says of a column that came later. */
static bool is_blank(const cell *v, uint8_t added)
{
    if (v->type == CELL_NULL || added == ADDED_NULL) return v->type == CELL_NULL;
    if (v->type == CELL_TEXT || v->type == CELL_BLOB) return !v->s.n;
    return v->type == CELL_F64 ? v->f == 0 : !v->i;
}

/* The columns that came later, by name, behind all others. */
static void hash_added(crypto_hash_sha256_state *c, const record_def *d, const cell *own)
{
    for (uint16_t i = 0; i < d->n_columns; i++) {
        if (!d->added[i] || is_blank(&own[i], d->added[i])) continue;
        hash_text(c, str_of(d->columns[i].name));
        hash_cell(c, &own[i]);
    }
}

void record_hash(const record_def *d, const cell *cells, uint8_t ret[32])
{
    crypto_hash_sha256_state c;
    int common = n_common(d), salt = common - 1, version = salt - 2, n = record_n_cells(d);
    crypto_hash_sha256_init(&c);
    hash_text(&c, cells[salt].s);
    hash_text(&c, str_of(d->name));
    hash_u64(&c, (uint64_t)cells[version].i);
    for (int i = 0; i < n; i++)
        if (i != salt && !(i >= common && d->added && d->added[i - common]))
            hash_cell(&c, &cells[i]);
    if (d->added) hash_added(&c, d, cells + common);
    crypto_hash_sha256_final(&c, ret);
}
