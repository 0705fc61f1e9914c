/* field.h - rows of generated structs on their way to and from SQL and JSON: which member is which
 * column. Included by generated code, store/query.c and access/record.c. Any thread. */
#pragma once
#include "base/base.h"
#include "base/json.h"
#include "store/store.h"

typedef enum {
    FIELD_I64,
    FIELD_F64,
    FIELD_BOOL,
    FIELD_TEXT,
    FIELD_BLOB,
    FIELD_ID,
    FIELD_TIME,
    FIELD_JSON,
    FIELD_TEXTS,
    FIELD_SEALED, /* text in the struct, ciphertext in the row: access/record.c turns one into the
                     other */
} field_type;

/* One member. NULL is: has_NAME false for i64, f64 and bool; p == NULL for text, blob and json; all
 * zero for id and time. */
typedef struct field {
    const char *name;
    field_type type;
    bool nullable;
    uint16_t offset, has; /* offsets in the struct; has 0: no flag */
} field;

bool field_is_set(const field *f, const void *row);
/* The member as a cell, borrowed. A field that may not be NULL never gives CELL_NULL. */
cell field_cell(const field *f, const void *row);
/* Puts c into the member; text and blobs are copied into a, or borrowed when a is NULL. */
void field_take(const field *f, void *row, const cell *c, arena *a);
void field_json(jsonw *w, const field *f, const void *row);
/* One object of all members but those that begin with '_'. */
void fields_json(jsonw *w, const field *fields, size_t n, const void *row);
/* The same members, into the object that is open. */
void fields_members(jsonw *w, const field *fields, size_t n, const void *row);
