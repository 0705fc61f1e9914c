/* hit.h - how a found record is shown: title, a line below, its place in the console. Included by
 * common/search alone; the transaction's thread. */
#pragma once
#include "common/search/search.h"

/* Of a row that v sees. The texts are a's. E_ABSENT: not seen any more. */
MUST_USE err hit_of(txn *t, const viewer *v, const record_def *d, int64_t row, lang l, arena *a,
        search_hit *ret);
