/* stage.h - files and folders of a snapshot: linked, copied, written, removed. Owns nothing; any
 * thread. Called by snapshot.c, and by main for what is restored. */
#pragma once
#include "base/base.h"

/* Links what stands below a realm's folder, but for the records' and the history's own files, into
 * `to`; what is there already stays, and what vanishes meanwhile is passed over. E_IO. */
MUST_USE err stage_link_realm(const char *from, const char *to);
/* The plain files of one folder; none when it is not there. */
MUST_USE err stage_copy_folder(const char *from, const char *to);
MUST_USE err stage_write(const char *path, str bytes);
/* Durable before it has its name. E_IO. */
MUST_USE err stage_write_durable(const char *dir, const char *name, str bytes);
void stage_remove(const char *path); /* with all below it */
/* Removes what an earlier run left in DATA/spool. */
void stage_sweep(const char *data_dir);
