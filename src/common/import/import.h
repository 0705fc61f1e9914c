/* import.h - files that people bring: columns guessed from their headings (English, Urdu), a
 * preview, row errors in words. Owns the reading of a sheet, not what is done with its rows. One
 * thread. */
#pragma once
#include "base/base.h"
#include "base/json.h"
#include "base/text.h"

/* A field that the importer knows. headings: folded headings it goes by, parted by '|'. */
typedef struct {
    const char *name;
    const char *headings;
    bool required;
} import_field;

enum { IMPORT_ERRORS = 1000, IMPORT_FIELDS = 32, IMPORT_MAX_ROWS = 2000000 };

typedef struct import_sheet import_sheet;
typedef struct {
    int64_t number;  /* row of the file, the heading is 1 */
    const str *cell; /* by field; empty where the sheet has no such column */
} import_row;

/* Opens a sheet over content (borrowed). override: "column=field,column=field", or empty.
 * Errors: E_INVALID when it is no table, a required field has no column, or override is wrong. */
MUST_USE err import_open(arena *a, str content, str file_name, const import_field *fields, size_t n,
        str override, import_sheet **ret);
/* The next row; cells are trimmed. Rows that cannot be read are noted and passed over. */
bool import_next(import_sheet *s, import_row *ret);
/* Notes that a cell of this row is wrong: the words come from e. field -1: the row as a whole. */
void import_bad(import_sheet *s, const import_row *r, int field, err e);

/* What the report says. */
typedef struct {
    int64_t read, done, same, bad;
} import_counts;
import_counts *import_counts_of(import_sheet *s);
/* Writes members "mapping" and "errors" into the open object. */
void import_report(const import_sheet *s, jsonw *w, lang l);
