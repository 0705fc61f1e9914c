/* pdf.c - draws what pdf_place.c has placed, page by page, into memory. See pdf.h. */
#include "base/time.h"
#include "render/pdf_in.h"
#include <cairo-pdf.h>

/* ---- limits ---- */

static bool text_fits(str s)
{
    return s.n <= DOC_TEXT_MAX && (!s.n || str_is_utf8(s));
}

static bool block_fits(const doc_block *b)
{
    bool table = b->kind == DOC_TABLE;
    if (b->kind >= DOC_KINDS || b->l >= LANGS || b->n_cells > DOC_CELLS_MAX) return false;
    if (b->n < 0 || b->n > (table ? DOC_COLUMNS_MAX : 1000) || (table && !b->n)) return false;
    if (b->kind == DOC_QR && (!b->n_cells || !b->cells[0].n || b->cells[0].n > DOC_QR_MAX))
        return false;
    for (size_t i = 0; i < b->n_cells; i++)
        if (!text_fits(b->cells[i])) return false;
    return true;
}

bool doc_fits(const doc *d)
{
    bool good = d->n <= DOC_BLOCKS_MAX && text_fits(d->title) && text_fits(d->author) &&
                text_fits(d->mark) && text_fits(d->foot);
    for (size_t i = 0; good && i < d->n; i++)
        good = block_fits(&d->blocks[i]);
    return good;
}

/* ---- drawing ---- */

static const double inks[INKS][3] = {
    [INK_TEXT] = { 0.07, 0.11, 0.15 },
    [INK_SOFT] = { 0.29, 0.34, 0.40 },
    [INK_LINE] = { 0.80, 0.83, 0.86 },
    [INK_ACCENT] = { 0.043, 0.365, 0.341 },
    [INK_WHITE] = { 1, 1, 1 },
    [INK_ALARM] = { 0.706, 0.137, 0.094 },
    [INK_GROUND] = { 0.93, 0.95, 0.96 },
};

static void dip(cairo_t *c, pdf_ink ink)
{
    cairo_set_source_rgb(c, inks[ink][0], inks[ink][1], inks[ink][2]);
}

typedef struct {
    cairo_t *c;
    const pdf_mark *m;
} squares;

static void draw_run(void *ctx, int x, int y, int n, int size)
{
    squares *s = ctx;
    double one = s->m->w / size;
    cairo_rectangle(s->c, s->m->x + x * one, s->m->y + y * one, n * one, one);
}

static void draw(cairo_t *c, arena *a, const pdf_mark *m)
{
    dip(c, m->ink);
    if (m->kind == MARK_LINE) {
        cairo_move_to(c, m->x, m->y);
        pango_cairo_show_layout_line(c, m->line);
    } else if (m->kind == MARK_BOX) {
        cairo_rectangle(c, m->x, m->y, m->w, m->h);
        cairo_fill(c);
    } else {
        squares s = { c, m };
        (void)pdf_qr(a, m->text, draw_run, &s);
        cairo_fill(c);
    }
}

/* FIRST, TLP 2.0: the label in its colour on black, on each page. */
static void mark_ink(cairo_t *c, str mark)
{
    if (str_ends(mark, S("RED")))
        cairo_set_source_rgb(c, 1, 0x2b / 255.0, 0x2b / 255.0);
    else if (str_ends(mark, S("GREEN")))
        cairo_set_source_rgb(c, 0x33 / 255.0, 1, 0);
    else if (str_ends(mark, S("CLEAR")))
        cairo_set_source_rgb(c, 1, 1, 1);
    else
        cairo_set_source_rgb(c, 1, 0xc0 / 255.0, 0);
}

static void draw_label(pdf_place *p, cairo_t *c, const doc *d, double y)
{
    PangoLayout *x = pdf_layout(p, LANG_EN, FACE_CELL_BOLD, str_cat(p->a, S("TLP:"), d->mark), -1);
    PangoRectangle r;
    pango_layout_get_extents(x, NULL, &r);
    double w = (double)r.width / PANGO_SCALE, left = p->width - PDF_SIDE - w - 12;
    cairo_set_source_rgb(c, 0, 0, 0);
    cairo_rectangle(c, left, y, w + 12, pdf_layout_height(x) + 4);
    cairo_fill(c);
    mark_ink(c, d->mark);
    cairo_move_to(c, left + 6, y + 2);
    pango_cairo_show_layout(c, x);
}

static void draw_frame(pdf_place *p, cairo_t *c, const doc *d, int32_t page, int32_t pages)
{
    str words = str_fmt(p->a, "%.*s%s%d / %d", STR_ARG(d->foot), d->foot.n ? "   \u00b7   " : "",
            page + 1, pages);
    if (d->mark.n) {
        draw_label(p, c, d, 26);
        draw_label(p, c, d, p->height - 46);
    }
    dip(c, INK_SOFT);
    cairo_move_to(c, PDF_SIDE, p->height - 43);
    pango_cairo_show_layout(c, pdf_layout(p, LANG_EN, FACE_SMALL, words, -1));
}

static void draw_all(pdf_place *p, cairo_surface_t *to, const doc *d)
{
    cairo_t *c = cairo_create(to);
    size_t at = 0;
    for (int32_t page = 0; page <= p->page; page++) {
        draw_frame(p, c, d, page, p->page + 1);
        for (; at < p->n && p->marks[at].page == page; at++)
            draw(c, p->a, &p->marks[at]);
        cairo_show_page(c);
    }
    cairo_destroy(c);
}

static cairo_status_t take(void *ctx, const unsigned char *p, unsigned n)
{
    buf_put(ctx, (str){ (const char *)p, n });
    return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *surface_of(buf *to, const pdf_place *p, const doc *d)
{
    arena *a = to->a;
    cairo_surface_t *s = cairo_pdf_surface_create_for_stream(take, to, p->width, p->height);
    const char *made = str_z(a, instant_text(a, (instant){ d->made.us / US_PER_S * US_PER_S }));
    cairo_pdf_surface_restrict_to_version(s, CAIRO_PDF_VERSION_1_5);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_TITLE, str_z(a, d->title));
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_AUTHOR, str_z(a, d->author));
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATOR, "Minar");
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE, made);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_MOD_DATE, made);
    return s;
}

static err draw_pages(pdf_place *p, const doc *d, str *ret)
{
    buf b = buf_new(p->a, 65536);
    cairo_surface_t *s = surface_of(&b, p, d);
    draw_all(p, s, d);
    cairo_surface_finish(s);
    bool good = cairo_surface_status(s) == CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(s);
    *ret = buf_str(&b);
    return good ? OK : ERR(E_BUG, "error.pdf.doc");
}

err pdf_make(pdf_fonts *f, const doc *d, int64_t until_us, arena *a, str *ret)
{
    pdf_place p = { .a = a,
        .fonts = f,
        .width = d->wide ? PDF_LONG : PDF_SHORT,
        .height = d->wide ? PDF_SHORT : PDF_LONG,
        .layouts = g_ptr_array_new_with_free_func(g_object_unref),
        .until_us = until_us };
    err e = doc_fits(d) ? pdf_place_blocks(&p, d) : ERR(E_INVALID, "error.pdf.doc");
    if (!failed(e)) e = draw_pages(&p, d, ret);
    g_ptr_array_free(p.layouts, TRUE);
    return e;
}
