/* checkpoint.h - moves SQLite's log into the file on a thread beside the writer, so that no commit
 * waits for it. Owns a connection of its own. Included by src/store/sqlite.c alone. */
#pragma once
#include "base/base.h"

typedef struct checkpoint checkpoint;
MUST_USE err checkpoint_start(const char *path, checkpoint **ret);
/* After a commit, on the writer: how many pages the log holds now. true: it has grown so long that
 * the writer must move it itself, now. */
MUST_USE bool checkpoint_hint(checkpoint *c, int pages);
void checkpoint_stop(checkpoint *c);
/* Moves what it can through db. A disk that fails stops the process: what was acknowledged is in
 * the log, and a second try may report success for lost pages. */
struct sqlite3;
void checkpoint_now(struct sqlite3 *db);
