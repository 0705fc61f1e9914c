/* doc.h - what stands on paper: a small model of pages that a letter and an export are made of,
 * drawn by pdf.h. Constant slices that live elsewhere; any thread. Nothing here knows what a page
 * is about. */
#pragma once
#include "base/base.h"
#include "base/text.h"

typedef enum {
    DOC_HEADING,  /* cells: the words; n: 1 or 2 */
    DOC_TEXT,     /* cells: a paragraph, newlines kept */
    DOC_STRONG,   /* a paragraph that must be read: a bar beside it */
    DOC_SMALL,    /* a paragraph in small type */
    DOC_FACTS,    /* cells: label, value, label, value ..; n: 2 */
    DOC_TABLE,    /* cells: row by row, the head first; n: columns */
    DOC_QR,       /* cells: what the code says, then the lines beside it */
    DOC_MASTHEAD, /* cells: name in English, name in Urdu, a line below each */
    DOC_BANNER,   /* cells: words across the page, white on red */
    DOC_SPACE,    /* n: points */
    DOC_PAGE,     /* from here on a new page */
    DOC_KINDS
} doc_kind;

typedef struct {
    doc_kind kind;
    lang l; /* of the words: their direction, typeface and side */
    int64_t n;
    const str *cells;
    size_t n_cells;
} doc_block;

typedef struct {
    str title, author;
    str mark;     /* "AMBER": the TLP label on each page; empty: none */
    str foot;     /* on each page, beside its number: reads left to right */
    instant made; /* the only time in the file */
    bool wide;    /* pages lie on their side: for tables */
    const doc_block *blocks;
    size_t n;
} doc;

enum {
    DOC_BLOCKS_MAX = 4000,
    DOC_CELLS_MAX = 8000, /* of one block */
    DOC_COLUMNS_MAX = 12,
    DOC_TEXT_MAX = 32 << 10, /* of one cell */
    DOC_PAGES_MAX = 300,
    DOC_QR_MAX = 600
};
