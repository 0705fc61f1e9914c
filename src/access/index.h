/* index.h - the words by which records are found: written in the transaction of the record that
 * they are of, read through the see clause alone. Owns tables NAME_words and search_index. FTS5 on
 * SQLite, tsvector on PostgreSQL. put: access/record.c; fill: access/realm.c; the rest:
 * common/search. The thread is the transaction's. */
#pragma once
#include "access/record.h"
#include "engine/words/words.h"

/* After the record is made (was NULL) or changed (was: the draft that stood before). Nothing where
 * the kind is not searched. */
MUST_USE err index_put(txn *t, const record_def *d, const record_head *h, const void *was);

/* What is asked for, as the store's engine takes it; empty: nothing to ask. */
typedef struct {
    const words_group *groups;
    size_t n;
} index_question;
/* Rows of this kind that have all the words and that v sees, from below `before`, newest first. */
MUST_USE err index_find(txn *t, const viewer *v, const record_def *d, const index_question *q,
        int64_t before, int64_t limit, int64_t *ret_rows, size_t *ret_n);
/* How many there are of them, counted up to limit. */
MUST_USE err index_count(txn *t, const viewer *v, const record_def *d, const index_question *q,
        int64_t limit, int64_t *ret);

/* Writes the words of what stood before the index did, or before words were made otherwise: in
 * steps, each durable, so that it goes on where it was stopped. Before anybody is served. */
MUST_USE err index_fill(store *s);
