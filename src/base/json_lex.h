/* json_lex.h - the spelling of JSON's strings and numbers (RFC 8259, sections 6 and 7).
 * Included by json.c only; pure, any thread. */
#pragma once
#include "base/base.h"

typedef enum { JSON_LEX_OK, JSON_LEX_ESCAPE, JSON_LEX_NUL } json_lex_result;

/* Unescapes a string token, quotes included, into out (room for raw.n bytes). *bad_at: the offset
 * in raw of a wrong escape, of half a surrogate pair, or of U+0000. raw is valid UTF-8 already. */
json_lex_result json_unescape(str raw, char *out, str *ret, size_t *bad_at);

/* No leading zero, no plus, digits on both sides of the point. */
bool json_is_number(str word);
