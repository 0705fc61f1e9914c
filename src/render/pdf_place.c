/* pdf_place.c - where everything of a doc stands: each block is laid out by Pango in its language's
 * direction and put below the one before, line by line, on as many pages as it takes.
 * See pdf_in.h. */
#include "base/time.h"
#include "render/pdf_in.h"

enum { GAP = 7, CELL_PAD = 4, QR_SIDE = 92 };
#define INNER (p->width - 2 * PDF_SIDE)
#define FLOOR (p->height - PDF_BOTTOM)

/* ---- type ---- */

/* Urdu in running text is Nastaliq; in tables and small print Naskh, which needs half the height.
 */
static const char *const face_names[FACES][LANGS] = {
    [FACE_TEXT] = { "Noto Sans 10", "Noto Nastaliq Urdu, Noto Sans 10.5" },
    [FACE_BOLD] = { "Noto Sans Bold 10", "Noto Nastaliq Urdu, Noto Sans Bold 10.5" },
    [FACE_SMALL] = { "Noto Sans 8", "Noto Naskh Arabic, Noto Sans 8.5" },
    [FACE_CELL] = { "Noto Sans 9", "Noto Naskh Arabic, Noto Sans 9.5" },
    [FACE_CELL_BOLD] = { "Noto Sans Bold 9", "Noto Naskh Arabic, Noto Sans Bold 9.5" },
    [FACE_HEAD_1] = { "Noto Sans Bold 13", "Noto Nastaliq Urdu, Noto Sans Bold 13" },
    [FACE_HEAD_2] = { "Noto Sans Bold 10.5", "Noto Nastaliq Urdu, Noto Sans Bold 11" },
    [FACE_NAME] = { "Noto Sans Bold 14", "Noto Nastaliq Urdu, Noto Sans Bold 14" },
};

PangoLayout *pdf_layout(pdf_place *p, lang l, pdf_face face, str text, double width)
{
    PangoLayout *x = pango_layout_new(p->fonts->context[l]);
    PangoFontDescription *d = pango_font_description_from_string(face_names[face][l]);
    pango_layout_set_font_description(x, d);
    pango_font_description_free(d);
    pango_layout_set_auto_dir(x, FALSE);
    pango_layout_set_alignment(x, l == LANG_UR ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
    pango_layout_set_wrap(x, PANGO_WRAP_WORD_CHAR);
    if (width >= 0) pango_layout_set_width(x, (int)(width * PANGO_SCALE));
    pango_layout_set_text(x, text.p ? text.p : "", (int)text.n);
    g_ptr_array_add(p->layouts, x);
    return x;
}

double pdf_layout_height(PangoLayout *x)
{
    PangoRectangle r;
    pango_layout_get_extents(x, NULL, &r);
    return (double)r.height / PANGO_SCALE;
}

/* ---- marks ---- */

void pdf_put(pdf_place *p, pdf_mark m)
{
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 256;
        p->marks = arena_extend(p->a, p->marks, p->cap * sizeof *p->marks, cap * sizeof *p->marks);
        p->cap = cap;
    }
    p->marks[p->n++] = m;
}

static void put_line(pdf_place *p, PangoLayoutIter *i, pdf_ink ink, double left, double baseline)
{
    PangoRectangle r;
    pango_layout_iter_get_line_extents(i, NULL, &r);
    pdf_put(p, (pdf_mark){ .kind = MARK_LINE,
                       .page = p->page,
                       .ink = ink,
                       .x = left + (double)r.x / PANGO_SCALE,
                       .y = baseline,
                       .line = pango_layout_iter_get_line_readonly(i) });
}

void pdf_put_layout(pdf_place *p, PangoLayout *x, pdf_ink ink, double left, double top)
{
    PangoLayoutIter *i = pango_layout_get_iter(x);
    do
        put_line(p, i, ink, left, top + (double)pango_layout_iter_get_baseline(i) / PANGO_SCALE);
    while (pango_layout_iter_next_line(i));
    pango_layout_iter_free(i);
}

static void put_box(pdf_place *p, pdf_ink ink, double x, double y, double w, double h)
{
    pdf_put(p, (pdf_mark){ .kind = MARK_BOX,
                       .page = p->page,
                       .ink = ink,
                       .x = x,
                       .y = y,
                       .w = w,
                       .h = h });
}

/* ---- pages ---- */

static void next_page(pdf_place *p)
{
    p->page++;
    p->y = PDF_TOP;
}

static void need(pdf_place *p, double height)
{
    if (p->y + height > FLOOR && p->y > PDF_TOP) next_page(p);
}

/* ---- blocks ---- */

static str cell(const doc_block *b, size_t i)
{
    return i < b->n_cells ? b->cells[i] : (str){ 0 };
}

/* A paragraph breaks between its lines. bar: one beside it, on the side where it begins. */
static void put_paragraph(pdf_place *p, const doc_block *b, pdf_face face, pdf_ink ink, bool bar)
{
    double inset = bar ? 12 : 0, left = PDF_SIDE + (b->l == LANG_UR ? 0 : inset);
    PangoLayout *x = pdf_layout(p, b->l, face, cell(b, 0), INNER - inset);
    PangoLayoutIter *i = pango_layout_get_iter(x);
    do {
        PangoRectangle r;
        pango_layout_iter_get_line_extents(i, NULL, &r);
        double height = (double)r.height / PANGO_SCALE;
        need(p, height);
        double up = (double)(pango_layout_iter_get_baseline(i) - r.y) / PANGO_SCALE;
        put_line(p, i, ink, left, p->y + up);
        if (bar)
            put_box(p, INK_ACCENT, b->l == LANG_UR ? p->width - PDF_SIDE - 3 : PDF_SIDE, p->y, 3,
                    height);
        p->y += height;
    } while (pango_layout_iter_next_line(i));
    pango_layout_iter_free(i);
    p->y += face == FACE_SMALL ? GAP - 3 : GAP;
}

static void put_heading(pdf_place *p, const doc_block *b)
{
    need(p, 70); /* not alone at a page's foot */
    put_paragraph(
            p, b, b->n == 1 ? FACE_HEAD_1 : FACE_HEAD_2, b->n == 1 ? INK_TEXT : INK_ACCENT, false);
}

typedef struct {
    double left[DOC_COLUMNS_MAX], width[DOC_COLUMNS_MAX];
    size_t n;
} columns;

/* As wide as the widest words that each has. */
static void measure(pdf_place *p, const doc_block *b, columns *c)
{
    c->n = (size_t)b->n;
    for (size_t i = 0; i < c->n; i++)
        c->width[i] = 24;
    for (size_t i = 0; i < b->n_cells && i < 60 * c->n; i++) {
        PangoRectangle r;
        pango_layout_get_extents(pdf_layout(p, b->l, FACE_CELL_BOLD, b->cells[i], -1), NULL, &r);
        double w = (double)r.width / PANGO_SCALE + 2 * CELL_PAD;
        if (w > c->width[i % c->n]) c->width[i % c->n] = w;
    }
}

/* How wide a column may be at most, so that all have room: what the narrow ones leave, shared by
 * the wide ones. Each turn takes those for narrow that fit below the last answer. */
static double widest(const columns *c, double room)
{
    double most = room / (double)c->n;
    for (size_t turn = 0; turn < c->n; turn++) {
        double left = room;
        size_t wide = 0;
        for (size_t i = 0; i < c->n; i++) {
            wide += c->width[i] > most;
            left -= c->width[i] > most ? 0 : c->width[i];
        }
        if (!wide) return room;
        most = left / (double)wide;
    }
    return most;
}

/* The narrow keep their width; what is missing the wide ones lose, what is left over all gain. */
static void share_out(pdf_place *p, columns *c, lang l)
{
    double most = widest(c, INNER), sum = 0, at = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (c->width[i] > most) c->width[i] = most;
        sum += c->width[i];
    }
    for (size_t i = 0; i < c->n; i++) {
        c->width[i] *= INNER / sum;
        c->left[i] = l == LANG_UR ? p->width - PDF_SIDE - at - c->width[i] : PDF_SIDE + at;
        at += c->width[i];
    }
}

static void put_row(pdf_place *p, const doc_block *b, const columns *c, size_t row)
{
    PangoLayout *x[DOC_COLUMNS_MAX];
    double height = 0;
    for (size_t i = 0; i < c->n; i++) {
        x[i] = pdf_layout(p, b->l, row ? FACE_CELL : FACE_CELL_BOLD, cell(b, row * c->n + i),
                c->width[i] - 2 * CELL_PAD);
        double h = pdf_layout_height(x[i]) + 2 * CELL_PAD;
        if (h > height) height = h;
    }
    need(p, height);
    if (!row) put_box(p, INK_GROUND, PDF_SIDE, p->y, INNER, height);
    for (size_t i = 0; i < c->n; i++)
        pdf_put_layout(p, x[i], row ? INK_TEXT : INK_SOFT, c->left[i] + CELL_PAD, p->y + CELL_PAD);
    p->y += height;
    put_box(p, INK_LINE, PDF_SIDE, p->y, INNER, 0.6);
}

/* The head stands again on each page. */
static void put_table(pdf_place *p, const doc_block *b)
{
    columns c;
    measure(p, b, &c);
    share_out(p, &c, b->l);
    size_t rows = (b->n_cells + c.n - 1) / c.n;
    need(p, 60);
    for (size_t i = 0; i < rows; i++) {
        int32_t before = p->page;
        put_row(p, b, &c, i);
        if (i && p->page != before && i + 1 < rows) put_row(p, b, &c, 0);
    }
    p->y += GAP + 2;
}

#define LABEL_WIDTH 118.0
static void put_facts(pdf_place *p, const doc_block *b)
{
    double w = INNER - LABEL_WIDTH;
    bool right = b->l == LANG_UR;
    for (size_t i = 0; i + 1 < b->n_cells; i += 2) {
        PangoLayout *k = pdf_layout(p, b->l, FACE_CELL, b->cells[i], LABEL_WIDTH - 8);
        PangoLayout *v = pdf_layout(p, b->l, FACE_CELL_BOLD, b->cells[i + 1], w);
        double hk = pdf_layout_height(k), hv = pdf_layout_height(v), h = hk > hv ? hk : hv;
        need(p, h);
        pdf_put_layout(
                p, k, INK_SOFT, right ? p->width - PDF_SIDE - LABEL_WIDTH + 8 : PDF_SIDE, p->y);
        pdf_put_layout(p, v, INK_TEXT, right ? PDF_SIDE : PDF_SIDE + LABEL_WIDTH, p->y);
        p->y += h + 2;
    }
    p->y += GAP;
}

/* The code stands where a line begins, the words beside it. */
static void put_qr(pdf_place *p, const doc_block *b)
{
    bool right = b->l == LANG_UR;
    need(p, QR_SIDE + 8);
    double top = p->y + 4, y = top, inset = QR_SIDE + 14;
    pdf_put(p, (pdf_mark){ .kind = MARK_QR,
                       .page = p->page,
                       .ink = INK_TEXT,
                       .x = right ? p->width - PDF_SIDE - QR_SIDE : PDF_SIDE,
                       .y = top,
                       .w = QR_SIDE,
                       .h = QR_SIDE,
                       .text = cell(b, 0) });
    for (size_t i = 1; i < b->n_cells; i++) {
        PangoLayout *x = pdf_layout(
                p, b->l, i == 1 ? FACE_CELL_BOLD : FACE_CELL, b->cells[i], INNER - inset);
        pdf_put_layout(p, x, INK_TEXT, right ? PDF_SIDE : PDF_SIDE + inset, y);
        y += pdf_layout_height(x) + 2;
    }
    p->y = (y > top + QR_SIDE ? y : top + QR_SIDE) + GAP;
}

/* Both names face each other, whatever the page's language is. */
static void put_masthead(pdf_place *p, const doc_block *b)
{
    double half = INNER / 2 - 8, right = PDF_SIDE + INNER / 2 + 8;
    PangoLayout *x[4] = { pdf_layout(p, LANG_EN, FACE_NAME, cell(b, 0), half),
        pdf_layout(p, LANG_UR, FACE_NAME, cell(b, 1), half),
        pdf_layout(p, LANG_EN, FACE_SMALL, cell(b, 2), half),
        pdf_layout(p, LANG_UR, FACE_SMALL, cell(b, 3), half) };
    double h[4], top, below;
    for (size_t i = 0; i < 4; i++)
        h[i] = pdf_layout_height(x[i]);
    top = h[0] > h[1] ? h[0] : h[1];
    below = h[2] > h[3] ? h[2] : h[3];
    need(p, top + below + 12);
    pdf_put_layout(p, x[0], INK_ACCENT, PDF_SIDE, p->y + (top - h[0]) / 2);
    pdf_put_layout(p, x[1], INK_ACCENT, right, p->y + (top - h[1]) / 2);
    p->y += top;
    pdf_put_layout(p, x[2], INK_SOFT, PDF_SIDE, p->y);
    pdf_put_layout(p, x[3], INK_SOFT, right, p->y);
    p->y += below + 6;
    put_box(p, INK_ACCENT, PDF_SIDE, p->y, INNER, 1.4);
    p->y += 14;
}

static void put_banner(pdf_place *p, const doc_block *b)
{
    PangoLayout *x = pdf_layout(p, b->l, FACE_BOLD, cell(b, 0), INNER - 16);
    double h = pdf_layout_height(x) + 8;
    need(p, h);
    put_box(p, INK_ALARM, PDF_SIDE, p->y, INNER, h);
    pdf_put_layout(p, x, INK_WHITE, PDF_SIDE + 8, p->y + 4);
    p->y += h + GAP;
}

static void put_block(pdf_place *p, const doc_block *b)
{
    switch (b->kind) {
    case DOC_HEADING:
        put_heading(p, b);
        break;
    case DOC_TEXT:
        put_paragraph(p, b, FACE_TEXT, INK_TEXT, false);
        break;
    case DOC_STRONG:
        put_paragraph(p, b, FACE_BOLD, INK_TEXT, true);
        break;
    case DOC_SMALL:
        put_paragraph(p, b, FACE_SMALL, INK_SOFT, false);
        break;
    case DOC_FACTS:
        put_facts(p, b);
        break;
    case DOC_TABLE:
        put_table(p, b);
        break;
    case DOC_QR:
        put_qr(p, b);
        break;
    case DOC_MASTHEAD:
        put_masthead(p, b);
        break;
    case DOC_BANNER:
        put_banner(p, b);
        break;
    case DOC_SPACE:
        p->y += (double)b->n;
        break;
    case DOC_PAGE:
        next_page(p);
        break;
    case DOC_KINDS:
        ASSERT(!"a kind");
    }
}

err pdf_place_blocks(pdf_place *p, const doc *d)
{
    p->y = PDF_TOP;
    for (size_t i = 0; i < d->n; i++) {
        put_block(p, &d->blocks[i]);
        if (p->page >= DOC_PAGES_MAX) return ERR(E_TOO_LARGE, "error.pdf.pages");
        if (monotonic_us() > p->until_us) return ERR(E_TIMEOUT, "error.pdf.time");
    }
    return OK;
}
