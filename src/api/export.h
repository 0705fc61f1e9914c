/* export.h - a list as a file: `?format=csv` or `jsonl` on a list route that the table lets out.
 * The route's own handler is asked page by page, each page by the rights that stand then; rows go
 * to a file without a name, and leave once the ledger says who took what. Nothing of it is by list:
 * columns and labels come from the route's row. Included by src/api only. */
#pragma once
#include "api/api.h"

typedef enum { EXPORT_CSV, EXPORT_JSONL, EXPORT_PDF, EXPORT_FORMATS } export_format;
enum { EXPORT_COLUMNS = 64, EXPORT_PAGE = 200, EXPORT_PAPER_COLUMNS = 8, EXPORT_PAPER_ROWS = 2000 };
struct export_paper;

/* What was asked for. Lives in the call's arena. */
typedef struct exporting {
    export_format format;
    bool bom;
    str columns[EXPORT_COLUMNS]; /* paths into an item: "org.name" */
    str words[EXPORT_COLUMNS];   /* pdf: the list whose words a column's values are; or empty */
    size_t n_columns;
    str query;  /* the list's own parameters, as sent */
    str filter; /* the same as JSON, as far as it may stand in the ledger */
} exporting;

/* Is a file wanted? The query may still be wrong. */
bool export_wanted(arena *a, const route *r, str query);
/* Parts what is said of the file from the list's own parameters, and checks it. */
MUST_USE err export_take(arena *a, const route *r, str query, const exporting **ret);

/* ---- rows: export_rows.c ---- */
typedef struct {
    int64_t rows;
    int label;                  /* the highest so far; -1: none */
    struct export_paper *paper; /* pdf: where rows go */
} export_tally;
/* Names of the columns, and the mark of UTF-8 before them where it is wanted. */
void export_head(buf *b, const exporting *x);
/* The items of one page, appended. */
MUST_USE err export_items(buf *b, arena *a, lang l, const exporting *x, const route *r, str page,
        export_tally *t, str *ret_next);

/* "org.name": a member of a member. NULL where there is none. */
const json *export_at(const json *item, str path);
/* A value as words in the reader's language. */
str export_words(arena *a, lang l, const json *v);

/* ---- on pages: export_paper.c ---- */
typedef struct export_paper export_paper;
/* E_CONFIG: what stands on paper is not set as it should be. Lives in a, which holds the rows. */
MUST_USE err export_paper_new(arena *a, const call *c, const exporting *x, export_paper **ret);
void export_paper_row(export_paper *p, const json *item);
/* The pages; name: what the file is called. Errors: printer_print's. *ret lives in a. */
MUST_USE err export_paper_print(
        export_paper *p, const call *c, const export_tally *t, instant at, str name, str *ret);

/* ---- the file: export_sheet.c ---- */
typedef struct export_sheet export_sheet;
/* In folder, known by no name: it is gone with its descriptor. E_IO. */
MUST_USE err export_sheet_open(const char *folder, export_sheet **ret);
/* E_TOO_LARGE beyond what a file may hold. */
MUST_USE err export_sheet_put(export_sheet *s, str bytes);
/* Ready to be read from the start; the caller's from then on. */
MUST_USE err export_sheet_give(export_sheet *s, arena *a, str name, const call_saved **ret);
void export_sheet_close(export_sheet *s);

struct walk;
/* Makes the file and leaves it as the call's answer, or the walk has its fault. On a worker. */
void export_run(struct walk *w);
