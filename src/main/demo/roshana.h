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

/* What organisations are asked to do, what they say when it is done, and holidays: the day as
 * month and day of the year that is shown; month 0: so many days from now, expected. */
enum { ROSHANA_TODOS = 6, ROSHANA_HOLIDAYS = 4 };
typedef struct {
    const char *lang, *title, *said, *seen;
} roshana_todo;
extern const roshana_todo roshana_todos[ROSHANA_TODOS];
typedef struct {
    int month, day, days;
    const char *name_en, *name_ur, *sector, *province;
} roshana_holiday;
extern const roshana_holiday roshana_holidays[ROSHANA_HOLIDAYS];

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
