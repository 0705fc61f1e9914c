/* copy.h - a consistent copy of a history, for a backup: sealed months as they are, the open one
 * and the overlay written anew out of one snapshot, while appending goes on. Owns files *.new of
 * the history's folder while it lasts. One copy at a time, on one thread; changes to the overlay
 * wait for its end, and a month that ends meanwhile is sealed after it. Called by common/backup. */
#pragma once
#include "events/history.h"

typedef struct history_copy history_copy;
/* Takes the snapshot; `at` is called while nothing is appended, so that what it takes a snapshot of
 * belongs to the same moment. It is short. Errors: at's, E_IO. */
MUST_USE err history_copy_begin(history *h, err (*at)(void *ctx), void *ctx, history_copy **ret);
/* Puts its files into folder dir, of the same file system, there and empty. E_IO. */
MUST_USE err history_copy_put(history_copy *c, const char *dir);
/* The months at the snapshot, oldest first, with the rows taken in: n, and the i-th. */
size_t history_copy_months(const history_copy *c);
history_month history_copy_month(const history_copy *c, size_t i);
void history_copy_end(history_copy *c); /* NULL is allowed */
