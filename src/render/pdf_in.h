/* pdf_in.h - between pdf_place.c, which decides where everything stands, and pdf.c, which draws it.
 * Points, from the upper left corner of a page. Included by src/render alone. */
#pragma once
#include "render/pdf.h"
#include <pango/pangocairo.h>

#define PDF_SHORT 595.276 /* A4 */
#define PDF_LONG 841.89
#define PDF_SIDE 62.0
#define PDF_TOP 58.0
#define PDF_BOTTOM 66.0

struct pdf_fonts {
    void *conf; /* FcConfig */
    PangoFontMap *map;
    PangoContext *context[LANGS];
};

typedef enum {
    FACE_TEXT,
    FACE_BOLD,
    FACE_SMALL,
    FACE_CELL,
    FACE_CELL_BOLD,
    FACE_HEAD_1,
    FACE_HEAD_2,
    FACE_NAME,
    FACES
} pdf_face;
typedef enum {
    INK_TEXT,
    INK_SOFT,
    INK_LINE,
    INK_ACCENT,
    INK_WHITE,
    INK_ALARM,
    INK_GROUND,
    INKS
} pdf_ink;

typedef enum { MARK_LINE, MARK_BOX, MARK_QR } pdf_mark_kind;
typedef struct {
    pdf_mark_kind kind;
    int32_t page;
    pdf_ink ink;
    double x, y, w, h;
    PangoLayoutLine *line; /* MARK_LINE: x, y is its baseline's beginning */
    str text;              /* MARK_QR */
} pdf_mark;

typedef struct {
    arena *a;
    pdf_fonts *fonts;
    pdf_mark *marks;
    size_t n, cap;
    GPtrArray *layouts; /* freed after drawing */
    int32_t page;
    double width, height; /* of a page: upright or wide */
    double y;
    int64_t until_us;
} pdf_place;

/* A layout in language l; width < 0: as wide as it comes. It is the place's. */
PangoLayout *pdf_layout(pdf_place *p, lang l, pdf_face face, str text, double width);
double pdf_layout_height(PangoLayout *x);
/* All lines of a layout from (x, y) on, on the page at hand. */
void pdf_put_layout(pdf_place *p, PangoLayout *x, pdf_ink ink, double left, double top);
void pdf_put(pdf_place *p, pdf_mark m);
MUST_USE err pdf_place_blocks(pdf_place *p, const doc *d);
/* A QR code's dark squares (libqrencode), row by row, n side by side at once; x, y and size (of the
 * whole code) in squares, without the quiet zone. False: the text does not fit. */
typedef void pdf_qr_run(void *ctx, int x, int y, int n, int size);
bool pdf_qr(arena *a, str text, pdf_qr_run *run, void *ctx);
