/* decode.h - requests into C structs by table: a JSON body, a query, a form. Unknown members,
 * duplicates, wrong types, values out of limits are refused with the JSON pointer of the place.
 * Any thread; results live in the arena and borrow from the input. */
#pragma once
#include "api/schema.h"

/* A JSON body of at most the route's size. *ret is the schema's struct. Errors: E_USAGE (not JSON),
 * E_INVALID with pointer. */
MUST_USE err decode_body(arena *a, const schema *s, str body, const void **ret);
MUST_USE err decode_json(arena *a, const schema *s, const json *v, str pointer, const void **ret);
/* A query string "a=1&b=x". Pointers are "/a". s NULL: nothing is allowed. */
MUST_USE err decode_query(arena *a, const schema *s, str query, const void **ret);
/* A form body; at most 64 pairs. */
MUST_USE err decode_form(arena *a, str body, const struct form **ret);
