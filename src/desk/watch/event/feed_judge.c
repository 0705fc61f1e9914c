/* feed_judge.c - see feed_judge.h. */
#include "desk/watch/event/feed_judge.h"

enum { DAYS_UNKNOWN = 7, FETCHES_MISSED = 3 };
const char *const feed_trouble_names[FEED_TROUBLES] = { "late", "silent", "more", "rejects" };

feed_limits feed_limits_load(const conf *c)
{
    return (feed_limits){ .silent_times = conf_int(c, "feed.silent_times"),
        .rejects_pct = conf_int(c, "feed.rejects_pct"),
        .rejects_least = conf_int(c, "feed.rejects_least"),
        .more_pct = conf_int(c, "feed.more_pct"),
        .more_least = conf_int(c, "feed.more_least") };
}

int64_t feed_patience_us(int64_t every_s, int64_t expect_every_s)
{
    int64_t s = expect_every_s ? expect_every_s : every_s * FETCHES_MISSED;
    return s ? s * US_PER_S : DAYS_UNKNOWN * US_PER_DAY;
}

feed_state feed_quiet(const feed_limits *l, int64_t silent_us, int64_t patience_us)
{
    if (silent_us <= patience_us) return FEED_ALIVE;
    return silent_us <= l->silent_times * patience_us ? FEED_LATE : FEED_SILENT;
}

int64_t feed_usual(const feed_facts *f)
{
    int64_t sorted[FEED_DAYS];
    size_t n = 0;
    for (size_t d = FEED_USUAL_FROM; d < FEED_DAYS; d++) {
        int64_t rows = f->days[d].rows;
        if (!rows) continue;
        size_t at = n++;
        for (; at && sorted[at - 1] > rows; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = rows;
    }
    return n < FEED_USUAL_LEAST ? 0 : sorted[n / 2];
}

/* Of today so far or of the whole of yesterday: a day that doubled stays told until one has passed
 * that did not. */
static bool brings_more(const feed_facts *f, const feed_limits *l, bool had)
{
    int64_t usual = feed_usual(f), pct = had ? (100 + l->more_pct) / 2 : l->more_pct;
    int64_t most = f->days[0].rows > f->days[1].rows ? f->days[0].rows : f->days[1].rows;
    return usual >= l->more_least && most * 100 >= usual * pct;
}

static bool brings_rejects(const feed_facts *f, const feed_limits *l, bool had)
{
    int64_t bad = f->days[0].bad + f->days[1].bad, all = bad + f->days[0].rows + f->days[1].rows;
    int64_t least = had ? 1 : l->rejects_least;
    return bad >= least && bad * 100 * (had ? 2 : 1) >= all * l->rejects_pct;
}

uint32_t feed_judge(const feed_facts *f, const feed_limits *l, uint32_t had)
{
    feed_state s =
            feed_quiet(l, f->now.us - f->since.us, feed_patience_us(f->every_s, f->expect_every_s));
    uint32_t bits = 0;
    if (s != FEED_ALIVE) bits |= 1U << TROUBLE_LATE;
    if (s == FEED_SILENT) bits |= 1U << TROUBLE_SILENT;
    if (brings_more(f, l, had >> TROUBLE_MORE & 1)) bits |= 1U << TROUBLE_MORE;
    if (brings_rejects(f, l, had >> TROUBLE_REJECTS & 1)) bits |= 1U << TROUBLE_REJECTS;
    return bits;
}
