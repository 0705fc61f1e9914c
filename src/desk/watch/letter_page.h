/* letter_page.h - the public page on which whoever holds a letter sees whether it is ours: in the
 * reader's language and then in the other one, without script. Included by letter.c. */
#pragma once
#include "common/outbox/paper_options.h"

typedef enum { LETTER_ASKED, LETTER_OURS, LETTER_WITHDRAWN, LETTER_UNKNOWN } letter_page_state;
typedef struct {
    lang lang;
    paper_options o;
    letter_page_state state;
    str number, org; /* of one that is ours */
    instant issued, withdrawn;
} letter_page;
str letter_page_show(arena *a, const letter_page *p);
