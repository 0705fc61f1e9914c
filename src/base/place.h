/* place.h - where in a text something stands: row, column, JSON pointer; and keys that stand twice.
 * Included by base's readers of JSON and YAML; any thread. */
#pragma once
#include "base/base.h"
#include "base/json.h"

/* A way into a document, innermost first: an object's key, or (key.p NULL) an array's index. */
typedef struct path {
    const struct path *up;
    str key;
    size_t index;
} path;

/* The same fault with the pointer of p, and the row and column of byte offset in the text. */
err err_placed(err e, arena *a, str in, const path *p, size_t offset);

/* The first member of object, in document order, whose key stands before it already; or NULL. */
const json *json_duplicate(arena *a, const json *object);
