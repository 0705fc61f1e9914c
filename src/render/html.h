/* html.h - HTML that escapes by construction: elements, attributes and text are written by calls, never
 * by pasting. For public pages and mail. Any layer above base; the thread that holds the arena. */
#pragma once
#include "base/base.h"
#include "base/text.h"

typedef struct {
    buf b;
    const char *open[32];   /* elements that are open */
    int depth;
} html;

html html_new(arena *a);
/* Opens an element; attributes as name, value pairs ended by NULL. Values are escaped; an attribute
 * whose value has no bytes is written without one ("required"). Void elements close themselves.
 * href and action take only "/..." and "http(s)://...": anything else is left out. */
void html_tag(html *h, const char *name, ...) __attribute__((sentinel));
typedef struct {
    const char *name;
    str value;
} html_attr;
void html_element(html *h, const char *name, const html_attr *attrs, size_t n);
void html_text(html *h, str text);       /* newlines become <br> */
void html_end(html *h);                  /* closes the innermost element */
str html_done(html *h);                  /* asserts that all is closed */

/* A whole public page in language l: head with the stylesheet, the mark, a main part that body writes. */
typedef void (*html_body)(html *h, void *ctx);
str html_page(arena *a, lang l, str title, html_body body, void *ctx);
