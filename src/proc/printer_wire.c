/* printer_wire.c - a doc as fields, checked where it is read. */
#include "proc/printer_wire.h"

void printer_put_doc(buf *b, const doc *d)
{
    field_put_str(b, d->title);
    field_put_str(b, d->author);
    field_put_str(b, d->mark);
    field_put_str(b, d->foot);
    field_put_i64(b, d->made.us);
    field_put_i64(b, (int64_t)d->n);
    for (size_t i = 0; i < d->n; i++) {
        const doc_block *x = &d->blocks[i];
        field_put_i64(b, x->kind);
        field_put_i64(b, x->l);
        field_put_i64(b, x->n);
        field_put_i64(b, (int64_t)x->n_cells);
        for (size_t k = 0; k < x->n_cells; k++)
            field_put_str(b, x->cells[k]);
    }
    if (d->wide) field_put_i64(b, 1); /* at the end: docs are kept, and read by other versions */
}

static void get_block(arena *a, fields *f, doc_block *x)
{
    x->kind = (doc_kind)field_i64(f, 0, DOC_KINDS - 1);
    x->l = (lang)field_i64(f, 0, LANGS - 1);
    x->n = field_i64(f, 0, 1000);
    x->n_cells = (size_t)field_i64(f, 0, DOC_CELLS_MAX);
    if (x->n_cells > f->rest.n) f->bad = true; /* more than there can be */
    if (f->bad) return;
    str *cells = NEW_ARRAY(a, str, x->n_cells + 1);
    for (size_t k = 0; k < x->n_cells && !f->bad; k++)
        cells[k] = field_str(f, DOC_TEXT_MAX);
    x->cells = cells;
}

bool printer_get_doc(arena *a, str payload, doc *ret)
{
    fields f = { .rest = payload };
    doc d = { .title = field_str(&f, DOC_TEXT_MAX) };
    d.author = field_str(&f, DOC_TEXT_MAX);
    d.mark = field_str(&f, DOC_TEXT_MAX);
    d.foot = field_str(&f, DOC_TEXT_MAX);
    d.made.us = field_i64(&f, 0, INT64_C(253402300799) * US_PER_S);
    d.n = (size_t)field_i64(&f, 0, DOC_BLOCKS_MAX);
    doc_block *blocks = NEW_ARRAY(a, doc_block, d.n + 1);
    for (size_t i = 0; i < d.n && !f.bad; i++)
        get_block(a, &f, &blocks[i]);
    d.blocks = blocks;
    d.wide = !f.bad && f.rest.n && field_i64(&f, 1, 1);
    *ret = d;
    return fields_end(&f);
}
