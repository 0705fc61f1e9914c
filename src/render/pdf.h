/* pdf.h - a doc as PDF: Pango lays text out by its language's direction, Cairo draws it, fonts are
 * embedded in part. The same doc and the same fonts give the same bytes. Fonts are read once, by
 * pdf_fonts_open, from files that are named one by one; drawing opens nothing.
 * One thread at a time. Pango has a thread of its own: whoever gives rights up does it before. */
#pragma once
#include "render/doc.h"

#define PDF_FONT_FOLDER "/usr/share/fonts/truetype/noto" /* Debian's fonts-noto-core */

typedef struct pdf_fonts pdf_fonts;
/* Errors: E_CONFIG (error.pdf.font names the file): absent or not a font. */
MUST_USE err pdf_fonts_open(const char *folder, pdf_fonts **ret);
void pdf_fonts_close(pdf_fonts *f); /* NULL: nothing */

/* until_us: by base's monotonic clock. Errors: E_INVALID (error.pdf.doc: more blocks, cells or text
 * than doc.h allows, text that is no UTF-8), E_TOO_LARGE (error.pdf.pages), E_TIMEOUT
 * (error.pdf.time). *ret lives in a. */
MUST_USE err pdf_make(pdf_fonts *f, const doc *d, int64_t until_us, arena *a, str *ret);
/* Whether a doc keeps to doc.h's limits. */
bool doc_fits(const doc *d);
