/* text.h - the words people read: catalogues made from data/text/(en|ur)/AREA.po at build time.
 * Any layer, any thread, constant after start. A key missing from either catalogue fails the build.
 */
#pragma once
#include "base/base.h"

typedef enum { LANG_EN, LANG_UR, LANGS } lang;
bool lang_parse(str s, lang *ret); /* "en", "ur", also "ur-PK" */
str lang_code(lang l);
/* The catalogue's text for a key: T(l, "notice.subject"). {1} {2} {3} are placeholders. Literal
 * keys are checked by the build; an unknown computed key gives the key itself. */
str T(lang l, const char *key);
bool text_has(const char *key);
/* Marks a literal as a key for the build's check where T() comes later: a table of keys, say. */
#define TK(key) key
str text_fill(arena *a, str pattern, str a1, str a2, str a3);
/* A fault in words: what happened, where, what to do; one line, in language l. */
str fault_text(arena *a, lang l, const fault *f);
