/* notice_write.h - findings into notices: one for an organisation and kind, joined while it is held.
 * Writer thread, within apply. WATCH only. */
#pragma once
#include "access/viewer.h"
#include "desk/watch/notice.h"
#include "gen/desk/watch/queries.h"

/* When the findings of notices that are still held were seen, so that joining one needs no look at all
 * of them. One a realm; a slot that another notice took is filled from the store again. */
enum { EXTENT_SLOTS = 256 };
typedef struct {
    int64_t notice;
    instant first, last;
} notice_extent_slot;

typedef struct {
    notice_rules rules;
    notice_extent_slot slots[EXTENT_SLOTS];
} notice_writer;

/* Findings of one organisation and kind, in the order of the ledger. */
typedef struct {
    int64_t org;
    str kind;
    const finding_new_row **at;
    size_t n, cap;
} finding_group;

/* Puts the group into the held notice that is there, or into a new one. first_held: row of the oldest
 * notice that is held, 0 none. */
MUST_USE err notice_write(txn *t, const realm *r, const viewer *sys, notice_writer *w,
        const finding_group *g, int64_t first_held);
