/* power_log.h - one record of what a program did to a file: the record, then the path's bytes
 * (below the folder), then n bytes of data where the kind has any. Host's byte order. */
#pragma once
#include <stdint.h>

#define POWER_MAGIC UINT32_C(0x5057524d)

typedef enum {
    POWER_MADE,   /* opened with leave to make it */
    POWER_WROTE,  /* n bytes at `at` */
    POWER_CUT,    /* made at bytes long */
    POWER_LONG,   /* made at least at bytes long */
    POWER_SYNCED, /* all before this is on the disk */
    POWER_NAMED,  /* the path is now what the data says */
    POWER_GONE,   /* removed */
    POWER_TOLD,   /* data: what somebody outside was answered; the path says of what kind */
} power_kind;

typedef struct {
    uint32_t magic, kind, path_n;
    uint64_t at, n;
} power_record;
