/* schema.h - what a decode table looks like: the shape of a JSON body or a query, field by field.
 * Tables are made by tools/gen/schemas.py from data/schemas; constant. Included by gen/schemas.h. */
#pragma once
#include "base/base.h"
#include "base/json.h"

typedef enum {
    FIELD_TEXT,   /* str */
    FIELD_EMAIL,  /* str, looks like an address */
    FIELD_ID,     /* id128 */
    FIELD_TIME,   /* instant */
    FIELD_I64,    /* int64_t */
    FIELD_F64,    /* double */
    FIELD_BOOL,   /* bool */
    FIELD_TEXTS,  /* str_list: array of text */
    FIELD_JSON,   /* const json *: anything of an undeclared shape */
    FIELD_OBJECT, /* const struct NAME *: a nested schema */
} field_kind;

typedef struct {
    const str *at;
    size_t n;
} str_list;

enum { FIELD_NO_HAS = UINT16_MAX };
typedef struct schema schema;
typedef struct {
    str name;
    field_kind kind;
    bool required, nullable;
    uint16_t at;         /* offset in the struct */
    uint16_t has;        /* offset of has_NAME, FIELD_NO_HAS for required fields */
    int64_t min, max;    /* characters of a text, or range of a number */
    int64_t max_items;   /* FIELD_TEXTS */
    const str *words;    /* allowed texts, or NULL */
    size_t n_words;
    const schema *object;
} schema_field;

struct schema {
    const char *name;    /* "OrganisationDraft" */
    const schema_field *fields;
    size_t n;
    size_t size;         /* of the struct */
};

/* A form body (application/x-www-form-urlencoded), as public pages without script send it. */
typedef struct {
    str name, value;
} form_pair;
struct form {
    const form_pair *at;
    size_t n;
};
str form_get(const struct form *f, str name); /* empty when absent */
