/* feed_alarm.h - a feed that is late, silent, brings far more than is usual or rows that cannot be
 * read: those who run feeds are told once, and once more when it is well. Owns tables feed_day,
 * feed_pulse, feed_alarm. WATCH only; turns and counts within a writing transaction. */
#pragma once
#include "access/realm.h"
#include "base/conf.h"
#include "common/reaction/reaction.h"

typedef struct {
    const realm *r;
    const conf *conf;
    str public_url;
} feed_watch;
MUST_USE err feed_turn_wanted(struct txn *t, const feed_watch *w, bool *ret);
MUST_USE err feed_turn(struct txn *t, const feed_watch *w);
/* A reaction: each file that was read in counts for its feed's day. */
MUST_USE err feed_count(
        struct txn *t, const realm *r, void *ctx, const ledger_item *entries, size_t n);
