/* power_disk.h - what a disk holds while a program writes to it: what is safe (synced) and what is
 * on its way, made from a log of power_log.c. One thread. */
#pragma once
#include "power_log.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    uint64_t at, n;
    power_kind kind;
    const uint8_t *data; /* in the log */
} power_change;

typedef struct {
    char *path; /* below the folder */
    bool there;
    uint8_t *safe;
    size_t n, room;
    power_change *way; /* not synced yet, in order */
    size_t n_way, room_way;
} power_file;

typedef struct {
    power_file *files;
    size_t n, room;
    const char *only[2]; /* files whose path begins with neither are left out */
} power_disk;

/* What stands in folder base is safe. Ends the program when it cannot be read. */
void disk_begin(power_disk *d, const char *base);
/* One record of the log; path and data stay the log's. */
void disk_take(power_disk *d, const power_record *r, const char *path, const uint8_t *data);
void disk_free(power_disk *d);

/* How a file looks after the power went: what is safe, and of what was on its way nothing, all, its
 * beginning, or sectors by chance. */
typedef enum { LEFT_NONE, LEFT_ALL, LEFT_FIRST, LEFT_SECTORS, LEFT_KINDS } power_left;
/* A file as it was left: what is safe, with the blocks that differ in front of it. Borrows f, which
 * must not change meanwhile. */
typedef struct power_view power_view;
/* NULL when the file is not there. seed decides what is left of it. */
power_view *disk_view(const power_file *f, power_left how, uint64_t *seed);
size_t view_size(const power_view *v);
/* n bytes at `at`; what lies behind the end is zero. */
void view_read(const power_view *v, void *to, size_t n, size_t at);
/* Writes the whole as file path. */
void view_save(const power_view *v, const char *path);
void view_free(power_view *v);

uint64_t power_random(uint64_t *seed);
