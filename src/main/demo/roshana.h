/* roshana.h - the Republic of Roshana as files: its constituents, its feeds, a day of events.
 * Fictional; reserved addresses, AS numbers, domains and telephones only. Pure; deterministic for a
 * seed. */
#pragma once
#include "base/base.h"

enum { ROSHANA_FEEDS = 3 };
typedef struct {
    const char *key, *format, *name_en, *name_ur, *declaration;
} roshana_feed;
extern const roshana_feed roshana_feeds[ROSHANA_FEEDS];

/* The constituents file: CSV with English and Urdu headings. */
str roshana_constituents(arena *a, uint64_t seed);
/* Indicators, one a line. */
str roshana_indicators(arena *a);
/* The file of feed f for the day that begins at `day`, the n-th of the story; scale in percent. */
str roshana_day(arena *a, uint64_t seed, int f, int64_t n, instant day, int64_t scale);
/* A few rows of right now, for a feed that trickles. tick: a running number. */
str roshana_now(arena *a, uint64_t seed, int f, int64_t tick, instant now);
/* Name of such a file. */
str roshana_file_name(arena *a, int f, instant day, const char *what);
