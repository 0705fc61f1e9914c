/* value.h - one field's value: checked by its table row and put into the struct.
 * Included by decode.c and query.c only. */
#pragma once
#include "api/schema.h"

/* Text for a field (from JSON or a query): limits, words, format. */
MUST_USE err value_text(const schema_field *f, str text, str pointer, void *at);
/* Numbers, and truth written as text, as in a query. */
MUST_USE err value_written(const schema_field *f, str text, str pointer, void *at);
MUST_USE err value_i64(const schema_field *f, int64_t v, str pointer, int64_t *at);
err value_wrong(const char *key, str pointer, str a1, str a2);
