/* rules.h - what each rule of retention is about: its things page by page, the oldest first, and
 * how one of them goes. retention.c alone. */
#pragma once
#include "base/base.h"

struct txn;

typedef struct {
    int64_t row;
    instant made, at; /* at: since when its age counts */
    int64_t due, held;
} old_thing;
typedef err old_page_fn(
        struct txn *t, int64_t after, int64_t limit, old_thing **ret, size_t *ret_n);
typedef struct {
    const char *name; /* of the rule */
    old_page_fn *page;
    err (*remove)(struct txn *t, int64_t row);
} rule_rows;
/* NULL: the rule has no rows of its own (sign_in, and what settings say). */
const rule_rows *rule_rows_of(const char *name);
/* Sessions, links, challenges and ways to the identity provider that ended before. act false: only
 * counts. */
MUST_USE err rule_sign_in(struct txn *t, instant before, bool act, int64_t *ret_n, instant *oldest);
