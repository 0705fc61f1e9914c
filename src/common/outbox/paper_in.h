/* paper_in.h - between the files of letters. Included by common/outbox alone. */
#pragma once
#include "common/outbox/paper.h"

/* A letter before it is one. */
typedef struct {
    str number, code;
    instant issued;
    lang first; /* the language that stands first */
} paper_head;
/* Its pages, as the printer takes them; in the txn's arena. */
MUST_USE err paper_words(txn *t, const realm *r, const viewer *v, const paper_options *o,
        const delivery_handle *d, const paper_head *h, str *ret_packed);
