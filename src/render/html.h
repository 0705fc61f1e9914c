/* html.h - HTML that escapes by construction: elements, attributes and text are written by calls,
 * never by pasting. For public pages and mail. Any layer above base; the thread that holds the
 * arena. */
#pragma once
#include "base/base.h"
#include "base/text.h"

typedef struct {
    buf b;
    const char *open[32]; /* elements that are open */
    int depth;
} html;

html html_new(arena *a);
typedef struct {
    const char *name;
    str value;
} html_attr;
/* Opens an element. Values are escaped; an attribute whose value has no bytes is written without
 * one
 * ("required"). Void elements close themselves. href, action and src take only "/..." and
 * "http(s)://...": anything else is left out. */
void html_element(html *h, const char *name, const html_attr *attrs, size_t n);
void html_tag(html *h, const char *name);            /* without attributes */
void html_text(html *h, str text);                   /* newlines become <br> */
void html_end(html *h);                              /* closes the innermost element */
void html_line(html *h, const char *name, str text); /* an element with text alone */
void html_link(html *h, str url, str words);
str html_done(html *h); /* closes what is open; the text */

/* A whole page in language l: head, and title as heading. stylesheet: an address of ours, or NULL
 * (mail). */
html html_page(arena *a, lang l, str title, const char *stylesheet);
