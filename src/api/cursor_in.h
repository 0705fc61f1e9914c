/* cursor_in.h - sealing and opening a cursor without a call. Included by src/api, its tests and its
 * fuzz target. */
#pragma once
#include "api/api.h"

enum { CURSOR_TEXT_MAX = 400, CURSOR_BYTES = 700 };
typedef struct {
    const uint8_t *key; /* 32 bytes */
    id128 person, org;
    str realm, route;
} cursor_scope;
/* Returns the length; out is NUL-terminated. */
size_t cursor_seal(const cursor_scope *s, const cursor *k, char out[CURSOR_BYTES]);
bool cursor_open(const cursor_scope *s, arena *a, str text, cursor *ret);
cursor_scope cursor_scope_of(const call *c);
