/* letter.h - a mail's words: paragraphs and links, told once, written as plain text and as HTML.
 * Lives in its arena. Included by common/outbox alone. */
#pragma once
#include "render/html.h"

typedef struct {
    lang l;
    buf text;
    html page;
} letter;
letter letter_new(arena *a, lang l, str title);
void letter_say(letter *x, str paragraph);
void letter_link(letter *x, str words, str url);
void letter_done(letter *x, str *ret_text, str *ret_html);
