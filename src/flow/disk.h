/* disk.h - the few things that the pipeline does with files of its own: small ones whole, large
 * ones moved into its spool, all durable before anything speaks of them. Any thread. */
#pragma once
#include "base/base.h"

/* E_ABSENT when there is none; E_TOO_LARGE beyond max. */
MUST_USE err disk_read(arena *a, const char *path, size_t max, str *ret);
/* Whole or not at all: written beside, synced, renamed; mode 0600. */
MUST_USE err disk_write(const char *path, str text);
/* Makes the folder unless it is there. */
MUST_USE err disk_folder(const char *path);
/* SHA-256 of a file's bytes and how many there are. */
MUST_USE err disk_hash(const char *path, uint8_t ret[32], int64_t *ret_bytes);
/* The content at from gets the name `to` too, which is replaced; synced. ours: nobody writes into
 * it any more, so that a second name will do; else, and across file systems, it is copied. */
MUST_USE err disk_keep(const char *from, const char *to, bool ours);
/* Renames within one file system, durably. */
MUST_USE err disk_move(const char *from, const char *to);
