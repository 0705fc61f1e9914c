/* notice_write.h - findings into notices: one for an organisation and kind, joined while it is
 * held. While it is held its words are those of its first findings; notice_finish writes them anew
 * when it leaves, so that a flood of findings does not write every notice again and again. Writer
 * thread, within apply. WATCH only. */
#pragma once
#include "access/viewer.h"
#include "desk/watch/notice.h"
#include "gen/desk/watch/queries.h"

/* Findings of one organisation and kind, in the order of the ledger. */
typedef struct {
    int64_t org;
    str kind;
    const finding_new_row **at;
    size_t n, cap;
} finding_group;

/* Puts the group into the held notice that is there, or into a new one. first_held: row of the
 * oldest notice that is held, 0 none. */
MUST_USE err notice_write(txn *t, const realm *r, const viewer *sys, const notice_rules *rules,
        const finding_group *g, int64_t first_held);
