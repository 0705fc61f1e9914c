/* place_in.h - the inside of a folder of backups, for place*.c alone. */
#pragma once
#include "common/backup/place.h"
#include "common/backup/sealed.h"

enum { PLACE_PATH = 4400, SUB_CHUNK = 1, SUB_NAME, SUB_MANIFEST, SUB_ROLLING };

struct place {
    int fd, lock;              /* the folder; its header, locked */
    bool write, beside;        /* beside: without the lock */
    char dir[4096], fresh[64]; /* fresh: folder of chunks that have no name yet, below dir */
    char set[33];
    uint8_t key[BACKUP_KEY];                  /* the set's */
    uint8_t sub[SUB_ROLLING + 1][BACKUP_KEY]; /* its subkeys */
    char *packed, *sealed;                    /* room for one chunk */
    uint8_t (*put)[CHUNK_NAME];               /* of this run */
    size_t n_put, cap_put;
};

MUST_USE err place_fault(const char *what);                      /* E_IO, with errno */
MUST_USE err place_write(place *p, const char *name, str bytes); /* durable before its name */
MUST_USE err place_read(place *p, arena *a, const char *name, size_t most, str *ret);
MUST_USE err place_sync(place *p);
void chunk_path(const uint8_t name[CHUNK_NAME], char ret[80]);
/* Removes DIR/fresh-*. */
void place_sweep(place *p);
