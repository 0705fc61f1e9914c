/* follow.h - a copy that follows on a second machine: what is known of it here, and the fence. All
 * of it is small files in DATA/realm, which the server may read, written by the commands that copy
 * and take over. Owns those files. Any thread.
 *   copy.json     how the copying goes, said anew every two seconds
 *   epoch.json    whose turn it is: the number grows by one with each take-over
 *   fenced.json   another machine has taken over: nothing here opens the stores any more */
#pragma once
#include "base/base.h"

enum { FOLLOW_BEAT_S = 2, FOLLOW_EVERY_MIN = 2, FOLLOW_EVERY_MAX = 3600 };

typedef struct {
    str state; /* "waiting", "copying", "failed", "away", "taken_over" */
    int64_t every_s, took_ms, entries, new_bytes, epoch;
    instant at;                       /* when this was said */
    instant made;                     /* the moment of the last whole copy; {0}: none yet */
    instant standby_at, standby_made; /* when the second machine was heard, what it has; {0} */
} follow_state;
/* In a. E_ABSENT: nothing copies. E_INVALID, E_IO. */
MUST_USE err follow_read(arena *a, const char *data_dir, follow_state *ret);
MUST_USE err follow_write(const char *data_dir, const follow_state *s);
/* Seconds that would be lost now, by the last copy; -1: nothing was ever copied. */
int64_t follow_age_s(const follow_state *s, instant now);
/* Is the copy older than it should be, or does nobody make it any more? */
bool follow_late(const follow_state *s, instant now);

typedef struct {
    int64_t epoch;    /* 0: never copied */
    str machine;      /* 16 hexadecimal digits: which installation */
    const char *into; /* the folder that it copies into; empty after a take-over */
} follow_epoch;
/* In a; all zero when there is none. E_INVALID, E_IO. */
MUST_USE err follow_epoch_read(arena *a, const char *data_dir, follow_epoch *ret);
MUST_USE err follow_epoch_write(const char *data_dir, const follow_epoch *e);
/* As a text, for the folder's mark too. */
str follow_epoch_text(arena *a, const follow_epoch *e);
MUST_USE err follow_epoch_parse(arena *a, str text, follow_epoch *ret);

/* From here on nothing opens this data folder's stores: E_CONFIG (error.backup.fenced). */
MUST_USE err follow_fence(const char *data_dir, int64_t epoch);
bool follow_fenced(const char *data_dir);
