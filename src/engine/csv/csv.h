/* csv.h - rows of separated values (RFC 4180 and what is really sent): quoted newlines, CRLF, BOM,
 * NUL, stray quotes, huge rows. Pure: the caller owns the input and the arena. One thread a reader.
 * Cells are slices of the input; only cells with doubled quotes or bad UTF-8 are copied. */
#pragma once
#include "base/base.h"

enum { CSV_MAX_COLUMNS = 1000, CSV_MAX_ROW_BYTES = 1 << 20 };

typedef enum {
    CSV_ROW,  /* a row is in row */
    CSV_BAD,  /* a row that breaks a limit or never closes its quote: raw is kept, see fault */
    CSV_MORE, /* the input ends within a row: call again with more after the same start */
    CSV_END   /* nothing is left */
} csv_result;

typedef enum { CSV_FINE, CSV_OPEN_QUOTE, CSV_TOO_LONG, CSV_TOO_MANY_COLUMNS } csv_fault;

typedef struct {
    str raw;         /* the row's bytes without its line end */
    size_t used;     /* bytes of the input taken with it, skipped lines before it included */
    size_t skipped;  /* bytes of empty and comment lines before raw */
    int64_t number;  /* 1-based, counts rows, not lines; the header is row 1 */
    const str *cell; /* valid until the next call */
    uint32_t n;
    bool stray_quote; /* a quote where none may be; the text was taken as it stands */
    bool repaired;    /* NUL or bad UTF-8 became U+FFFD in the cells; raw has the bytes */
    csv_fault fault;
} csv_row;

typedef struct csv csv;
/* comment: lines that begin with it are skipped; 0 for none. Lives in a. */
csv *csv_new(arena *a, char separator, char comment);
/* Says where reading goes on: the number of rows that came before. Forgets any BOM to skip. */
void csv_resume(csv *c, int64_t rows_before);
/* Takes the next row off in. last: nothing follows in. Copied cells go to a. */
csv_result csv_next(csv *c, arena *a, str in, bool last, csv_row *row);
/* , ; TAB or |: the one that splits the first lines of a sample most evenly; ',' when none does. */
char csv_guess_separator(str sample, char comment);
