/* schema.h - what a decode table looks like: the shape of a JSON body or a query, field by field.
 * Tables are made by tools/gen/schemas.py from data/schemas; constant. Included by gen/schemas.h.
 */
#pragma once
#include "base/base.h"
#include "base/json.h"

typedef enum {
    VALUE_TEXT,   /* str */
    VALUE_EMAIL,  /* str, looks like an address */
    VALUE_ID,     /* id128 */
    VALUE_TIME,   /* instant */
    VALUE_I64,    /* int64_t */
    VALUE_F64,    /* double */
    VALUE_BOOL,   /* bool */
    VALUE_TEXTS,  /* str_list: array of text */
    VALUE_JSON,   /* const json *: anything of an undeclared shape */
    VALUE_OBJECT, /* const struct NAME *: a nested schema */
} value_kind;

typedef struct {
    const str *at;
    size_t n;
} str_list;

enum { VALUE_NO_HAS = UINT16_MAX };
typedef struct schema schema;
typedef struct {
    str name;
    value_kind kind;
    bool required, nullable;
    uint16_t at;       /* offset in the struct */
    uint16_t has;      /* offset of has_NAME, VALUE_NO_HAS for required fields */
    int64_t min, max;  /* characters of a text, or range of a number */
    int64_t max_items; /* VALUE_TEXTS */
    const str *words;  /* allowed texts, or NULL */
    size_t n_words;
    const schema *object;
    bool lines; /* a text that may hold line breaks and tabs; no text holds other control characters
                 */
    bool plain; /* a word of the machine (a state, a kind): may be told to the ledger */
} schema_field;

struct schema {
    const char *name; /* "OrganisationDraft" */
    const schema_field *fields;
    size_t n;
    size_t size; /* of the struct */
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
