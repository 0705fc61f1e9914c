/* checkpoint.h - moves SQLite's log into the file on a thread beside the writer, so that no commit
 * waits for it. Owns a connection of its own. Included by src/store/sqlite.c alone. */
#pragma once
#include "base/base.h"

struct sqlite3;
typedef struct checkpoint checkpoint;
MUST_USE err checkpoint_start(const char *path, checkpoint **ret);
/* After a commit, on the writer: how many pages the log holds now. Mostly only a word to the
 * thread; when the log has grown long, the writer moves the rest through its own db, so that the
 * next commit begins the log anew. */
void checkpoint_hint(checkpoint *c, struct sqlite3 *db, int pages);
void checkpoint_stop(checkpoint *c);
