/* notice.h - how notices are written: of findings, by rule, in both languages. Included by
 * desk/watch and by main, which starts its reactions. */
#pragma once
#include "common/calendar/calendar.h"
#include "common/reaction/reaction.h"

/* What writing needs to know of the site. Constant; a realm's reactions keep one. */
typedef struct notice_rules {
    calendar cal; /* without holidays: those are read when a notice is written */
    int64_t hold_us;
} notice_rules;
MUST_USE err notice_rules_load(const conf *c, notice_rules *ret);
/* By when an answer is expected of an office with this calendar: critical 24 hours, high 72 hours,
 * medium 7 and the rest 30 working days. */
instant notice_due(const calendar *c, instant now, int64_t severity);

/* Brings a held notice's words up to date: findings may have joined it since they were written.
 * What the outbox calls (outbox_options.ready) before the first message leaves; ctx: the
 * notice_rules. */
MUST_USE err notice_finish(struct txn *t, const realm *r, void *ctx, int64_t notice);

enum { WATCH_REACTIONS = 2 };
/* WATCH's reactions for reactions_start. The rules must live as long as they do. */
void watch_reactions(const notice_rules *r, reaction_def ret[WATCH_REACTIONS]);
