/* promote_work.h - a commit's findings on their way to the store. Included by promote*.c alone. */
#pragma once
#include "common/findings/findings.h"
#include "flow/promote.h"

enum { PROMOTE_SLICE = 128, PROMOTE_TABLE = 512, PROMOTE_ROW_BITS = 20 };

typedef struct promote_slice promote_slice;
struct promote_slice {
    promote_slice *next;
    int64_t place; /* of the last row that it stands for */
    size_t n;
    promote_item item[PROMOTE_SLICE];
    uint16_t table[PROMOTE_TABLE]; /* place of an item plus 1, by key */
};

struct promote_work {
    arena *a;
    promote_slice *first, *last;
    size_t n_items;
    int64_t place; /* what the whole stands for */
};

/* A place in the history as one number that grows: batch, then row. */
static inline int64_t promote_place_of(int64_t batch, int64_t row_no)
{
    ASSERT(batch >= 0 && batch < INT64_C(1) << 42 && row_no >= 0 && row_no < 1 << PROMOTE_ROW_BITS);
    return batch << PROMOTE_ROW_BITS | row_no;
}
enum { PROMOTE_WHOLE_BATCH = (1 << PROMOTE_ROW_BITS) - 1 };
