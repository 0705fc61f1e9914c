/* history_in.h - the inside of the history, for the C files of src/events only.
 * Locks, taken in this order: upkeep (one change or sweep at a time), writing (the one
 * transaction), shape (months and views: every query reads it, a roll or swap writes it), pool
 * (free readers). */
#pragma once
#include "events/duck.h"
#include "events/history.h"

#include <pthread.h>
#include <stdatomic.h>

#define READERS_MAX 64
#define MONTHS_MAX 1200 /* a hundred years */

/* One month's file, attached as catalog mYYYYMM; its events with the overlay are the view vYYYYMM.
 */
typedef struct month {
    int year_month;
    bool open, overlaid;
    int n_columns;             /* of event, in this file: columns are only added at the end */
    int64_t first_batch;       /* batches from here to the next month's first one */
    int64_t first_us, last_us; /* when its batches came; last is INT64_MAX while it is open */
    _Atomic int64_t last_batch, n_rows; /* so far; n_rows as taken in */
} month;

struct history {
    char *dir;
    int64_t query_us;
    uint8_t key[16]; /* of the public ids */
    duckdb_database db;
    pthread_mutex_t upkeep, writing, pool;
    pthread_rwlock_t shape;
    pthread_cond_t freed;
    duckdb_connection keeper;  /* under shape for writing, or before anybody else is there */
    duckdb_connection sweeper; /* under upkeep */
    duckdb_connection writer;  /* under writing */
    duckdb_connection readers[READERS_MAX];
    int n_readers, n_free;
    duckdb_connection free[READERS_MAX];
    month months[MONTHS_MAX]; /* oldest first; under shape */
    size_t n_months;
    int64_t next_batch, next_seq, last_us; /* under writing */
    bool copied; /* under writing: a copy is being made, and no month is sealed meanwhile */
};

/* months.c */
MUST_USE err months_load(history *h); /* at open: finds, repairs, attaches */
MUST_USE err months_roll(
        history *h, instant now); /* under writing: the month that now falls into is open */
MUST_USE err month_view(history *h, month *m); /* under shape for writing: (re)makes its view */
MUST_USE err month_copy(
        history *h, const month *m); /* under upkeep: writes FILE.new without erased rows */
/* Writes the rows of m that are not erased into the empty file that c has attached as `to`. */
MUST_USE err month_rows_copy(duckdb_connection c, const month *m, const char *to);
MUST_USE err month_swap(history *h, month *m); /* under shape for writing: FILE.new becomes FILE */
MUST_USE err month_remove(history *h, size_t i); /* under shape for writing */
int64_t month_end(const history *h, size_t i);   /* the next month's first batch, or INT64_MAX */
month *month_of_batch(history *h, int64_t batch);
void month_path(const history *h, int year_month, const char *suffix, char out[4096]);
static inline month *month_open(history *h)
{
    return h->n_months > 0 ? &h->months[h->n_months - 1] : NULL;
}

/* overlay.c */
MUST_USE err overlay_load(history *h); /* at open, before months_load */
MUST_USE err overlay_count(
        duckdb_connection c, const month *m, int64_t until, bool erased_only, int64_t *ret);

/* event_id.c */
MUST_USE err event_key_load(history *h);
void event_ids(const history *h, const event_key *keys, size_t n, id128 *ret);
event_key event_key_of(const history *h, id128 id);

/* disk.c: what has to be on disk before the next step */
MUST_USE err disk_sync_dir(const char *dir);
MUST_USE err disk_write_new(const char *dir, const char *name, const void *p, size_t n);
int64_t disk_bytes(const char *path); /* 0 when it is not there */
