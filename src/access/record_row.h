/* record_row.h - a record's handle as the cells of its row, and back; its digest. Included by
 * record.c, record_verify.c and index.c alone. The thread is the transaction's. */
#pragma once
#include "access/record.h"

enum { RECORD_MAGIC = 0x7265636f, RECORD_CELLS = 80 };

/* How many cells a row has (without its key), in the order of the generated statements. */
int record_n_cells(const record_def *d);
/* Whether cell i never changes once written: id, origin, author, created, salt. */
bool record_is_fixed(const record_def *d, int i);
/* The handle's cells. A sealed column whose text is what `old` had keeps old's ciphertext. */
MUST_USE err record_cells(
        txn *t, const record_def *d, record_head *h, const record_head *old, cell *ret);
/* Fills the handle from a row (its key first); sealed columns hold ciphertext until record_open. */
void record_take(txn *t, const record_def *d, const cell *row, record_head *h);
MUST_USE err record_open(txn *t, const record_def *d, record_head *h);
/* Copies the own columns of a draft into the handle. */
void record_copy(txn *t, const record_def *d, record_head *h, const void *draft);
/* Of the columns that came after the record, what an older version has is left out (record.h). */
void record_hash(const record_def *d, const cell *cells, uint8_t ret[32]);
