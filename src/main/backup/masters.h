/* masters.h - which master key an older backup needs. What rolls in a folder of backups holds the
 * newest keys of the installation; what the records of an older backup wrap is under the master key
 * of its time. So beside the newest keys a folder keeps those of before, as long as it has a backup
 * that needs them. Owns nothing; main thread. Included by pack and unpack. */
#pragma once
#include "common/backup/place.h"

/* Takes the next key off what rolls: "NAME BYTES", a line's end, the bytes. *ret_name empty: that
 * was all. E_INVALID (error.backup.damaged). */
MUST_USE err masters_next(str *rolling, str *ret_name, str *ret_bytes);
/* The name of the entry with the keys of before. It is no file of keys/. */
#define MASTERS_BEFORE "master.before"
/* What the entry says, in a, empty for none: those that p's older backups need beside fresh, which
 * is to roll from *made on; *made is moved on where it would be of the same second as a backup that
 * needs one. */
MUST_USE err masters_before(arena *a, place *p, str fresh, instant *made, str *ret);
/* Those that the backup of that name needs are added to keys_dir's master key, which has been
 * written: everything opens, and the change to the newest key is still to be done. */
MUST_USE err masters_needed(str before, str name, const char *keys_dir);
