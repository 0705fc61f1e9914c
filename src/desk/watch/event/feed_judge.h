/* feed_judge.h - is a feed well? By when it last brought something and how much of it by day,
 * against limits that are settings. Pure. WATCH only. */
#pragma once
#include "base/conf.h"
#include "desk/watch/feed.h"

/* Today, yesterday, and the fourteen days before them that say what is usual. */
enum { FEED_USUAL_FROM = 2, FEED_DAYS = 16, FEED_USUAL_LEAST = 5 };
typedef struct {
    int64_t rows, bad; /* rows taken in, rows that could not be read */
} feed_day;
typedef struct {
    instant now, since; /* since: when it last brought something, or was last changed by hand */
    int64_t every_s, expect_every_s;
    feed_day days[FEED_DAYS]; /* today first */
} feed_facts;
typedef struct {
    int64_t silent_times, rejects_pct, rejects_least, more_pct, more_least;
} feed_limits;
typedef enum {
    TROUBLE_LATE,
    TROUBLE_SILENT,
    TROUBLE_MORE,
    TROUBLE_REJECTS,
    FEED_TROUBLES
} feed_trouble;
extern const char *const feed_trouble_names[FEED_TROUBLES];

feed_limits feed_limits_load(const conf *c);
/* How long silence may last; a feed of which nothing is known has a week. */
int64_t feed_patience_us(int64_t every_s, int64_t expect_every_s);
/* FEED_ALIVE, FEED_LATE or FEED_SILENT. */
feed_state feed_quiet(const feed_limits *l, int64_t silent_us, int64_t patience_us);
/* Rows of a usual day: the median of the fourteen that brought any; 0: too few to say. */
int64_t feed_usual(const feed_facts *f);
/* Bits by feed_trouble. had: those it has already, which end at half the way back, so that one that
 * stands at its limit is told once. */
uint32_t feed_judge(const feed_facts *f, const feed_limits *l, uint32_t had);
