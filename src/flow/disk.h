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
/* Gives the file at from a second name, or copies it where that cannot be; synced. `to` is
 * replaced. */
MUST_USE err disk_keep(const char *from, const char *to);
